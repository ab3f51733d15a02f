"""Models of what goes over the wire: written as JSON, and read strictly, nothing unknown and nothing coerced."""

import json
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, dataclass_transform, get_args, get_origin

_SCALARS: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "Give a text."),
    int: ((int,), "Give a whole number."),
    float: ((int, float), "Give a number."),
    bool: ((bool,), "Give true or false."),
    dict: ((dict,), "Give an object."),
    list: ((list,), "Give a list."),
}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Model:
    """What its annotations name, frozen by the type checker; what is left out has the default on the class.

    No dataclass: that compiles functions for each class, and every start of the API would wait for some thirty of them.
    """

    # What its members are called over the wire, by their names in Python.
    names: ClassVar[dict[str, str]]
    ignores_unknown: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.names = {name: cls.spelled(name) for name in cls.__annotations__}

    def __init__(self, **members: Any) -> None:
        vars(self).update(members)

    @staticmethod
    def spelled(name: str) -> str:
        """What a member of this name is called over the wire."""
        return name


class Wire(Model):
    """A body, sent or received."""

    @staticmethod
    def spelled(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.capitalize, rest))


class Header(Model):
    """Headers of a request."""

    @staticmethod
    def spelled(name: str) -> str:
        return name.replace("_", "-").title()


class Told:
    """Said of a type by `Annotated`: what reads it instead, raising ValueError, and its keywords in JSON Schema."""

    def __init__(
        self, description: str | None = None, *, read: Callable[[Any], object] | None = None, **schema: Any
    ) -> None:
        self.read = read
        self.schema = schema | ({"description": description} if description else {})


class Unfit(ValueError):
    """A value does not fit its type; `errors` says where, and why in words."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


M = TypeVar("M", bound=Model)


def members(model: Model) -> dict[str, Any]:
    """Its members under their names over the wire."""
    return {name: getattr(model, own) for own, name in model.names.items()}


def json_of(model: Model | dict[str, Any]) -> str:
    """The model as compact JSON."""
    return json.dumps(model, default=members, ensure_ascii=False, separators=(",", ":"))


def read(model: type[M], given: Mapping[str, Any]) -> M:
    """The model with these members; Unfit, with everything that is wrong, where they are not what it asks for."""
    found: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for own, name in model.names.items():
        try:
            if name in given:
                found[own] = _member(name, model.__annotations__[own], given[name])
            elif own not in vars(model):
                errors.append((name, "This is required."))
        except Unfit as error:
            errors += error.errors
    if not model.ignores_unknown:
        errors += [(name, "There is no such field.") for name in given if name not in model.names.values()]
    if errors:
        raise Unfit(errors)
    return model(**found)


def _member(name: str, kind: Any, given: Any) -> Any:
    try:
        return _value(kind, given)
    except Unfit as error:
        raise Unfit([(f"{name}.{place}", words) for place, words in error.errors]) from None
    except ValueError as error:
        raise Unfit([(name, str(error))]) from None


def _value(kind: Any, given: Any) -> Any:
    origin, inner = _taken_apart(kind)
    if origin is Annotated:
        instead = next((told.read for told in kind.__metadata__ if told.read), None)
        return instead(given) if instead else _value(inner[0], given)
    if origin in (Union, types.UnionType):
        return None if given is None else _value(inner[0], given)
    if origin is Literal:
        return _one_of(inner, given)
    if origin is list:
        return [_member(str(place), inner[0], item) for place, item in enumerate(_scalar(list, given))]
    if origin is dict:
        return {name: _member(name, inner[1], item) for name, item in _scalar(dict, given).items()}
    return read(kind, _scalar(dict, given)) if issubclass(kind, Model) else _scalar(kind, given)


@cache
def _taken_apart(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(kind), get_args(kind)


def _one_of(known: tuple[str, ...], given: Any) -> Any:
    if given not in known:
        raise ValueError(f"Give {' or '.join(known)}.")
    return given


def _scalar(kind: type, given: Any) -> Any:
    kinds, words = _SCALARS[kind]
    if not isinstance(given, kinds) or (isinstance(given, bool) and kind is not bool):
        raise ValueError(words)
    return given


def as_text(given: Any) -> str:
    """The value if it is a text, for what reads texts further; ValueError if not."""
    return str(_scalar(str, given))
