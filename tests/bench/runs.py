"""One run of an encode by whomever: how long it takes, how much of the processors, and when it can be watched."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROUNDS = 3
_LOOK_EVERY_S = 0.005

Chain = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Run:
    """What one run took, in seconds; `playable_s` is when its first playlist had a segment of pictures."""

    wall_s: float
    cpu_s: float
    playable_s: float = 0.0


class Watch:
    """Looks at a folder until there is something to watch in it, and remembers when that was."""

    def __init__(self, folder: Path) -> None:
        self.seen_at = float("inf")
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._playable():
            self.seen_at = min(self.seen_at, time.monotonic())

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            if self._playable():
                self.seen_at = time.monotonic()
                return

    def _playable(self) -> bool:
        return any("#EXTINF" in text for text in self._playlists())

    def _playlists(self) -> Iterator[str]:
        for playlist in self._folder.rglob("*.m3u8"):
            if playlist.parent.name != "audio":
                yield playlist.read_text()


def in_rounds(contenders: Mapping[str, Callable[[], Run]]) -> dict[str, Run]:
    """The middle of some runs of each, in turns, so that a busy moment of the machine hits all of them."""
    taken = [{name: run() for name, run in contenders.items()} for _ in range(ROUNDS)]
    return {name: middle([one[name] for one in taken]) for name in contenders}


def middle(runs: Sequence[Run]) -> Run:
    """The median of each figure by itself."""
    return Run(
        median(run.wall_s for run in runs),
        median(run.cpu_s for run in runs),
        median(run.playable_s for run in runs),
    )


def run_chains(chains: Sequence[Chain], folder: Path, at_once: int) -> Run:
    """Run the commands of each chain one after another, and so many chains beside one another."""
    began = time.monotonic()
    with Watch(folder) as watch, ThreadPoolExecutor(at_once) as threads:
        spent_s = sum(threads.map(_run_chain, chains))
        wall_s = time.monotonic() - began
    return Run(wall_s, spent_s, watch.seen_at - began)


def _run_chain(chain: Chain) -> float:
    return sum(_cpu_s(argv) for argv in chain)


def _cpu_s(argv: Sequence[str]) -> float:
    """Run one command to its good end; the CPU seconds that it took."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, list(argv))
    return usage.ru_utime + usage.ru_stime
