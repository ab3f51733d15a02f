"""A web server on loopback that tells who called."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Canary:
    """A web server on loopback that writes down who calls, and serves one file."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.body = b""
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.calls.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(canary.body)))
                self.end_headers()
                self.wfile.write(canary.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/bait.ts"


@contextmanager
def singing(body: bytes = b"") -> Iterator[Canary]:
    """One that serves this."""
    bird = Canary()
    bird.body = body
    thread = Thread(target=bird.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield bird
    bird.server.shutdown()
    thread.join()
    bird.server.server_close()
