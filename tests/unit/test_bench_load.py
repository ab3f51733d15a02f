"""The sender of `make bench`, against a server that answers as it is told."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.bench.load import Taken, ask, request

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@contextmanager
def answering(*pieces: bytes) -> Iterator[int]:
    """The port of a server that sends these pieces, one for each time it is sent something, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(_serve, server, pieces)
        yield server.getsockname()[1]


def _serve(server: socket.socket, pieces: tuple[bytes, ...]) -> None:
    line, _ = server.accept()
    with line:
        for piece in pieces:
            line.recv(65536)
            line.sendall(piece)


def test_every_answer_is_timed_on_one_connection() -> None:
    with answering(HELLO, HELLO, HELLO) as port:
        assert len(ask(port, [request("GET /")], 3).latencies) == 3


def test_an_answer_of_another_status_ends_the_measurement() -> None:
    with answering(HELLO) as port, pytest.raises(AssertionError, match="200 OK"):
        ask(port, [request("GET /")], 1, status=201)


def test_an_answer_that_breaks_off_ends_the_measurement() -> None:
    with answering(HELLO[:-1]) as port, pytest.raises(AssertionError, match="hung up"):
        ask(port, [request("GET /")], 1)


def test_a_request_says_how_long_its_body_is() -> None:
    head, _, body = request("POST /a", {"X": "y"}, {"b": 1}).partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"POST /a HTTP/1.1", b'{"b": 1}')
    assert b"Content-Length: 8" in head


def test_the_slowest_and_the_median_are_told_apart() -> None:
    taken = Taken([1.0, 2.0, 3.0, 9.0], 2.0)
    assert (taken.per_second, taken.at(0.5), taken.at(0.99)) == (2.0, 3.0, 9.0)
