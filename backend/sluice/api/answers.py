"""Answers with a body, and the headers that go with them."""

from hashlib import sha256

from flask import Response, request

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


def conditional(body: Model) -> Response:
    """The model as JSON with a strong ETag, or 304 if the caller has it."""
    response = answer(body)
    response.set_etag(sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def absolute(url: str) -> str:
    """The URL with our public address before it, unless it has one of its own."""
    return house().settings.public_url + url if url.startswith("/") else url
