"""Headers that every answer carries, and who may read answers from another origin."""

import re

from flask import Flask, Response

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_EXPOSED = ["ETag", "Location", "Idempotency-Replayed", "X-Request-Id", "Retry-After"]
_ALLOWED = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id"]


def install(flask_app: Flask, cors_origins: tuple[str, ...]) -> None:
    """Add the headers; other origins than these get no leave to read."""
    flask_app.after_request(_secure)
    if cors_origins:
        from flask_cors import CORS

        # flask-cors takes a string with brackets, as in an IPv6 address, for a pattern.
        origins = [re.compile(re.escape(origin) + r"\Z", re.IGNORECASE) for origin in cors_origins]
        CORS(
            flask_app,
            resources=[r"/api/.*", r"/config\.json"],
            origins=origins,
            allow_headers=_ALLOWED,
            expose_headers=_EXPOSED,
            methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
            always_send=False,
            max_age=600,
        )


def _secure(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    return response
