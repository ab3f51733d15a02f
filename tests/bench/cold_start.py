"""How long the API's function takes to start, beside importing what no such function can do without."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.table import Row, at_most
from tests.bench.turns import in_turns
from tests.packages import function_settings, the_package
from tests.rehearsal.lambda_box import Function, LambdaBox, Unpacked, unpack

ROUNDS = 7
GOAL = at_most(1.15)
# The handler's import is all that Lambda does before the first request: it wires the application, too.
OURS = "import handler"
THEIRS = "import flask, jwt, boto3"


def cold_start() -> Iterator[Row]:
    """The median of some starts of each."""
    with TemporaryDirectory() as folder:
        unpacked = unpack(the_package(), Path(folder))
        function = Function("bench-api", "handler.lambda_handler", function_settings())
        environ = LambdaBox(unpacked, function, Path(folder) / "log").environ()
        _compile(unpacked, environ)
        starts = (partial(_start, code, unpacked, environ) for code in (OURS, THEIRS))
        ours, theirs = in_turns(*starts, rounds=ROUNDS)
    yield Row("Lambda api: cold start", ours, THEIRS, theirs, GOAL)


def _compile(unpacked: Unpacked, environ: dict[str, str]) -> None:
    """Let Python keep what it compiles of the runtime's own packages, as Lambda has them."""
    _python(["-c", _after_paths(unpacked, "import boto3")], environ)


def _start(code: str, unpacked: Unpacked, environ: dict[str, str]) -> float:
    """How many seconds the code takes in a new process of Lambda's kind."""
    timed = f"import time; began = time.perf_counter(); {code}; print(time.perf_counter() - began)"
    return float(_python(["-B", "-c", _after_paths(unpacked, timed)], environ).split()[-1])


def _after_paths(unpacked: Unpacked, code: str) -> str:
    return f"import sys; sys.path[:0] = {[str(unpacked.task), str(unpacked.given)]}; {code}"


def _python(words: list[str], environ: dict[str, str]) -> str:
    base = getattr(sys, "_base_executable", sys.executable)
    argv = [base, "-I", "-S", *words]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=True, timeout=60).stdout
