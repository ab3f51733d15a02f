"""Runs a function of the package as Lambda would: its zip, layer, settings and limits, and nothing of this checkout.

Two things are not as there, because a test can't write to /var/task and /opt: the folders lie elsewhere, and settings
that point below /opt are rewritten to where the layer lies; the box's log begins by saying so.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

RUNTIME = Path(__file__).with_name("lambda_runtime.py")
# What Lambda's Python brings along: boto3 and what it needs.
GIVEN = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
# Lambda gives up on a function that is not imported by then.
START_S = 10
REGION = "us-east-1"


class FunctionError(Exception):
    """The function failed; `kind` and the message are what Lambda reports."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["errorMessage"])
        self.kind = error["errorType"]
        self.trace = error.get("stackTrace", [])


@dataclass(frozen=True)
class Function:
    """A function as it was configured."""

    name: str
    handler: str
    environ: dict[str, str]
    memory_mb: int = 512
    timeout_s: float = 30
    layer: bool = False

    @classmethod
    def configured(cls, told: dict[str, Any]) -> "Function":
        """The function that Lambda's own description (GetFunctionConfiguration) tells of."""
        environ = told.get("Environment", {}).get("Variables", {})
        layer = bool(told.get("Layers"))
        return cls(told["FunctionName"], told["Handler"], environ, told["MemorySize"], told["Timeout"], layer)


@dataclass(frozen=True)
class Unpacked:
    """The package as Lambda lays it out: the zip as task, the layers as opt, and the runtime's own packages."""

    task: Path
    opt: Path
    given: Path


def unpack(package: Path, folder: Path) -> Unpacked:
    """The package, laid out in the folder."""
    made = Unpacked(folder / "task", folder / "opt", folder / "given")
    _extract(package / "backend.zip", made.task)
    for layer in sorted(package.glob("*-layer.zip")):
        _extract(layer, made.opt)
    made.given.mkdir()
    for path in _given():
        (made.given / path.name).symlink_to(path)
    return made


def _extract(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for entry in zipped.infolist():
            Path(zipped.extract(entry, folder)).chmod(entry.external_attr >> 16 & 0o777)


def _given() -> set[Path]:
    """The folders and files of the packages that Lambda's Python brings along, without what pip noted down."""
    found = [(one, file) for one in map(metadata.distribution, GIVEN) for file in one.files or ()]
    roots = {Path(str(one.locate_file(file.parts[0]))) for one, file in found if file.parts[0] != ".."}
    return {root for root in roots if root.suffix != ".dist-info" and root.name != "__pycache__"}


class LambdaBox:
    """One copy of a function; it is started by the first event, and again after it was killed."""

    def __init__(self, unpacked: Unpacked, function: Function, log: Path, **surroundings: str) -> None:
        """`surroundings` are variables besides those that Lambda sets, AWS_ENDPOINT_URL for an emulator."""
        self.function = function
        self.log = log
        self._unpacked = unpacked
        self._surroundings = surroundings
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._unread = b""
        self._say(f"lambda_box: /var/task is {unpacked.task}, /opt is {unpacked.opt if function.layer else 'empty'}")

    def __enter__(self) -> "LambdaBox":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def invoke(self, event: object, request_id: str | None = None) -> Any:
        """What the function answers. FunctionError if it fails, takes too long or dies."""
        if self._process is None:
            self._start()
        told = {"event": event, "request_id": request_id or str(uuid4()), "timeout_s": self.function.timeout_s}
        told["arn"] = f"arn:aws:lambda:{REGION}:123456789012:function:{self.function.name}"
        self._send(told)
        answer = self._answer(self.function.timeout_s)
        if "error" in answer:
            raise FunctionError(answer["error"])
        return answer["result"]

    def lines(self) -> list[str]:
        """What was logged so far."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def close(self) -> None:
        """Kill the copy with all it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        os.close(self._answers)
        self._process, self._unread = None, b""

    def environ(self) -> dict[str, str]:
        """Everything that the function finds in its environment."""
        name, opt = self.function.name, str(self._unpacked.opt)
        own = {key: value.replace("/opt/", f"{opt}/") for key, value in self.function.environ.items()}
        # Not this machine's programs: Lambda has neither ffmpeg nor ffprobe.
        programs = f"{opt}/bin" if self.function.layer else "/var/empty"
        return {
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/21/[$LATEST]0123456789abcdef",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "LAMBDA_TASK_ROOT": str(self._unpacked.task),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": programs,
            "_HANDLER": self.function.handler,
            **own,
            **self._surroundings,
        }

    def _start(self) -> None:
        self._answers, theirs = os.pipe()
        base = getattr(sys, "_base_executable", sys.executable)
        # -I and -S: no packages of the user or the machine; -B: Lambda's disk is read-only; -u: the log is complete.
        python = [base, "-I", "-S", "-B", "-u", str(RUNTIME), str(theirs)]
        what = [self.function.handler, str(self.function.memory_mb << 20)]
        paths = [str(self._unpacked.task), str(self._unpacked.given)]
        try:
            self._process = self._spawn([*python, *what, *paths], theirs)
        finally:
            os.close(theirs)
        answer = self._answer(START_S)
        if "error" in answer:
            self.close()
            raise FunctionError(answer["error"])

    def _spawn(self, argv: list[str], answers: int) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[answers],
                cwd=self._unpacked.task,
                env=self.environ(),
                start_new_session=True,
            )

    def _send(self, told: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        # One that has died meanwhile is noticed when it gives no answer.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            self._process.stdin.flush()

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        """The next line of the runtime; what Lambda reports where none comes."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._unread:
            if not select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self.close()
                return _failure("Sandbox.Timedout", f"Task timed out after {timeout_s:.2f} seconds")
            piece = os.read(self._answers, 1 << 16)
            if not piece:
                self.close()
                return _failure("Runtime.ExitError", "Runtime exited without providing a reason")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _say(self, words: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(words + "\n")


def _failure(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"errorType": kind, "errorMessage": message}}
