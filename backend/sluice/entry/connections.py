"""Connections that nobody can hold for ever: by sending nothing, by sending a byte now and then, by never reading."""

import errno
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

SILENCE_AT_MOST_S = 20
UNREAD_AT_MOST_S = 60
REQUEST_AT_MOST_S = 60


def bound_silence(listener: socket.socket) -> None:
    """Let what this listener accepts wait no longer than that for a byte, or for room to send one."""
    # Accepted connections inherit both. The storage, whose senders may be on slow lines, sets a longer one of its own.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENCE_AT_MOST_S, 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", UNREAD_AT_MOST_S, 0))


class Connection(socket.socket):
    """An accepted connection. A request has to be there within a minute, unless `be_patient` was called for it.

    Whoever takes too long is treated as if they had hung up."""

    _until = float("inf")

    def begin_request(self) -> None:
        """From now on the time counts."""
        self._until = time.monotonic() + REQUEST_AT_MOST_S

    def be_patient(self) -> None:
        """What comes now may take its time, as long as something comes."""
        self._until = float("inf")

    def recv(self, *given: Any) -> bytes:
        if time.monotonic() > self._until:
            raise _hung_up()
        return _unless_silent(lambda: super(Connection, self).recv(*given))

    def send(self, *given: Any) -> int:
        return _unless_silent(lambda: super(Connection, self).send(*given))

    def sendall(self, *given: Any) -> None:
        return _unless_silent(lambda: super(Connection, self).sendall(*given))

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        # That of the socket takes the end of the kernel's patience for a reason to wait again, without any end.
        last = os.fstat(file.fileno()).st_size if count is None else offset + count
        at = offset
        while at < last and (sent := self._send_part(file.fileno(), at, last - at)):
            at += sent
        return at - offset

    def _send_part(self, file: int, offset: int, count: int) -> int:
        return _unless_silent(lambda: os.sendfile(self.fileno(), file, offset, count))


def _unless_silent(act: Callable[[], T]) -> T:
    try:
        return act()
    except BlockingIOError:
        # gunicorn would write a traceback into the log for each.
        raise _hung_up() from None


def _hung_up() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "too slow")
