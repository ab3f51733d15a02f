"""A line between client and server that breaks when it is told to."""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable

PIECE = 16 << 10


class Line:
    """Passes every connection on to the server's port.

    `cut_at`: the first connection on which so many bytes were sent is cut. `swallow`: it loses its answer instead.
    `stall_at`: after so many bytes nothing more is passed on, until the line is closed."""

    def __init__(
        self, port: int, *, cut_at: int = sys.maxsize, swallow: bool = False, stall_at: int = sys.maxsize
    ) -> None:
        self._port = port
        self._cut_at = cut_at
        self._swallow = swallow
        self._stall_at = stall_at
        self._broken = False
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._closing.set()
        # Closing alone would not wake who waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._start(self._carry, near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        lost = threading.Event()
        back = self._start(self._answer, far, near, lost)
        sent = 0
        with near, far, contextlib.suppress(OSError):
            while piece := near.recv(PIECE):
                sent += len(piece)
                if sent >= self._cut_at and not self._broken:
                    self._broken = True
                    if not self._swallow:
                        _hang_up(near, far)
                        break
                    lost.set()
                if sent >= self._stall_at:
                    self._closing.wait()
                    break
                far.sendall(piece)
            if self._closing.is_set():
                _hang_up(near, far)
            else:
                far.shutdown(socket.SHUT_WR)
            back.join()

    def _answer(self, far: socket.socket, near: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while piece := far.recv(PIECE):
                if lost.is_set():
                    break
                near.sendall(piece)
            _hang_up(near, far)

    def _start(self, body: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=body, args=arguments)
        self._threads.append(thread)
        thread.start()
        return thread


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
