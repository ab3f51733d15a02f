"""How the API describes itself: routes that carry their description, and what every operation may answer.

Only `document.py` puts it together, when somebody asks for it: to answer requests, none of that is needed."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint

from sluice.records import dataclass

from .wire import Wire

REF = "#/components/schemas/{model}"
SIGNED_IN: list[dict[str, list[Any]]] = [{"bearer": []}]
ANYBODY: list[dict[str, list[Any]]] = [{}, {"bearer": []}]


class Tag(NamedTuple):
    """A group of operations."""

    name: str
    description: str


UPLOADS = Tag("uploads", "Getting a file in.")
VIDEOS = Tag("videos", "Publishing, watching, changing.")
OPERATOR = Tag("operator", "Looking after the service; for the group `operators`.")
SYSTEM = Tag("system", "The service itself.")

_PROBLEMS = {
    400: ("malformed_json", "The body is not well-formed JSON, or this is no request we can read (`bad_request`)."),
    401: ("unauthenticated", "No token, or not a valid one."),
    403: (
        "stored_minutes_limit",
        "All the minutes, or bytes (`stored_bytes_limit`), that are kept for this user are used; delete some.",
    ),
    404: ("not_found", "No such video, or not for this caller."),
    409: ("conflict", "Not in this state (`not_uploaded`, `not_failed`, `source_gone`), or changed meanwhile."),
    413: ("too_large", "The file would be too large, or the body is (`body_too_large`)."),
    414: ("bad_request", "The address is too long."),
    415: ("not_json", "The body is not declared as JSON."),
    422: ("invalid_fields", "Some fields can't be taken, each is named; or `idempotency_key_reused`."),
    429: (
        "calls_limit",
        "Too many calls in a minute, uploads under way (`uploads_limit`) or minutes encoded in a day of UTC "
        "(`daily_limit`); detail and Retry-After say until when.",
    ),
    431: ("bad_request", "The headers are too long, or too many."),
    503: ("unavailable", "Something behind the API does not answer; try again."),
    507: ("no_space", "There is no room for another upload."),
}
# What becomes of a request that is none, and of every other one on a bad day.
_ALWAYS = (400, 414, 431, 503)
_PROBLEM_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
_EXAMPLE_ERRORS = [{"field": "title", "message": "Give 1 to 200 characters."}]
_ETAG = {"ETag": {"description": "Changes with the body.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where to find it.", "schema": {"type": "string", "format": "uri"}}}
_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` if this is the kept answer to an earlier call with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


@dataclass(frozen=True)
class Operation:
    """One method at one address, the view behind it and what is told of it."""

    method: str
    rule: str
    view: Callable[..., Any]
    told: dict[str, Any]


class Described(Blueprint):
    """Routes whose `operation_id`, `security` and `responses` are kept for the description."""

    def __init__(self, name: str, import_name: str, tag: Tag, url_prefix: str | None = None) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.tag = tag
        self.operations: list[Operation] = []

    def route(self, rule: str, **options: Any) -> Callable[..., Any]:
        told = {name: options.pop(name) for name in ("operation_id", "security", "responses")}
        add = super().route(rule, **options)

        def described(view: Callable[..., Any]) -> Callable[..., Any]:
            self.operations += [Operation(method.lower(), rule, view, told) for method in options["methods"]]
            added: Callable[..., Any] = add(view)
            return added

        return described


def documented(good: dict[int, Any], *problems: int) -> dict[str | int, Any]:
    """The documented answers of an operation: the good ones, and these statuses as problems, and those of `_ALWAYS`."""
    found: dict[str | int, Any] = {status: refused(status, *_PROBLEMS[status]) for status in (*problems, *_ALWAYS)}
    return found | good


def refused(status: int, code: str, words: str) -> dict[str, Any]:
    """A refusal that means something else here than it does elsewhere."""
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": words,
        "code": code,
    }
    if status == 422:
        example["errors"] = _EXAMPLE_ERRORS
    schema = {"$ref": REF.format(model="Problem")}
    headers = _PROBLEM_HEADERS.get(status)
    content = {"application/problem+json": {"schema": schema, "example": example}}
    return {"description": words, "content": content, **({"headers": headers} if headers else {})}


CHANGED_SINCE = refused(412, "precondition_failed", "The given ETag stands for something else by now.")


def created(model: type[Wire], words: str) -> dict[str, Any]:
    """The answer to a creating call."""
    return _described(model, words, {**_LOCATION, **_REPLAYED})


def tagged(model: type[Wire], words: str) -> dict[int, Any]:
    """The answers with this model, by which others can be asked for under a condition."""
    return {
        **changed(model, words),
        304: {"description": "Still what the given ETag stands for.", "headers": _ETAG},
    }


def changed(model: type[Wire], words: str) -> dict[int, Any]:
    """The answers to a call that may expect to find what its caller has read."""
    return {200: _described(model, words, _ETAG), 412: CHANGED_SINCE}


def _described(model: type[Wire], words: str, headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
    return {"description": words, "content": content, "headers": headers}
