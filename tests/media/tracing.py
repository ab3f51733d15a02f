"""Which files and addresses ffmpeg and ffprobe reach for in a run of the judge, by strace."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_OPENS = ("?open", "openat", "?openat2", "?creat")
_CALLS = ("socket", "connect", "bind", "sendto", "sendmsg")
_BIRTHS = ("execve", "clone", "?clone3", "?fork", "?vfork")
_UNWALLED = (
    *("-e", "inject=?landlock_create_ruleset:error=ENOSYS"),
    *("-e", "inject=unshare:error=EPERM"),
)

_BECAME = re.compile(r'(\d+) +execve\("[^"]*/ff(?:mpeg|probe)"')
_BORE = re.compile(r"(\d+) .*(?:clone3?|v?fork)(?:\(| resumed).* = (\d+)$")
_OPENED = re.compile(r'(\d+) +(?:open|openat|openat2|creat)\([^"]*"((?:[^"\\]|\\.)*)"')
_CALLED = re.compile(r"(\d+) +(?:socket|connect|bind|sendto|sendmsg)\(")


@dataclass(frozen=True)
class Reach:
    """What they tried to open, whether they got it or not, and every use of a socket."""

    opened: frozenset[str]
    called: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """The judge's report, and how far the children reached; None where that can't be seen."""

    report: dict[str, Any]
    reach: Reach | None


def can_trace() -> bool:
    return (
        shutil.which("strace") is not None
        and not subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], capture_output=True, timeout=20
        ).returncode
    )


def judge(file: Path, *film: Path, traced: bool, unwalled: bool = False) -> Judgement:
    """What comes of the file in a process of its own; `unwalled` as on a kernel that isolates nothing."""
    log = file.parent / "trace"
    names = ",".join((*_OPENS, *_CALLS, *_BIRTHS, *(("?landlock_create_ruleset", "unshare") if unwalled else ())))
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-o", str(log), "-e", f"trace={names}"]
    argv = [sys.executable, "-m", "tests.media.judge", str(file), *map(str, film)]
    command = [*strace, *(_UNWALLED if unwalled else ()), *argv] if traced else argv
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return Judgement(json.loads(ended.stdout), read(log.read_text(errors="replace")) if traced else None)


def read(log: str) -> Reach:
    """The reach of every process that became ffmpeg or ffprobe, and of its threads."""
    watched, opened, called = set[str](), set[str](), []
    for line in log.splitlines():
        if match := _BECAME.match(line):
            watched.add(match[1])
        elif (match := _BORE.match(line)) and match[1] in watched:
            watched.add(match[2])
        elif (match := _OPENED.match(line)) and match[1] in watched:
            opened.add(match[2])
        elif (match := _CALLED.match(line)) and match[1] in watched:
            called.append(line)
    return Reach(frozenset(opened), tuple(called))
