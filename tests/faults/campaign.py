"""Uploads against a whole Sluice while everything is done to it that may happen; 0 violations wanted."""

import random
import shutil
import sqlite3
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import checks, tampering
from .book import Book
from .clips import make_clips
from .mischief import Mischief
from .place import Place
from .uploaders import Uploader
from .watchers import LaneWatch, Viewer

TERMINAL_WITHIN_S = 120.0
CLEAN_WITHIN_S = 150.0
UPLOADERS = 3
STUCK_AFTER_S = 180


@dataclass(frozen=True)
class Plan:
    """How much is done to one instance; `hurry` lets the minutes pass by moving rows instead of waiting."""

    uploads: int = 1000
    kills: int = 200
    ffmpeg_kills: int = 100
    full_disks: int = 10
    jumps: int = 20
    poison: int = 24
    workers: int = 2
    disk_mb: int = 768
    reserve_mb: int = 24
    settings: tuple[tuple[str, str], ...] = ()
    hurry: bool = False

    def share(self, number, of):
        """The part of one of several instances that do all of this together."""
        parts = {name: _share(getattr(self, name), number, of) for name in AMOUNTS}
        return Plan(**{**vars(self), **parts})


AMOUNTS = ("uploads", "kills", "ffmpeg_kills", "full_disks", "jumps", "poison")
SIZES = ("workers", "disk_mb", "reserve_mb")


@dataclass
class Outcome:
    """What a campaign against one instance came to."""

    seed: int
    book: Book
    ends: dict[str, int]
    events: dict[str, int]
    terminal_s: float
    lasted_s: float
    mounted: bool
    kept: Path | None

    def lines(self):
        """All of it, for people."""
        rows = {
            "uploads acknowledged": self.book.uploads,
            "answers": _list(self.book.answers),
            "faults": _list(self.book.faults) + ("" if self.mounted else " (no tmpfs could be mounted: no full disk)"),
            "events": _list(self.events),
            "ends": _list(self.ends),
            "final playlists fetched meanwhile": self.book.final_playlists,
            "longest time without work on waiting work": f"{self.book.longest_stall_s:.1f} s",
            "everything ended after the last fault": f"{self.terminal_s:.1f} s",
            "lasted": f"{self.lasted_s:.0f} s",
            "violations": len(self.book.violations),
        }
        yield f"seed {self.seed}"
        yield from (f"  {name}: {value}" for name, value in rows.items())
        yield from (f"    ! {words}" for words in self.book.violations)
        if self.kept:
            yield f"  what it left is in {self.kept}"


