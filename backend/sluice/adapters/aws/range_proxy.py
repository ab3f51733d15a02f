"""Lets ffprobe read an object of S3 part by part, at an address on this machine.

The static ffprobe that fits into a Lambda layer crashes on every host name, so it can't be given an address of S3."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sluice.errors import SluiceError

CHUNK = 256 << 10
WHOLE = "bytes=0-"
_COPIED = ("Content-Length", "Content-Range", "Content-Type")

# Asks S3 for a part of the object, named as in a Range header.
GetPart = Callable[[str], Any]


@contextmanager
def served_by_ranges(get_part: GetPart) -> Iterator[str]:
    """The address at which the object can be read inside the `with`; nobody else can guess it."""
    path = f"/{secrets.token_urlsafe(16)}"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(path, get_part))
    server.daemon_threads = True
    # A look at a file ends when ffprobe has seen enough; whatever is still being sent then may break off.
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(path: str, get_part: GetPart) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path != path:
                self.send_error(404)
                return
            try:
                part = get_part(self.headers.get("Range") or WHOLE)
            except SluiceError:
                self.send_error(502)
                return
            except Exception:
                # S3's own answer to a range beyond the end.
                self.send_error(416)
                return
            self._send(part)

        def _send(self, part: Any) -> None:
            found = part["ResponseMetadata"]["HTTPHeaders"]
            self.send_response(206 if self.headers.get("Range") else 200)
            self.send_header("Accept-Ranges", "bytes")
            for name in _COPIED:
                if value := found.get(name.lower()):
                    self.send_header(name, value)
            self.end_headers()
            with part["Body"] as body:
                for chunk in iter(lambda: body.read(CHUNK), b""):
                    self.wfile.write(chunk)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the address is a secret."""

    return Handler
