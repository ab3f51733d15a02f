"""Bounded children: every ffmpeg and ffprobe has limits, its own group and its own files, and never outlives us."""

import os
import select
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from sluice.errors import MachineUnusable

from . import bounds

NICEST = 19
_READ_BYTES = 1 << 16
# Of the time that it had; programs take a little to start.
_HARDLY_ANY = 0.1
_STDERR_TAIL_BYTES = 1 << 13
_POLLED_AT_MOST_MS = (1 << 31) - 1
# The dynamic linker ends like this, too, where a library is missing or broken.
_NOT_STARTED = (bounds.NOT_FOUND, bounds.CANNOT_RUN, bounds.PARENT_GONE)
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)


class ToolUnusable(MachineUnusable):
    """ffmpeg or ffprobe can't be run here, whatever it is to do."""

    def __init__(self, trouble: str) -> None:
        super().__init__(f"{trouble}; install ffmpeg or set SLUICE_FFMPEG, SLUICE_FFPROBE")
        self.trouble = trouble


@dataclass(frozen=True)
class Limits:
    """What a child may use at most; `file_bytes` is for each file it writes, 0 forbids writing."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int = 0
    open_files: int = 256
    niceness: int = 5


@dataclass(frozen=True)
class Finished:
    """How a child ended and what it said; `stderr` is the tail of it. One that `idled` ran out of time while it waited
    for its turn or for what it read."""

    returncode: int
    stdout: bytes
    stderr: str
    timed_out: bool = False
    overflowed: bool = False
    idled: bool = False

    @property
    def killed(self) -> bool:
        """Whether the operating system or an operator ended it, so that another try may go better."""
        return self.returncode in _FROM_OUTSIDE and not (self.timed_out or self.overflowed)

    @property
    def out_of_cpu(self) -> bool:
        """Whether it used up its processor time; ffmpeg then ends by itself and only says so."""
        return self.returncode == -signal.SIGXCPU or f"received signal {signal.SIGXCPU:d}" in self.stderr


def bounded(argv: Sequence[str], limits: Limits, *, folder: Path | None = None) -> list[str]:
    """The command that runs argv in the folder under these limits, with a minimal environment.

    On Linux it is killed when the thread that starts it ends. Give relative paths from the folder, or absolute ones.
    Where the kernel helps, it can read nothing but programs, their libraries and what argv names as `file:...`, write
    only below the folder and only if it may write files at all, and reach no network unless argv names an address.
    """
    words = {**asdict(limits), "parent": os.getpid(), "folder": folder or ""}
    view = {
        "network": int(any(word.startswith("http:") for word in argv)),
        "writes": int(folder is not None and limits.file_bytes > 0),
    }
    return [
        *(sys.executable, "-I", "-S", bounds.__file__),
        *(f"{name}={value}" for name, value in {**words, **view}.items()),
        *(f"read={path}" for path in _readable(argv)),
        "--",
        *argv,
    ]


def _readable(argv: Sequence[str]) -> Iterator[str]:
    """The program, with what came with it where it is not the system's, and the files that are named to it."""
    program = shutil.which(argv[0]) or argv[0]
    for place in {Path(program).absolute(), Path(program).resolve()}:
        yield str(place)
        if place.parent.name == "bin":
            yield from (str(folder) for folder in (place.parent, *place.parent.parent.glob("lib*")))
    yield from filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    yield from (word.removeprefix("file:") for word in argv if word.startswith("file:"))


