"""Every step of an upload's life that changes the disk, killed once, whichever thread takes it."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import checks, processes, steps
from .book import Book, Kept
from .clips import make_clips
from .place import Place, kill

STORIES = ("chunks", "text")
SETTLED_WITHIN_S = 120
# Threads take turns as they like: a step may come too fast for us, or not at all this time.
TRIES = 3
ROOT = Path(__file__).parents[2]


def missing():
    """What is missing to run this, in words; None if all is there."""
    if shutil.which("strace") is None:
        return "strace not found; install it (apt-get install strace)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "strace may not trace here"


@dataclass(frozen=True)
class Point:
    """The n-th step of its kind in a story, over all threads."""

    story: str
    kind: str
    number: int

    def __str__(self):
        return f"{self.story}-{self.kind}-{self.number}"


@dataclass
class Outcome:
    """What came of it: how many points were struck, which never came about again, what was wrong afterwards."""

    known: int
    struck: int
    missed: list[Point]
    found: list[str]

    def lines(self):
        """All of it, for people."""
        yield f"{self.struck} of {self.known} struck, violations {len(self.found)}"
        yield from (f"    did not come about again: {point}" for point in self.missed)
        yield from (f"    ! {words}" for words in self.found)


class Ground:
    """An instance that has run once and has an account, to begin every story from."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.clips = make_clips(self.folder)
        self._template = Place(self.folder / "template")
        self._template.start()
        self._token = self._template.running.user().token
        self._template.stop()

    def points(self, story):
        """Every point of a story, counted while it is told to its end."""
        with self._fresh(f"{story}-whole") as place:
            told = self._tell(place, story)
            assert "ended" in told.said, place.running.log.read_text()[-2000:]
        return [Point(story, kind, number + 1) for kind in steps.STEPS for number in range(told.begun[kind])]

    def strike(self, point):
        """Kill the story at this point, let a worker go on, and tell what is wrong then; None if it never got there."""
        for patience in range(1, TRIES + 1):
            with self._fresh(f"{point}-{patience}") as place:
                told = self._tell(place, point.story, strike=(point.kind, point.number), patience=patience)
                if told.struck:
                    found = self._aftermath(place, _acknowledged(told.said, point.story))
                    return [f"{point}: {words}" for words in found]
        return None

    def _aftermath(self, place, book):
        with _worker(place):
            _settle(place, book)
        return [*_wrong(place, book, self.clips)]

    @contextmanager
    def _fresh(self, name):
        place = Place(self.folder / name)
        try:
            shutil.copytree(self._template.data, place.data, dirs_exist_ok=True)
            # The same address, or the account's token would be another issuer's.
            place.running.environment |= {"SLUICE_PUBLIC_URL": self._template.running.url}
            yield place
        finally:
            place.clean_up()

    def _tell(self, place, story, **how):
        argv = [sys.executable, "-m", "tests.faults.story", str(self.clips[story].path)]
        surroundings = {**place.running.environment, "FAULTS_TOKEN": self._token}
        with place.running.log.open("ab") as log:
            return steps.run(argv, folder=ROOT, environment=surroundings, log=log, **how)


def _acknowledged(said, story):
    book = Book()
    for line in said.splitlines():
        word, _, video_id = line.partition(" ")
        if word == "ticket":
            book.videos[video_id] = Kept(video_id, story, None, title="A film")
        elif word == "stored":
            book.videos[video_id].stored = True
    return book


@contextmanager
def _worker(place):
    """A worker for every lane, a minute after the crash."""
    for one in processes.using(place.data):
        kill(one.pid)
    place.minute_passes()
    argv = [sys.executable, "-m", "sluice", "worker"]
    with place.running.log.open("ab") as log:
        worker = subprocess.Popen(argv, env=place.running.environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def _settle(place, book):
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < deadline and [*_open(place, book)]:
        place.minute_passes()
        time.sleep(0.2)


def _open(place, book):
    yield from checks.unfinished(place, book)
    yield from checks.left_behind(place, book)
    # What arrived without being acknowledged is finished all the same.
    for path in (place.data / "raw").glob("[!.]*"):
        if place.rows("SELECT 1 FROM videos WHERE id = ? AND status IN ('pending', 'processing')", (path.name,)):
            yield f"{path.name} has not ended"


def _wrong(place, book, clips):
    yield from _open(place, book)
    yield from checks.lost(place, book)
    yield from checks.verdicts(place, book)
    yield from checks.broken(place, book, clips, thorough=0)
    for one in processes.using(place.data):
        yield f"process {one.pid} outlived its parent: {' '.join(one.words)[:200]}"


def strike_all(folder, *, every=1, at_once=3):
    """Every n-th point there is, struck."""
    ground = Ground(folder)
    points = [point for story in STORIES for point in ground.points(story)]
    tried = points[::every]
    with ThreadPoolExecutor(at_once) as pool:
        wrong = dict(zip(tried, pool.map(ground.strike, tried), strict=True))
    missed = [point for point, words in wrong.items() if words is None]
    found = [words for each in wrong.values() for words in each or ()]
    return Outcome(len(points), len(tried) - len(missed), missed, found)
