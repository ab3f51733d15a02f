"""Answers with a body, and the headers that go with them."""

from hashlib import sha256
from typing import Any

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from .context import house
from .wire import Model, json_of


def answer(body: Model, status: int = 200, *, location: str | None = None) -> Response:
    """The model as JSON, for this caller alone."""
    response = Response(json_of(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    if location:
        response.headers["Location"] = absolute(location)
    return response


def tagged(body: Model) -> Response:
    """The model as JSON with a strong ETag."""
    response = answer(body)
    response.set_etag(_tag(response.get_data()))
    return response


def conditional(body: Model) -> Response:
    """The same, or 304 if the caller has it."""
    return as_asked(tagged(body))


def require_expected(body: Model) -> None:
    """PreconditionFailed where the request is meant for something else than this."""
    tag = _tag(json_of(body).encode())
    if (request.if_match and not request.if_match.contains(tag)) or request.if_none_match.contains_weak(tag):
        raise PreconditionFailed


def _tag(body: bytes) -> str:
    return sha256(body).hexdigest()[:32]


def as_asked(response: Response, **parts: Any) -> Response:
    """The response as the request's conditions ask for it: 304, a part of it, or PreconditionFailed."""
    # Left to the framework a condition that fails would have the whole body, and a part would not ask about it.
    tag = str(response.get_etag()[0])
    if request.if_match:
        holds = request.if_match.contains(tag)
    else:
        known, changed = request.if_unmodified_since, response.last_modified
        holds = known is None or changed is None or changed <= known
    if not holds:
        raise PreconditionFailed
    # Who has it all gets no part of it again.
    judged = ["HTTP_IF_MATCH", *(["HTTP_RANGE"] if request.if_none_match.contains_weak(tag) else [])]
    response.make_conditional({name: value for name, value in request.environ.items() if name not in judged}, **parts)
    return response


def absolute(url: str) -> str:
    """The URL with our public address before it, unless it has one of its own."""
    return house().settings.public_url + url if url.startswith("/") else url
