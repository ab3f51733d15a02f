"""Runs the emulator's functions: it sends their events here, and each goes into the box of its function."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.rehearsal.lambda_box import Function, FunctionError, LambdaBox, Unpacked

# Asks Lambda for its description of a function, and STS for the keys of the function's role.
Describe = Callable[[str], tuple[dict[str, Any], dict[str, str]]]


class Boxes:
    """One box a function, made at its first event; an event waits while another is in the box."""

    def __init__(self, unpacked: Unpacked, folder: Path, describe: Describe, **surroundings: str) -> None:
        self._unpacked = unpacked
        self._folder = folder
        self._describe = describe
        self._surroundings = surroundings
        self._boxes: dict[str, LambdaBox] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Boxes":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for box in self._boxes.values():
            box.close()

    def surround(self, **surroundings: str) -> None:
        """Further variables for boxes that are made from now on."""
        self._surroundings |= surroundings

    def invoke(self, name: str, event: object) -> Any:
        """What the function answers. FunctionError if it fails."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._boxes:
                self._boxes[name] = self._made(name)
            return self._boxes[name].invoke(event)

    def names(self) -> list[str]:
        """The functions that have run."""
        return sorted(self._boxes)

    def log(self, name: str) -> str:
        """What the function logged."""
        return (self._folder / f"{name}.log").read_text(encoding="utf-8")

    def _made(self, name: str) -> LambdaBox:
        told, keys = self._describe(name)
        log = self._folder / f"{name}.log"
        return LambdaBox(self._unpacked, Function.configured(told), log, **{**self._surroundings, **keys})


def _handler(boxes: Boxes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, answer = 200, boxes.invoke(self.headers["X-Amzn-Lambda-Function-Name"], event)
            except FunctionError as error:
                status, answer = 500, {"errorType": error.kind, "errorMessage": str(error)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: object) -> None:
            """Nothing: the boxes keep logs of their own."""

    return Handler
