"""How long a request may take to come in, and an answer to be read."""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from sluice.entry import connections
from sluice.entry.connections import Connection, bound_silence


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket() as sender:
        yield sender


@pytest.fixture
def connection(sender: socket.socket) -> Iterator[Connection]:
    """What a listener with bounds accepted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bound_silence(listener)
        sender.connect(listener.getsockname())
        accepted, _ = listener.accept()
    with Connection(fileno=accepted.detach()) as connection:
        yield connection


def hurry(connection: Connection, option: int) -> None:
    """Make the bound a moment."""
    connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", 0, 10_000))


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = connections.time.monotonic()
    monkeypatch.setattr(connections.time, "monotonic", lambda: now + seconds)


def test_what_is_accepted_is_bounded_both_ways(connection: Connection) -> None:
    bounds = [
        struct.unpack("@ll", connection.getsockopt(socket.SOL_SOCKET, option, 16))[0]
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO)
    ]
    assert bounds == [20, 60]


def test_a_request_within_its_minute_is_read(connection: Connection, sender: socket.socket) -> None:
    connection.begin_request()
    sender.sendall(b"GET")
    assert connection.recv(10) == b"GET"


def test_who_sends_a_byte_now_and_then_is_not_listened_to_for_ever(
    connection: Connection, sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.begin_request()
    sender.sendall(b"G")
    pass_time(monkeypatch, 61)
    with pytest.raises(ConnectionResetError):
        connection.recv(10)


def test_a_file_may_take_its_time(
    connection: Connection, sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.begin_request()
    connection.be_patient()
    sender.sendall(b"film")
    pass_time(monkeypatch, 3600)
    assert connection.recv(10) == b"film"


def test_the_next_request_has_a_minute_again(
    connection: Connection, sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.begin_request()
    pass_time(monkeypatch, 61)
    connection.begin_request()
    sender.sendall(b"GET")
    assert connection.recv(10) == b"GET"


def test_who_sends_nothing_has_hung_up(connection: Connection) -> None:
    hurry(connection, socket.SO_RCVTIMEO)
    with pytest.raises(ConnectionResetError):
        connection.recv(10)


def test_who_never_reads_has_hung_up(connection: Connection) -> None:
    hurry(connection, socket.SO_SNDTIMEO)
    with pytest.raises(ConnectionResetError):
        connection.sendall(bytes(64 << 20))


def test_who_never_reads_a_file_has_hung_up(connection: Connection, tmp_path: Path) -> None:
    hurry(connection, socket.SO_SNDTIMEO)
    with large_file(tmp_path) as file, pytest.raises(ConnectionResetError):
        connection.sendfile(file, offset=0, count=64 << 20)


def test_a_file_is_sent_from_where_it_is_asked_for(
    connection: Connection, sender: socket.socket, tmp_path: Path
) -> None:
    (tmp_path / "text").write_bytes(b"0123456789")
    with (tmp_path / "text").open("rb") as file:
        assert (connection.sendfile(file, offset=2, count=3), sender.recv(10)) == (3, b"234")
        assert (connection.sendfile(file, offset=7), sender.recv(10)) == (3, b"789")


def large_file(folder: Path) -> BinaryIO:
    """One that takes no room on the disk."""
    path = folder / "large"
    path.touch()
    os.truncate(path, 64 << 20)
    return path.open("rb")
