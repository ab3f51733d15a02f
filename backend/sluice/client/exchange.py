"""One HTTP request and its answer, by the standard library."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from .addresses import THIS_MACHINE, origin, split
from .troubles import NoSuchHost, NotRunning, Trouble, Unreachable

TIMEOUT_S = 30.0
AGENT = f"sluice/{version('sluice')}"
_MOST_BYTES = 64 << 20
_PIECE = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one if it is something else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def exchange(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
    *,
    length: int | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """The answer, whatever its status; redirects are not followed. A body in pieces needs its `length`.

    Unreachable where there is no answer: NotRunning or NoSuchHost if nobody is there to give one; Trouble where
    the line is not to be trusted."""
    connection = _connection(url, timeout_s)
    size = len(body) if isinstance(body, bytes) else length
    sent = {"User-Agent": AGENT, **(headers or {}), "Content-Length": str(size)}
    try:
        _send(connection, method, url, sent, body)
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, received, response.read(_MOST_BYTES))
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error
    finally:
        connection.close()


def fetched(url: str) -> Iterator[bytes]:
    """What is at the address, piece by piece. Unreachable where it isn't given, or not to its end."""
    connection = _connection(url, TIMEOUT_S)
    try:
        _send(connection, "GET", url, {"User-Agent": AGENT}, b"")
        with connection.getresponse() as response:
            if response.status != 200:
                raise Unreachable(f"{origin(url)} answers with status {response.status}")
            while piece := response.read(_PIECE):
                yield piece
            if response.length:
                raise Unreachable(f"{origin(url)} broke off in the middle; try again")
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error
    finally:
        connection.close()


def _send(
    connection: http.client.HTTPConnection, method: str, url: str, headers: Mapping[str, str], body: Iterable[Any]
) -> None:
    parts = split(url)
    connection.putrequest(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    # Who refuses a large body may close before all of it has come; its answer is there to be read all the same.
    with suppress(BrokenPipeError, ConnectionResetError):
        for piece in [body] if isinstance(body, bytes) else body:
            connection.send(piece)


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    parts = split(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=ssl.create_default_context())


def _unreachable(url: str, error: Exception) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        # The next try would find the same one.
        return Trouble(f"{origin(url)} shows a certificate that can't be trusted ({error.verify_message})")
    if getattr(error, "reason", None) == "WRONG_VERSION_NUMBER":
        return Trouble(f"{origin(url)} does not speak https; if it speaks http, say so: http://{split(url).netloc}")
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return NoSuchHost(f"{origin(url)} can't be found; is the name right, and this machine on the network?")
    refused_here = isinstance(error, ConnectionRefusedError) and split(url).hostname in THIS_MACHINE
    kind = NotRunning if refused_here else Unreachable
    return kind(f"{origin(url)} does not answer ({error or type(error).__name__})")
