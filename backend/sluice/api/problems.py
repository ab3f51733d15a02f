"""Every error as RFC 9457 problem+json: the one place that turns an error into a status."""

import logging
from collections.abc import Sequence
from http import HTTPStatus

from flask import Flask, Response
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from sluice.errors import Conflict, NotFound, Refused, SluiceError, Unauthenticated, Unavailable

from .schemas import FieldProblem, Problem
from .trace import request_id

log = logging.getLogger("sluice.api")

MIME = "application/problem+json"
RETRY_AFTER_S = 5

_BY_CODE = {
    "too_large": 413,
    "body_too_large": 413,
    "malformed_json": 400,
    "not_json": 415,
    "invalid_fields": 422,
    "idempotency_key_reused": 422,
    "daily_limit": 429,
    "no_space": 507,
}
# What these errors say is for the log; their callers get a sentence that gives nothing away.
_CLASSES: tuple[tuple[type[SluiceError], int, str, dict[str, str]], ...] = (
    (NotFound, 404, "There is no such thing here.", {}),
    (Unauthenticated, 401, "Sign in and send a valid access token.", {"WWW-Authenticate": "Bearer"}),
    (Conflict, 409, "Somebody else is changing this at the same moment; try again.", {}),
    (Unavailable, 503, "Something we need does not answer now; try again soon.", {"Retry-After": str(RETRY_AFTER_S)}),
)
_PLAIN = {"missing": "This is required", "extra_forbidden": "There is no such field"}
_HTTP = {
    400: ("bad_request", "This is not a request we can read."),
    404: ("not_found", "There is no such thing here."),
    405: ("method_not_allowed", "This address does not take that method; see the Allow header for those it takes."),
    413: ("body_too_large", "The request is larger than this address takes."),
}


class InvalidFields(Refused):
    """Some fields can't be taken; each is named, none is echoed."""

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        super().__init__("invalid_fields", "Some fields can't be taken as they are; see errors.")
        self.errors = list(errors)


def invalid_field(field: str, message: str) -> InvalidFields:
    """The refusal of a single field."""
    return InvalidFields([FieldProblem(field=field, message=message)])


def from_pydantic(error: ValidationError) -> InvalidFields:
    """The same news in our shape, without the input: it may be a secret."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return InvalidFields([FieldProblem(field=_field(e["loc"]), message=_message(e["type"], e["msg"])) for e in found])


def _field(loc: tuple[int | str, ...]) -> str:
    name = ".".join(str(part) for part in loc) or "body"
    return name.encode("utf-8", "replace").decode()[:100]


def _message(kind: str, message: str) -> str:
    words = _PLAIN.get(kind, message).removeprefix("Value error, ").rstrip(".")
    return f"{words}."


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, errors: list[FieldProblem] | None = None
) -> Response:
    """A problem+json answer."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors)
    text = body.model_dump_json(by_alias=True, exclude_none=True)
    return Response(text, status, {"Cache-Control": "no-store", **(headers or {})}, mimetype=MIME)


def of_sluice(error: SluiceError) -> Response:
    """The answer to an error of ours."""
    if isinstance(error, Refused):
        later = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
        errors = getattr(error, "errors", None)
        return problem(_BY_CODE.get(error.code, 409), error.code, error.detail, later, errors)
    for kind, status, detail, headers in _CLASSES:
        if isinstance(error, kind):
            _note(error)
            return problem(_BY_CODE.get(error.code, status), error.code, detail, headers)
    return of_bug(error)


def _note(error: SluiceError) -> None:
    if isinstance(error, Unavailable):
        log.warning("request=%s unavailable: %s", request_id(), error.detail)


def of_http(error: HTTPException) -> Response | HTTPException:
    """The answer to an error of the framework; redirects and ready answers pass."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    known = HTTPStatus(error.code)
    code, detail = _HTTP.get(error.code, (known.name.lower(), f"{known.phrase}."))
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return problem(error.code, code, detail, allow)


def of_bug(error: Exception) -> Response:
    """An answer that shows nothing of the error but an id to find it in the log by."""
    log.error("request=%s failed", request_id(), exc_info=error)
    return problem(500, "internal_error", f"Something went wrong on our side; it is in the log as {request_id()}.")


def install(flask_app: Flask) -> None:
    """Answer every error that leaves a view of this application."""
    flask_app.register_error_handler(SluiceError, of_sluice)
    flask_app.register_error_handler(HTTPException, of_http)
    flask_app.register_error_handler(Exception, of_bug)
