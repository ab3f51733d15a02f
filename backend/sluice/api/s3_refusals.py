"""How the storage says no, so that the sender of a large body gets to read it."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

from sluice.adapters.local.durable import DiskFull
from sluice.errors import Refused, SluiceError

from .multipart_upload import Readable
from .s3_answers import S3Error, error_answer

STALLED_AFTER_S = 60
DRAIN_BYTES = 256 << 20
DRAIN_S = 2.0

log = logging.getLogger(__name__)


def answered(act: Callable[[Readable], Response]) -> Response:
    """What the act makes of the request's body, or its refusal as S3 would put it."""
    _limit_waiting(STALLED_AFTER_S)
    # Not request.stream: the limit that is right for the API's own bodies is not for files.
    body: Readable = get_input_stream(request.environ)
    try:
        return act(body)
    except S3Error as error:
        return _refusal(error, body)
    except SluiceError as error:
        log.warning("path=%r code=%s %s", request.path, error.code, error)
        return _refusal(_translated(error), body)


def be_patient() -> None:
    """The form is good: its file may take its time."""
    patient = getattr(request.environ.get("gunicorn.socket"), "be_patient", None)
    if patient:
        patient()


def not_allowed(_: Readable) -> NoReturn:
    """Refuse a method."""
    raise S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def _refusal(error: S3Error, body: Readable) -> Response:
    log.info("path=%r refused status=%d code=%s", request.path, error.status, error.code)
    answer = error_answer(error, request.path)
    if error.status == 405:
        answer.headers["Allow"] = "POST, OPTIONS"
    # A connection closed on unread bytes is reset, and browsers then show a network error instead of the answer.
    _limit_waiting(DRAIN_S)
    answer.call_on_close(lambda: _drain(body))
    return answer


def _translated(error: SluiceError) -> S3Error:
    if isinstance(error, Refused):
        return S3Error(400, "InvalidArgument", error.detail)
    if isinstance(error, DiskFull):
        return S3Error(507, "InsufficientStorage", "There is no room left for this upload.")
    return S3Error(503, "ServiceUnavailable", "Please try again.")


def _limit_waiting(seconds: float) -> None:
    """Let a sender that stalls for so long give its thread back."""
    socket = request.environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(seconds)


def _drain(body: Readable) -> None:
    """Read on for a while, once the answer is out."""
    deadline, left = time.monotonic() + DRAIN_S, DRAIN_BYTES
    with suppress(OSError, ValueError, ClientDisconnected):
        while left > 0 and time.monotonic() < deadline:
            piece = body.read(64 << 10)
            if not piece:
                return
            left -= len(piece)
