"""Request ids and one log line per request."""

import logging
import re
import time
from secrets import token_hex
from urllib.parse import quote

from flask import Flask, Response, g, request

log = logging.getLogger("sluice.access")

HEADER = "X-Request-Id"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# The signed part of a private video's media address lets its reader in.
_PASS = re.compile(r"/~[^/]*")


def request_id() -> str:
    """The current request's id: the caller's own if it is a decent one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _GOOD_ID.fullmatch(given) else token_hex(8)
    return str(g.request_id)


def note_user(user_id: str) -> None:
    """Name the caller in the request's log line."""
    g.user_id = user_id


def install(flask_app: Flask) -> None:
    """Give every request an id and a log line."""
    flask_app.before_request(_start)
    flask_app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    log.info(
        "request=%s method=%s path=%s status=%d ms=%.1f user=%s",
        request_id(),
        quote(request.method),
        quote(_PASS.sub("/~", request.path)),
        response.status_code,
        (time.perf_counter() - g.started) * 1000 if "started" in g else 0.0,
        quote(g.get("user_id", "-")),
    )
    return response
