"""Requests over several connections that are kept, by a sender that costs next to nothing itself."""

import json
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60
PIECE = 64 << 10


@dataclass(frozen=True)
class Taken:
    """How long the answers took, shortest first, and all of them together."""

    latencies: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def at(self, share: float) -> float:
        """What this share of the answers took at most."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def request(line: str, headers: Mapping[str, str] | None = None, body: Any = None) -> bytes:
    """A request as it is sent; a body goes as JSON."""
    sent = b"" if body is None else json.dumps(body).encode()
    lengths = {} if body is None else {"Content-Type": "application/json", "Content-Length": str(len(sent))}
    told = {"Host": "localhost", **lengths, **(headers or {})}
    return (
        "".join([f"{line} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in told.items()), "\r\n"]).encode()
        + sent
    )


def ask(port: int, requests: Sequence[bytes], each: int, status: int = 200) -> Taken:
    """Every request so often, one after another on a connection of its own, all beside one another.

    AssertionError where an answer has another status."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(requests)) as pool:
        took = list(pool.map(lambda one: list(_one_after_another(port, one, each, status)), requests))
    seconds = time.perf_counter() - began
    return Taken(sorted(one for latencies in took for one in latencies), seconds)


def _one_after_another(port: int, sent: bytes, times: int, status: int) -> Iterator[float]:
    wanted = f"HTTP/1.1 {status} ".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            began = time.perf_counter()
            line.sendall(sent)
            came = answer(line)
            yield time.perf_counter() - began
            assert came.startswith(wanted), came[:2000]


def answer(line: socket.socket) -> bytes:
    """The next answer on this connection, headers and body."""
    came = line.recv(PIECE)
    while (end := came.find(b"\r\n\r\n")) < 0:
        came += _more(line)
    while len(came) < end + 4 + _body_bytes(came[:end]):
        came += _more(line)
    return came


def _body_bytes(head: bytes) -> int:
    return next((int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")), 0)


def _more(line: socket.socket) -> bytes:
    came = line.recv(PIECE)
    assert came, "the server hung up"
    return came
