"""A program under strace: counts its steps that change the disk over all its threads, and ends it before any of them.

strace itself counts for each thread alone; here it only tells of each step, and holds it up so that we come first.
"""

import os
import re
import select
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .place import kill

# By what they do: kernels have several names for it. SQLite's log is synced (fdatasync) before a commit returns.
STEPS = {
    "fsync": ("fsync",),
    "commit": ("fdatasync",),
    "rename": ("rename", "renameat", "renameat2"),
    "link": ("link", "linkat"),
    "unlink": ("unlink", "unlinkat", "rmdir"),
}
_KIND = {call: kind for kind, calls in STEPS.items() for call in calls}
_BEGUN = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)
# Longer than we need to read of a step and to kill, also on a busy machine; later tries wait longer.
_HELD_UP_US = 50_000
_AT_MOST_S = 300


@dataclass(frozen=True)
class Told:
    """What a program said before its end, how many steps of each kind it began, and whether it was struck in time."""

    said: str
    begun: Counter
    threads: int
    struck: bool = False


def run(argv, *, folder, environment, log, strike=None, patience=1):
    """The program's story, to its end or until it begins `strike`: the kind of a step, and which of all of that kind.

    It is struck if it was dead before this step could happen. Steps of its children are not counted.
    """
    reads, writes = os.pipe()
    kinds = [strike[0]] if strike else list(STEPS)
    # Names that this kernel doesn't have are passed over.
    names = ",".join(f"?{call}" for kind in kinds for call in STEPS[kind])
    how = ["-f", "--seccomp-bpf", "-e", f"trace={names}", "-e", f"inject={names}:delay_enter={_HELD_UP_US * patience}"]
    with subprocess.Popen(
        ["strace", *how, "-o", f"/dev/fd/{writes}", *argv],
        cwd=folder,
        env=environment,
        pass_fds=[writes],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    ) as process:
        os.close(writes)
        trace = _Trace(strike)
        try:
            trace.follow(reads)
        finally:
            os.close(reads)
            trace.kill()
        said = process.communicate()[0]
    return Told(said, trace.begun, len(trace.threads), trace.struck)


class _Trace:
    """What strace writes, read as it comes."""

    def __init__(self, strike):
        self.begun = Counter()
        self.threads = set()
        self._strike = strike
        self._children = set()
        self._process = None
        self._victim = None
        self._text = ""
        self._read = 0

    def follow(self, pipe):
        """Read to the end, which comes by force at the step that is to be struck."""
        deadline = time.monotonic() + _AT_MOST_S
        while time.monotonic() < deadline:
            if select.select([pipe], [], [], 1)[0]:
                piece = os.read(pipe, 1 << 16)
                if not piece:
                    return
                self._text += piece.decode(errors="replace")
                self._count()
        raise AssertionError(f"no end within {_AT_MOST_S} s: {self._text[-2000:]}")

    def kill(self):
        """End the program, if it runs."""
        if self._process is not None:
            kill(self._process)

    @property
    def struck(self):
        """Whether the step that was to be struck never came back."""
        return self._victim is not None and not re.search(
            rf"^{self._victim[0]} +[^\n]*\) += [-\d]", self._text[self._victim[1] :], re.MULTILINE
        )

    def _count(self):
        for match in _BEGUN.finditer(self._text, self._read):
            self._read = match.end()
            thread, kind = int(match[1]), _KIND[match[2]]
            if self._is_ours(thread):
                self.begun[kind] += 1
                self.threads.add(thread)
                if self._victim is None and (kind, self.begun[kind]) == self._strike:
                    self._victim = thread, match.start()
                    self.kill()

    def _is_ours(self, thread):
        # The first of all can only be the program itself.
        self._process = self._process or thread
        if thread not in self.threads | self._children:
            known = self.threads if Path(f"/proc/{self._process}/task/{thread}").exists() else self._children
            known.add(thread)
        return thread in self.threads
