"""Checks a request before its view runs: who calls, then the address, then what was sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from flask import Response, request

from sluice.errors import Refused

from .bodies import read_json
from .context import Caller, tokens
from .problems import invalid_field, invalid_fields
from .trace import note_user
from .wire import Model, Unfit, read

View = Callable[..., Response]
M = TypeVar("M", bound=Model)


def checked(view: View) -> View:
    """The view, called with what its parameters ask for by name, all of it valid.

    `caller` needs a token, `operator` an operator's, `viewer` may have one; `path`, `query`, `header` and `body` are
    models."""
    readers = _readers(view)

    @wraps(view)
    def call(**address: str) -> Response:
        return view(**{name: take(address) for name, take in readers})

    return call


def _readers(view: View) -> list[tuple[str, Callable[[dict[str, str]], Any]]]:
    hints = get_type_hints(view)
    known: dict[str, Callable[[dict[str, str]], Any]] = {
        "caller": lambda _: _caller(),
        "operator": lambda _: _operator(),
        "viewer": lambda _: _viewer(),
        "path": lambda address: hints["path"](**address),
        "query": lambda _: _query(hints["query"]),
        "header": lambda _: _header(hints["header"]),
        "body": lambda _: _valid(hints["body"], read_json()),
    }
    return [(name, take) for name, take in known.items() if name in hints]


def _caller() -> Caller:
    caller = tokens().check(request.headers.get("Authorization"))
    note_user(caller.user_id)
    return caller


def _operator() -> Caller:
    caller = _caller()
    if not caller.operates:
        raise Refused("not_operator", "This is for the operators of this service alone.")
    return caller


def _viewer() -> Caller | None:
    return _caller() if "Authorization" in request.headers else None


def _query(model: type[M]) -> M:
    twice = next((name for name, values in request.args.lists() if len(values) > 1), None)
    if twice is not None:
        raise invalid_field(twice[:100], "Give this once.")
    return _valid(model, request.args.to_dict())


def _header(model: type[M]) -> M:
    return _valid(model, {name: request.headers[name] for name in model.names.values() if name in request.headers})


def _valid(model: type[M], value: object) -> M:
    if not isinstance(value, dict):
        raise invalid_field("body", "Send a JSON object.")
    try:
        return read(model, value)
    except Unfit as error:
        raise invalid_fields(error) from error
