"""How the API describes itself: routes that carry their description, and what every operation may answer.

Only `document.py` puts it together, when somebody asks for it: to answer requests, none of that is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint

from .schemas import Wire

REF = "#/components/schemas/{model}"
SIGNED_IN: list[dict[str, list[Any]]] = [{"bearer": []}]
ANYBODY: list[dict[str, list[Any]]] = [{}, {"bearer": []}]


class Tag(NamedTuple):
    """A group of operations."""

    name: str
    description: str


UPLOADS = Tag("uploads", "Getting a file in.")
VIDEOS = Tag("videos", "Publishing, watching, changing.")
SYSTEM = Tag("system", "The service itself.")

_PROBLEMS = {
    400: ("malformed_json", "The body is not well-formed JSON."),
    401: ("unauthenticated", "No token, or not a valid one."),
    404: ("not_found", "No such video, or not for this caller."),
    409: ("conflict", "Not in this state (`not_uploaded`, `not_failed`, `source_gone`), or changed meanwhile."),
    413: ("too_large", "The file would be too large, or the body is (`body_too_large`)."),
    415: ("not_json", "The body is not declared as JSON."),
    422: ("invalid_fields", "Some fields can't be taken, each is named; or `idempotency_key_reused`."),
    429: ("daily_limit", "All that is encoded for this user in a day (UTC) is used up; the detail says until when."),
    501: ("format_not_offered", "Not in this format."),
    503: ("unavailable", "Something behind the API does not answer; try again."),
    507: ("no_space", "There is no room for another upload."),
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
    """The documented answers of an operation: the good ones, and these statuses as problems; 503 always."""
    found: dict[str | int, Any] = {status: _problem(status) for status in (*problems, 503)}
    return found | good


def _problem(status: int) -> dict[str, Any]:
    code, words = _PROBLEMS[status]
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
    headers = {"WWW-Authenticate": {"schema": {"type": "string"}}} if status == 401 else None
    content = {"application/problem+json": {"schema": schema, "example": example}}
    return {"description": words, "content": content, **({"headers": headers} if headers else {})}


def created(model: type[Wire], words: str) -> dict[str, Any]:
    """The answer to a creating call."""
    return _described(model, words, {**_LOCATION, **_REPLAYED})


def tagged(model: type[Wire], words: str) -> dict[str, Any]:
    """An answer that carries an ETag."""
    return _described(model, words, _ETAG)


def not_modified() -> dict[str, Any]:
    """The answer to a condition that held."""
    return {"description": "Still what the given ETag stands for.", "headers": _ETAG}


def _described(model: type[Wire], words: str, headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
    return {"description": words, "content": content, "headers": headers}
