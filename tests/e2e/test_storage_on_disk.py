"""The storage behind its real server: what is on the disk when the answer goes out, and who gets to read it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from flask import Flask

from sluice.adapters.local.files import LocalObjects
from sluice.api import media, storage
from tests.e2e.running import until
from tests.stock_s3 import KEY, s3_client

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
LARGE = 20 << 20
VIDEO = "01JD0000000000000000000001"


def make_app(folder: str) -> Flask:
    app = Flask("test")
    raw = LocalObjects(Path(folder, "raw"))
    app.register_blueprint(
        storage.blueprint(
            {"raw": raw},
            KEY,
            may_arrive=lambda bucket, key: True,
            arrived=lambda bucket, key: None,
            now=lambda: datetime.now(UTC),
        )
    )
    app.register_blueprint(media.blueprint(LocalObjects(Path(folder, "media"), prefix="media/"), lambda *_: True))
    return app


@contextmanager
def serving(folder: Path, *around: str) -> Iterator[int]:
    """The port of a server; all of it is gone in the end."""
    server = ["-m", "gunicorn", "--no-control-socket", "-k", "gthread", "--threads", "4", "-b", "127.0.0.1:0"]
    command = [*around, sys.executable, *server, f"{__name__}:make_app('{folder}')"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stderr is not None
    try:
        line = next(line for line in process.stderr if "Listening at" in line)
        yield int(re.findall(r":(\d+) ", line)[-1])
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stderr.close()
        process.wait(timeout=10)


def form() -> dict[str, str]:
    fields: dict[str, str] = s3_client().generate_presigned_post("raw", "key1")["fields"]
    return fields


def post(port: int, fields: dict[str, str], body: bytes, **headers: str) -> requests.Response:
    address = f"http://127.0.0.1:{port}/storage/raw"
    return requests.post(address, data=fields, files={"file": body}, headers=headers, timeout=20)


def half_a_request() -> bytes:
    """As it is on the wire, its body cut off in the middle of the file."""
    request = requests.Request("POST", "http://x/storage/raw", data=form(), files={"file": bytes(LARGE)}).prepare()
    assert isinstance(request.body, bytes)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return f"POST /storage/raw HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + request.body[: LARGE // 2]


def test_file_and_folder_are_synced_before_the_answer(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    calls = "trace=fsync,rename,renameat,renameat2,sendto"
    with serving(tmp_path, "strace", "-f", "-y", "-s", "12", "-e", calls, "-o", str(trace)) as port:
        assert post(port, form(), b"a film").status_code == 204
    steps = re.compile(
        r"fsync\(\d+<[^>]*/raw/\.unfinished/\w+>.*"
        r'rename\("[^"]*/raw/[^>]*.*'
        r"fsync\(\d+<[^>]*/raw>.*"
        r'sendto\(.*"HTTP/1.1 204',
        re.DOTALL,
    )
    assert steps.search(trace.read_text())


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_refused_sender_of_a_large_file_reads_why(tmp_path: Path, connection: str) -> None:
    with serving(tmp_path) as port:
        answer = post(port, {**form(), "key": "other"}, bytes(LARGE), Connection=connection)
    assert answer.status_code == 403
    assert b"<Code>AccessDenied</Code>" in answer.content


def test_a_large_file_comes_through_whole(tmp_path: Path) -> None:
    body = os.urandom(LARGE)
    with serving(tmp_path) as port:
        assert post(port, form(), body).status_code == 204
    assert (tmp_path / "raw" / "key1").read_bytes() == body


def test_a_server_killed_in_the_middle_leaves_nothing_that_counts(tmp_path: Path) -> None:
    with serving(tmp_path) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        sender.sendall(half_a_request())
    raw = LocalObjects(tmp_path / "raw")
    assert raw.head("key1") is None
    until(lambda: left_by(raw, tmp_path / "raw") == [], 10, "the sweep finds that the writer is gone")


def left_by(bucket: LocalObjects, folder: Path) -> list[str]:
    """What is there after a sweep."""
    bucket.sweep_leftovers(-1)
    return [path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


def test_a_sender_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        sender.sendall(half_a_request())
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(100).startswith(b"HTTP/1.1 400")
    assert [path for path in (tmp_path / "raw").rglob("*") if path.is_file()] == []


def test_the_server_sends_files_and_parts_of_them(tmp_path: Path) -> None:
    body = os.urandom(LARGE)
    LocalObjects(tmp_path / "media", prefix="media/").put(f"media/{VIDEO}/1/720/00000.m4s", body, "")
    with serving(tmp_path) as port:
        address = f"http://127.0.0.1:{port}/media/{VIDEO}/1/720/00000.m4s"
        whole = requests.get(address, timeout=20)
        some = requests.get(address, headers={"Range": f"bytes=1000000-{LARGE}"}, timeout=20)
        head = requests.head(address, timeout=20)
    assert whole.content == body
    assert (some.status_code, some.content) == (206, body[1_000_000:])
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(LARGE))
