"""How fast an upload is taken, to the disk and answered, beside `dd` to the same disk."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.load import TIMEOUT_S, answer
from tests.bench.running import on_our_disk, sluice
from tests.bench.table import Row, at_least
from tests.bench.turns import in_turns
from tests.e2e.running import User

BYTES = 95_000_000
GOAL = at_least(0.5)
# A process takes a third longer for its first upload, and there are several.
ROUNDS = 9
BOUNDARY = "bench-3f1d9a7c5e2b"


def uploads() -> Iterator[Row]:
    """A file of random bytes, by the form of its ticket, and copied by dd."""
    with ExitStack() as stack:
        folder = stack.enter_context(on_our_disk())
        user = stack.enter_context(sluice(folder / "sluice")).user()
        file = folder / "film"
        _write(file)
        _upload(user, file)
        takes = (partial(_upload, user, file), partial(_copy, file, folder / "copy"))
        ours, theirs = in_turns(*takes, rounds=ROUNDS)
    yield Row("upload, streamed", BYTES / ours / 1e6, "dd conv=fsync", BYTES / theirs / 1e6, GOAL, "MB/s")


def _write(file: Path) -> None:
    with file.open("wb") as film:
        film.write(os.urandom(BYTES))
        os.fsync(film.fileno())


def _copy(file: Path, copy: Path) -> float:
    copy.unlink(missing_ok=True)
    began = time.perf_counter()
    argv = ["dd", f"if={file}", f"of={copy}", "bs=1M", "conv=fsync", "status=none"]
    subprocess.run(argv, check=True, timeout=TIMEOUT_S)
    return time.perf_counter() - began


def _upload(user: User, file: Path) -> float:
    """The seconds until the answer, which comes once the file is on the disk."""
    ticket = user.ticket(filename="film.mp4", size=BYTES)
    url = urlsplit(ticket["url"])
    before, after = _form(ticket["fields"])
    length = len(before) + BYTES + len(after)
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    with file.open("rb") as film, socket.create_connection(("127.0.0.1", url.port), timeout=TIMEOUT_S) as line:
        began = time.perf_counter()
        line.sendall(head.encode() + before)
        line.sendfile(film)
        line.sendall(after)
        answered = answer(line)
        took = time.perf_counter() - began
    assert answered.startswith(b"HTTP/1.1 204 "), answered
    return took


def _form(fields: Mapping[str, str]) -> tuple[bytes, bytes]:
    """What goes before the file, and after it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
    return "".join([*parts, file, "Content-Type: video/mp4\r\n\r\n"]).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