class Campaign:
    """One instance, attacked by a plan."""

    def __init__(self, folder, plan, seed):
        self.book = Book()
        sizes = {name: getattr(plan, name) for name in SIZES}
        self.place = Place(folder / f"seed-{seed}", settings=plan.settings, **sizes)
        self._plan = plan
        self._seed = seed
        self._moved = (0, time.monotonic())
        self._clips = make_clips(folder)
        self._lanes = LaneWatch(self.book, self.place)
        self._viewer = Viewer(self.book, self._clips)
        self._mischief = Mischief(self.place, self.book, self._lanes, seed)

    def run(self):
        """The outcome; nothing of the instance stays."""
        began = time.monotonic()
        try:
            self.place.start()
            tampering.watch_ends(self.place)
            self._attack()
            terminal_s = self._settle()
            self._judge(terminal_s)
            events, ends = tampering.counts(self.place), checks.ends(self.place)
            self._stop()
            kept = self._evidence() if self.book.violations else None
        except Exception as error:
            error.add_note(f"what it left is in {self._evidence()}; {self.book}")
            raise
        finally:
            self.place.clean_up()
        lasted_s = time.monotonic() - began
        return Outcome(self._seed, self.book, ends, events, terminal_s, lasted_s, self.place.mounted, kept)

    def _attack(self):
        tampering.begin(self.place)
        watchers = (self._lanes, self._viewer)
        uploaders = [self._uploader(number) for number in range(UPLOADERS)]
        for thread in (*watchers, *uploaders):
            thread.start()
        faults = self._schedule()
        while faults or any(one.is_alive() for one in uploaders):
            done = self.book.uploads / self._plan.uploads
            if faults and (faults[-1][0] <= done or done >= 1):
                self._commit(faults)
            else:
                self._require_life()
                time.sleep(0.05)
        self._viewer.end()
        tampering.end(self.place)

    def _require_life(self):
        """Start it if it ended by itself; give up if nothing moves any more."""
        if not self.place.alive:
            self.book.violated("the supervisor ended by itself")
            self.place.start()
        if self.book.uploads != self._moved[0]:
            self._moved = self.book.uploads, time.monotonic()
        if time.monotonic() - self._moved[1] > STUCK_AFTER_S:
            raise AssertionError(f"no upload for {STUCK_AFTER_S} s: {self.book}")

    def _uploader(self, number):
        user = self.place.running.user(f"user{number}")
        seed = self._seed * 1000 + number
        return Uploader(user, self._clips, self.book, self._plan.uploads, lambda: self._lanes.backlog, seed)

    def _schedule(self):
        """Every fault at the share of the uploads when it is due, the last one first."""
        plan, chance = self._plan, random.Random(self._seed)
        amounts = {
            self._mischief.kill: plan.kills,
            self._mischief.kill_ffmpeg: plan.ffmpeg_kills,
            self._mischief.fill_disk: plan.full_disks,
            self._mischief.jump: plan.jumps,
            self._mischief.poison: plan.poison,
        }
        faults = [(chance.random(), act) for act, many in amounts.items() for _ in range(many)]
        return sorted(faults, key=lambda fault: fault[0], reverse=True)

    def _commit(self, faults):
        """Do what is due; what found no victim is done a little later, if uploads still come."""
        at, act = faults.pop()
        if not act() and self.book.uploads < self._plan.uploads:
            faults.append((min(1.0, at + 0.01), act))
            faults.sort(key=lambda fault: fault[0], reverse=True)

    def _settle(self):
        """Wait until all is as it should be; the seconds until every video had ended."""
        began, terminal_s = time.monotonic(), None
        while time.monotonic() - began < CLEAN_WITHIN_S:
            with suppress(sqlite3.Error, FileNotFoundError):
                if terminal_s is None and not checks.unfinished(self.place, self.book):
                    terminal_s = time.monotonic() - began
                if terminal_s is not None and not [*checks.left_behind(self.place, self.book)]:
                    return terminal_s
                if self._plan.hurry:
                    self.place.minute_passes()
            time.sleep(1)
        return terminal_s if terminal_s is not None else CLEAN_WITHIN_S

    def _judge(self, terminal_s):
        self._lanes.end()
        place, book = self.place, self.book
        for check in (
            lambda: (f"video {one} has not ended" for one in checks.unfinished(place, book)),
            lambda: (f"video {one} was {was} and became {became}" for one, was, became in tampering.left_ends(place)),
            lambda: checks.lost(place, book),
            lambda: checks.verdicts(place, book),
            lambda: checks.left_behind(place, book),
            lambda: checks.admitted_without_room(book),
            lambda: checks.broken(place, book, self._clips),
        ):
            try:
                for words in check():
                    book.violated(words)
            except sqlite3.Error as error:
                book.violated(f"its database says: {error}")
        if terminal_s > TERMINAL_WITHIN_S:
            book.violated(f"it took {terminal_s:.0f} s until everything had ended")

    def _stop(self):
        for one in self.place.stop():
            self.book.violated(f"process {one.pid} outlived its supervisor: {' '.join(one.words)[:200]}")

    def _evidence(self):
        """Where the log and the databases lie on, for whoever wants to know why something was violated."""
        kept = Path(tempfile.mkdtemp(prefix=f"sluice-faults-seed-{self._seed}-"))
        for path in (self.place.running.log, *self.place.data.glob("*.db*")):
            with suppress(OSError):
                shutil.copy(path, kept)
        return kept


def run(folder, plan, seed):
    """One campaign with one seed."""
    return Campaign(folder, plan, seed).run()


def _share(whole, number, of):
    return whole // of + (number < whole % of)


def _list(counts):
    return ", ".join(f"{name} {many}" for name, many in sorted(counts.items()))