def start(
    argv: Sequence[str], limits: Limits, *, folder: Path | None = None, stderr: int | IO[bytes] = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """The running child, stdout on a pipe; end it with `stop`."""
    # The new group is made before this returns, so that `stop` always finds it. No new session: Linux shares the
    # processor among sessions first (sched_autogroup), and niceness counts only within one.
    return subprocess.Popen(
        bounded(argv, limits, folder=folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        process_group=0,
    )


def end_of(process: "subprocess.Popen[bytes]", timeout_s: float) -> float | None:
    """The CPU seconds of a child that ends within this time; None if it doesn't. 0.0 where they can't be told."""
    if sys.platform != "linux":
        return 0.0 if _ended(process, time.monotonic() + timeout_s) else None
    handle = os.pidfd_open(process.pid)
    try:
        # Not `select.select`, which is for the first 1024 files that are open.
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        ended = poll.poll(min(timeout_s * 1000, _POLLED_AT_MOST_MS))
    finally:
        os.close(handle)
    # Nobody has asked for its exit code yet, so the kernel still knows.
    return _cpu_s(process.pid) if ended else None


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def renice(process: "subprocess.Popen[bytes]", niceness: int) -> None:
    """Make the child, all its threads and what it started so much nicer than we are; nothing where it is already."""
    with suppress(ProcessLookupError, PermissionError):
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PGRP, process.pid, min(NICEST, ours + niceness))


def stop(process: "subprocess.Popen[bytes]") -> int:
    """Kill the child with all it started; its return code. Fine for one that has ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def run(
    argv: Sequence[str],
    limits: Limits,
    *,
    wall_s: float,
    stdout_cap_bytes: int,
    folder: Path | None = None,
    started: Callable[["subprocess.Popen[bytes]"], None] = lambda process: None,
) -> Finished:
    """Run a short child to its end, which comes by force after `wall_s` or when it prints more than the cap.

    `started` is given the child, for whoever may have to stop it. ToolUnusable if it could not even be started."""
    with start(argv, limits, folder=folder) as process:
        started(process)
        output = _Output(stdout_cap_bytes)
        try:
            timed_out = not output.gather(process, time.monotonic() + wall_s)
            idled = timed_out and _idled(process, wall_s)
        finally:
            returncode = stop(process)
    require_started(argv[0], returncode, output.stderr_tail)
    return Finished(returncode, bytes(output.stdout), output.stderr_tail, timed_out, output.overflowed, idled)


def _idled(process: "subprocess.Popen[bytes]", wall_s: float) -> bool:
    return sys.platform == "linux" and _cpu_s(process.pid) < wall_s * _HARDLY_ANY


def require_started(program: str, returncode: int, words: str) -> None:
    """ToolUnusable if a program that ended like this, with these last words, could not even be started."""
    if returncode in _NOT_STARTED:
        raise ToolUnusable(words.strip() or f"{program} can't be run")


class _Output:
    """What a child prints, kept within bounds."""

    def __init__(self, cap_bytes: int) -> None:
        self.stdout = bytearray()
        self.overflowed = False
        self._stderr = bytearray()
        self._cap_bytes = cap_bytes

    @property
    def stderr_tail(self) -> str:
        return self._stderr.decode("utf-8", "replace")

    def gather(self, process: "subprocess.Popen[bytes]", deadline: float) -> bool:
        """Read until the child has closed both pipes or said too much; False if the deadline came first."""
        with selectors.DefaultSelector() as selector:
            for pipe, take in ((process.stdout, self._take_stdout), (process.stderr, self._take_stderr)):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ, take)
            while selector.get_map() and not self.overflowed:
                if not self._wait(selector, deadline):
                    return False
        return self.overflowed or _ended(process, deadline)

    def _wait(self, selector: selectors.BaseSelector, deadline: float) -> bool:
        ready = selector.select(max(0.0, deadline - time.monotonic()))
        for key, _ in ready:
            piece = os.read(key.fd, _READ_BYTES)
            key.data(piece)
            if not piece:
                selector.unregister(key.fileobj)
        return bool(ready)

    def _take_stdout(self, piece: bytes) -> None:
        self.stdout += piece
        self.overflowed = len(self.stdout) > self._cap_bytes
        del self.stdout[self._cap_bytes :]

    def _take_stderr(self, piece: bytes) -> None:
        self._stderr += piece
        del self._stderr[:-_STDERR_TAIL_BYTES]


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True
