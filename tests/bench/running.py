"""What runs while requests are measured: the real thing, and a bare Flask beside it on the same kind of server."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.load import ask, request
from tests.e2e.running import Running, free_port, until

CHECKOUT = Path(__file__).parents[2]
START_S = 30
STOP_S = 20


@contextmanager
def on_our_disk() -> Iterator[Path]:
    """A folder, for a while, on the disk where a Sluice that was started here would keep everything."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=CHECKOUT) as folder:
        yield Path(folder)


@contextmanager
def sluice(folder: Path) -> Iterator[Running]:
    """A Sluice as `make run` starts it, in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    running = Running(folder)
    try:
        yield running.start()
    finally:
        running.end()


@contextmanager
def bare_flask(folder: Path) -> Iterator[int]:
    """The port of an application that does nothing, or stores a row in this folder, served as Sluice is."""
    port = free_port()
    environment = {**os.environ, "SLUICE_PORT": str(port), "SLUICE_DATA": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare"], cwd=CHECKOUT, env=environment)
    try:
        until(lambda: _answers(port), START_S, "the bare Flask answers")
        yield port
    finally:
        process.terminate()
        process.wait(STOP_S)


def _answers(port: int) -> bool:
    try:
        return bool(ask(port, [request("GET /")], 1).latencies)
    except OSError:
        return False
