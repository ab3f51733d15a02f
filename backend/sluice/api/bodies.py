"""JSON bodies, read strictly: what two parsers could read differently is refused."""

import json
from typing import Any

from flask import request
from werkzeug.exceptions import ClientDisconnected

from sluice.errors import Refused

MAX_BODY_BYTES = 64 * 1024


def read_json() -> Any:
    """The request's JSON. Refused(not_json, body_too_large, malformed_json)."""
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Refused("not_json", "Send JSON in UTF-8, with Content-Type: application/json.")
    # A ValueError is a broken or ambiguous text, a RecursionError one that is nested beyond all sense, an OSError one
    # that broke off, or came in chunks that are none.
    try:
        return json.loads(_body().decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError, OSError, ClientDisconnected) as error:
        raise Refused("malformed_json", "The body is not well-formed JSON in which every name is unique.") from error


def _body() -> bytes:
    body = b""
    # A body in chunks does not say how long it is, so it is counted; one read may bring less than was asked for.
    while (request.content_length or len(body)) <= MAX_BODY_BYTES:
        chunk = request.stream.read(MAX_BODY_BYTES + 1 - len(body))
        if not chunk and len(body) < (request.content_length or 0):
            raise ValueError("cut off")
        if not chunk:
            return body
        body += chunk
    raise Refused("body_too_large", f"The body is larger than {MAX_BODY_BYTES} bytes.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
