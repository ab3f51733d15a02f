"""gunicorn's own refusals, of what is no HTTP, in our words and with our headers."""

import re
from typing import Any

from sluice.api.headers import ALWAYS
from sluice.api.problems import MIME, text_of
from sluice.api.schemas import Problem

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ([^\r\n]*)")


class Reworded:
    """A connection on which gunicorn's page of an error goes out as a problem."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, answer: bytes) -> None:
        self._client.sendall(reworded(answer))


def reworded(answer: bytes) -> bytes:
    """The refusal with the same status."""
    found = _STATUS.match(answer)
    if found is None:
        return answer
    status, reason = int(found[1]), found[2].decode("latin-1")
    code = "internal_error" if status == 500 else "bad_request"
    body = Problem(title=reason, status=status, detail="This is not a request we can read.", code=code)
    text = text_of(body).encode()
    told = {"Connection": "close", "Content-Type": MIME, "Content-Length": str(len(text)), "Cache-Control": "no-store"}
    headers = "".join(f"{name}: {value}\r\n" for name, value in {**told, **ALWAYS}.items())
    return found[0] + b"\r\n" + headers.encode() + b"\r\n" + text
