"""Frozen dataclasses as those of the standard library, but made sooner: for what functions import at a cold start.

The library compiles six methods for each class. Here all classes have the same ones, but for what makes an instance,
which is compiled when the first is made.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as _of_the_library
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_UNSET = object()

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool) -> Callable[[type], type]:
        """What the library's does; all fields are to be told to `__init__`, and all classes are to be frozen."""
        if not frozen:
            raise TypeError("a dataclass of this kind is frozen")
        return _made


def _made(cls: Any) -> Any:
    for name, method in {**_METHODS, "__init__": _first_init(cls)}.items():
        if name not in vars(cls):
            setattr(cls, name, method)
    return _of_the_library(init=False, eq=False, repr=False)(cls)


def _first_init(cls: Any) -> Callable[..., None]:
    """What makes the first instance, and puts what makes the others into its own place."""

    def init(self: Any, *given: Any, **named: Any) -> None:
        cls.__init__ = _init(cls)
        cls.__init__(self, *given, **named)

    return init


def _init(cls: Any) -> Callable[..., None]:
    names: dict[str, Any] = {"unset": _UNSET}
    given, lines = ["self"], ["own = self.__dict__"]
    for field in fields(cls):
        value = field.name
        if field.default is not MISSING:
            names[f"default_{field.name}"] = field.default
            given.append(f"{field.name}=default_{field.name}")
        elif field.default_factory is not MISSING:
            names[f"make_{field.name}"] = field.default_factory
            given.append(f"{field.name}=unset")
            value = f"make_{field.name}() if {field.name} is unset else {field.name}"
        else:
            given.append(field.name)
        lines.append(f"own[{field.name!r}] = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    # The words are those of our own classes, as with the library's.
    exec(f"def __init__({', '.join(given)}):\n " + "\n ".join(lines), names)  # noqa: S102
    init: Callable[..., None] = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


# --- what all have in common ------------------------------------------------------------------------------------


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple([self.__dict__[field.name] for field in fields(self) if field.compare])


def _equals(self: Any, other: object) -> Any:
    return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _shown(self: Any) -> str:
    told = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(told)})"


def _refuse_to_set(_: Any, name: str, __: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_METHODS = {
    "__eq__": _equals,
    "__hash__": _hash,
    "__repr__": _shown,
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
}
