"""A file as the body of an answer: whole, the part that was asked for, or that it has not changed."""

import os
import re
from datetime import UTC, datetime
from typing import BinaryIO

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header
from werkzeug.wsgi import wrap_file

from .answers import as_asked

_CHUNK = 256 << 10
_PART = re.compile(r"\s*([0-9]{0,18})-([0-9]{0,18})\s*")


def with_file(answer: Response, file: BinaryIO) -> Response:
    """The answer with the file, or with as much of it as the request's conditions ask for; it is closed in the end."""
    stat = os.fstat(file.fileno())
    answer.direct_passthrough = True
    answer.set_etag(f"{stat.st_size:x}-{stat.st_mtime_ns:x}-{stat.st_ino:x}")
    answer.last_modified = datetime.fromtimestamp(stat.st_mtime, UTC)
    answer.response = wrap_file(request.environ, file, _CHUNK)
    answer.content_length = stat.st_size
    return _conditional(answer, file, stat.st_size)


def _conditional(answer: Response, file: BinaryIO, size: int) -> Response:
    try:
        as_asked(answer, accept_ranges=_asks_for_one_part(size), complete_length=size)
        if answer.status_code == 200 and _asks_for_nothing_there(size):
            raise RequestedRangeNotSatisfiable
    except PreconditionFailed:
        file.close()
        raise
    except RequestedRangeNotSatisfiable:
        file.close()
        beyond = {"Content-Range": f"bytes */{size}"}
        return Response("This part does not exist.\n", 416, beyond, mimetype="text/plain")
    answer.headers["Accept-Ranges"] = "bytes"
    if request.method == "HEAD" or answer.status_code == 304:
        # The server never looks at the body of such an answer, so nobody else would close it.
        answer.response = []
        file.close()
    return answer


def _asks_for_one_part(size: int) -> bool:
    """Whether to heed the Range header: several parts, what is no range, and more than all get the whole."""
    asked = parse_range_header(request.headers.get("Range"))
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return False
    # A weak ETag says that something alike was there, of which a part may not fit.
    if request.headers.get("If-Range", "").startswith("W/"):
        return False
    start, _ = asked.ranges[0]
    return start >= -size


def _asks_for_nothing_there(size: int) -> bool:
    """Whether each part that is asked for begins behind the end, or is the last 0 bytes."""
    unit, _, parts = request.headers.get("Range", "").partition("=")
    if request.method != "GET" or unit != "bytes" or "If-Range" in request.headers:
        return False
    asked = [_PART.fullmatch(part) for part in parts.split(",")]
    return all(part and _is_behind(part[1], part[2], size) for part in asked)


def _is_behind(first: str, last: str, size: int) -> bool:
    return int(first) >= size if first else bool(last) and int(last) == 0
