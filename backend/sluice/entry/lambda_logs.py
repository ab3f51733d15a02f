"""Logs for machines: one line of JSON per record, under the names that Lambda's own lines have, and without secrets."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from sluice.layout import ULID

# They tell of endpoints, credentials and every call at INFO.
_QUIET = ("boto3", "botocore", "s3transfer", "urllib3")
_REQUEST = re.compile(r"\brequest=([\w.-]*\w)")
_VIDEO = re.compile(rf"(?:\bvideo=|/videos/)({ULID})\b")
# Nothing of ours logs these; an error of somebody else's may quote them.
_SECRETS = (
    (re.compile(r"(?i)\b(bearer)\s+[\w.~+/=-]+"), r"\1 ..."),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "..."),
    (re.compile(r"(?i)(x-amz-(?:signature|credential|security-token)=)[^&\s\"'<>]+"), r"\1..."),
    (re.compile(r"/~[0-9]+-[0-9a-f]+"), "/~..."),
)


class JsonLines(logging.Formatter):
    """A record as JSON; `request_id` is that of the event which is being worked on, on Lambda."""

    request_id: str | None = None

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds."""
        message = without_secrets(record.getMessage())
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            **({"requestId": self.request_id} if self.request_id else {}),
            **getattr(record, "told", {}),
        }
        if video := _VIDEO.search(message):
            line["video"] = video[1]
        # The request that asked for the video's ticket, or that which this line is about.
        if request := _REQUEST.search(message):
            line["request"] = request[1]
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


_LINES = JsonLines()


def install(level: str) -> None:
    """Write everything from this level on to the standard output, which Lambda keeps."""
    writer = logging.StreamHandler(sys.stdout)
    writer.setFormatter(_LINES)
    root = logging.getLogger()
    # The runtime's own handler would write each line again, as plain text.
    root.handlers[:] = [writer]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def begin(context: object) -> None:
    """Say which event the following lines belong to."""
    _LINES.request_id = getattr(context, "aws_request_id", None)


def without_secrets(text: str) -> str:
    """The text without tokens, signatures and media passes."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text
