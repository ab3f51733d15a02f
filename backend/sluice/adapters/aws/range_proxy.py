"""Lets ffprobe read an object of S3 part by part, at an address on this machine.

The static ffprobe that fits into a Lambda layer crashes on every host name, so it can't be given an address of S3."""

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

from .blocks import BLOCK, Blocks, GetPart, Unread

# Who looks for something leaves what was sent, and asks anew for what lies elsewhere.
_AHEAD = 64 << 10
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextmanager
def served_by_ranges(get_part: GetPart) -> Iterator[str]:
    """The address at which the object can be read inside the `with`; nobody else can guess it.

    What kept anybody from reading it is raised in the end, instead of a verdict on the rest."""
    path = f"/{secrets.token_urlsafe(16)}"
    blocks = Blocks(get_part)
    try:
        with _listening(_handler(path, blocks)) as port:
            yield f"http://127.0.0.1:{port}{path}"
    finally:
        blocks.finish()


@contextmanager
def _listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, _AHEAD)
    server.daemon_threads = True
    # A look at a file ends when ffprobe has seen enough; whatever is still being sent then may break off.
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(path: str, blocks: Blocks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            # Unread: `blocks` remembers; ConnectionError: whoever asked has seen enough.
            with suppress(ConnectionError, Unread):
                if self.path == path:
                    self._send(_RANGE.fullmatch(self.headers.get("Range", "")))
                else:
                    self.send_error(404)

        def _send(self, asked: re.Match[str] | None) -> None:
            first = int(asked[1]) if asked else 0
            try:
                begins = first % BLOCK < len(blocks[first // BLOCK])
            except Unread:
                self.send_error(502)
                return
            end = min(int(asked[2]) + 1, blocks.size) if asked and asked[2] else blocks.size
            if not begins or end <= first:
                self.send_error(416)
                return
            self._begin(206 if asked else 200, first, end)
            while first < end:
                first += self.wfile.write(memoryview(blocks[first // BLOCK])[first % BLOCK :][: end - first])

        def _begin(self, status: int, first: int, end: int) -> None:
            self.send_response_only(status)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(end - first))
            self.send_header("Content-Range", f"bytes {first}-{end - 1}/{blocks.size}")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the address is a secret."""

    return Handler
