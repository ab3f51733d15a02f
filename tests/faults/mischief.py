"""The faults of a campaign: each is one method, called from one thread."""

import os
import random
import sqlite3
import time
from contextlib import suppress

from . import tampering
from .place import kill

WINDOW_S = (3.0, 6.0)
BACK_AT_MOST_S = 3600
AHEAD_AT_MOST_S = 7200


class Mischief:
    """Knows the place, and how to hurt it; what was done is counted in the book."""

    def __init__(self, place, book, lanes, seed):
        self._place = place
        self._book = book
        self._lanes = lanes
        self._random = random.Random(seed)

    def kill(self):
        """One of our processes, seldom its supervisor or all of them; False if nobody was there."""
        dice = self._random.random()
        if dice < 0.08:
            self._everything()
        elif dice < 0.16:
            self._supervisor()
        else:
            ours = [one for one in self._place.family() if "sluice" in one.words]
            if not ours:
                return False
            victim = self._random.choice(ours)
            kill(victim.pid)
            self._book.faults[f"killed {victim.kind.replace('worker ', '')}"] += 1
        return True

    def kill_ffmpeg(self):
        """A running ffmpeg or ffprobe, once there is one."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            running = [one for one in self._place.family() if one.kind in ("ffmpeg", "ffprobe")]
            if running:
                kill(self._random.choice(running).pid)
                self._book.faults["killed ffmpeg"] += 1
                return True
            time.sleep(0.02)
        return False

    def fill_disk(self):
        """A while in which something else has taken the disk: to uploads' mark, to encodes', or all of it."""
        if not self._place.mounted:
            return True
        left = int(self._random.choice((0.75, 0.25, 0)) * self._place.reserve_bytes)
        with self._hindered():
            began = time.monotonic()
            if not self._take_all_but(left):
                return False
            full = time.monotonic()
            time.sleep(self._random.uniform(*WINDOW_S))
            if self._is_full():
                self._book.windows.append((full, time.monotonic()))
            self._filler.unlink()
            self._book.faults[f"disk full, {'nothing' if not left else 'some room'} left"] += 1
            # Those who tried in vain wait a moment before they try again.
            time.sleep(max(0.0, 1 - (time.monotonic() - began)))
        return True

    def jump(self):
        """The clock is set ahead or back."""
        seconds = self._random.choice((30, 600, AHEAD_AT_MOST_S, -30, -600, -BACK_AT_MOST_S))
        with suppress(sqlite3.Error):
            tampering.jump(self._place, seconds)
            self._book.faults["clock set ahead" if seconds > 0 else "clock set back"] += 1
            return True
        return False

    def poison(self):
        """A message that nobody can ever work on."""
        number = sum(self._book.faults[name] for name in ("poison",))
        body = f"{tampering.POISON[number % len(tampering.POISON)]}{' ' * (1 + number)}"
        with suppress(sqlite3.Error):
            tampering.poison(self._place, self._random.choice(("sources", "encodes", "tasks")), body)
            self._book.poison.append(body)
            self._book.faults["poison"] += 1
            return True
        return False

    # --- inside -----------------------------------------------------------------------------------------------------

    def _everything(self):
        with self._hindered():
            self._place.kill_all()
            self._place.start()
        self._book.faults["killed everything"] += 1

    def _supervisor(self):
        with self._hindered():
            self._place.running.process.kill()
            self._place.running.process.wait(10)
            for one in self._place.survivors():
                self._book.violated(f"{one.kind} outlived its supervisor")
            self._place.start()
        self._book.faults["killed supervisor"] += 1

    def _hindered(self):
        return _Hindered(self._lanes.hindered)

    @property
    def _filler(self):
        return self._place.data / ".somebody-else"

    def _free(self):
        usage = os.statvfs(self._place.data)
        return usage.f_bavail * usage.f_frsize

    def _is_full(self):
        return self._free() < self._place.reserve_bytes

    def _take_all_but(self, left):
        """Whether so little is left now; others write meanwhile, so it takes a few tries."""
        with self._filler.open("wb") as file:
            for _ in range(20):
                rest = self._free() - left
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, max(1, os.fstat(file.fileno()).st_size + rest))
        return self._is_full()


class _Hindered:
    """While it lasts nobody is blamed for not working."""

    def __init__(self, flag):
        self._flag = flag

    def __enter__(self):
        self._flag.set()

    def __exit__(self, *_):
        self._flag.clear()
