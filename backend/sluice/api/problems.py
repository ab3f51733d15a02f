"""Every error as RFC 9457 problem+json: the one place that turns an error into a status."""

import logging
from collections.abc import Sequence
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from sluice import fair_use
from sluice.errors import Conflict, NotFound, Refused, SluiceError, Unauthenticated, Unavailable

from .schemas import FieldProblem, Problem
from .trace import request_id
from .wire import Unfit, json_of, members

log = logging.getLogger("sluice.api")

MIME = "application/problem+json"
RETRY_AFTER_S = 5

_BY_CODE = {
    "not_operator": 403,
    "not_here": 501,
    "too_large": 413,
    "body_too_large": 413,
    "malformed_json": 400,
    "not_json": 415,
    "invalid_fields": 422,
    "idempotency_key_reused": 422,
    "daily_limit": 429,
    fair_use.CALLS: 429,
    fair_use.UPLOADS: 429,
    fair_use.MINUTES: 403,
    fair_use.BYTES: 403,
    "no_space": 507,
}
# What these errors say is for the log; their callers get a sentence that gives nothing away.
_CLASSES: tuple[tuple[type[SluiceError], int, str, dict[str, str]], ...] = (
    (NotFound, 404, "There is no such thing here.", {}),
    (Unauthenticated, 401, "Sign in and send a valid access token.", {"WWW-Authenticate": "Bearer"}),
    (Conflict, 409, "Somebody else is changing this at the same moment; try again.", {}),
    (Unavailable, 503, "Something we need does not answer now; try again soon.", {"Retry-After": str(RETRY_AFTER_S)}),
)
# To try again soon would help none of these.
_WORDS = {"no_space": "There is no room to store this right now; the operator has to make some."}
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


def invalid_fields(error: Unfit) -> InvalidFields:
    """The refusal of what does not fit."""
    return InvalidFields([FieldProblem(field=_shown(place), message=words) for place, words in error.errors])


def _shown(place: str) -> str:
    # JSON can spell half a character, which no answer can hold.
    return place.encode("utf-8", "ignore").decode()[:100] or "body"


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, errors: list[FieldProblem] | None = None
) -> Response:
    """A problem+json answer."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors)
    return Response(text_of(body), status, {"Cache-Control": "no-store", **(headers or {})}, mimetype=MIME)


def text_of(body: Problem) -> str:
    """The problem as JSON, without errors where none are named."""
    return json_of({name: value for name, value in members(body).items() if value is not None})


def of_sluice(error: SluiceError) -> Response:
    """The answer to an error of ours."""
    if isinstance(error, Refused):
        return _of_refused(error)
    for kind, status, detail, headers in _CLASSES:
        if isinstance(error, kind):
            _note(error)
            words = _WORDS.get(error.code, detail)
            return problem(_BY_CODE.get(error.code, status), error.code, words, headers)
    return of_bug(error)


def _of_refused(error: Refused) -> Response:
    wait_s = error.retry_after_s
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return problem(_BY_CODE.get(error.code, 409), error.code, error.detail, headers, getattr(error, "errors", None))


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
