"""Answers in the words of S3, so that its clients understand them."""

import secrets
from html import escape

from flask import Response

_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'


class S3Error(Exception):
    """A refusal with the status and the code that S3 gives it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def denied_by_policy(reason: str) -> S3Error:
    """The form breaks its own policy."""
    return S3Error(403, "AccessDenied", f"Invalid according to Policy: {reason}")


def error_answer(error: S3Error, resource: str) -> Response:
    """The refusal as S3's XML."""
    parts = {"Code": error.code, "Message": error.message, "Resource": resource, "RequestId": _request_id()}
    return Response(_xml("Error", parts), error.status, mimetype="application/xml")


def upload_answer(status: str, *, location: str, bucket: str, key: str, etag: str) -> Response:
    """What an accepted form gets: the status it asked for where S3 knows it, or 204."""
    code = int(status) if status in ("200", "201") else 204
    parts = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
    body = _xml("PostResponse", parts) if code == 201 else ""
    return Response(body, code, {"ETag": etag, "Location": location}, mimetype="application/xml")


def _xml(name: str, parts: dict[str, str]) -> str:
    inner = "".join(f"<{part}>{xml_text(value)}</{part}>" for part, value in parts.items())
    return f"{_HEADER}<{name}>{inner}</{name}>"


def xml_text(value: str) -> str:
    """Escaped; letters that XML can't hold at all are replaced."""
    held = "".join(c if c.isprintable() or c in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" for c in value)
    return escape(held)


def _request_id() -> str:
    return secrets.token_hex(8).upper()
