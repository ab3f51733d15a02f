"""Every step of an upload's life that changes the disk, killed once: strace counts the steps and sends the signal."""

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import checks, processes
from .book import Book, Kept
from .clips import make_clips
from .place import Place, kill

# SQLite's commits are its fdatasyncs: the log is synced before a commit returns.
CALLS = ("fsync", "fdatasync", "rename", "unlink")
STORIES = ("short", "text")
STORY_AT_MOST_S = 90
SETTLED_WITHIN_S = 60
ROOT = Path(__file__).parents[2]


def missing():
    """What is missing to run this, in words; None if all is there."""
    if shutil.which("strace") is None:
        return "strace not found; install it (apt-get install strace)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "strace may not trace here"


@dataclass(frozen=True)
class Point:
    """The n-th call of its kind in a story."""

    story: str
    call: str
    number: int

    def __str__(self):
        return f"{self.story}-{self.call}-{self.number}"


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
        trace = self.folder / f"{story}.trace"
        with self._fresh(f"{story}-whole") as place:
            told = self._tell(place, story, "-e", f"trace={','.join(CALLS)}", "-o", str(trace))
            assert "ended" in told.stdout, told.stderr[-2000:]
        counted = Counter(re.findall(rf"^({'|'.join(CALLS)})\(", trace.read_text(), re.MULTILINE))
        return [Point(story, call, number + 1) for call in CALLS for number in range(counted[call])]

    def strike(self, point):
        """Kill the story at this point, let a worker go on, and tell what is wrong then."""
        with self._fresh(str(point)) as place:
            kill_there = f"inject={point.call}:signal=KILL:when={point.number}"
            told = self._tell(place, point.story, "-e", f"trace={point.call}", "-e", kill_there, "-o", "/dev/null")
            book = _acknowledged(told.stdout, point.story)
            with _worker(place):
                _settle(place, book)
            return [f"{point}: {words}" for words in _wrong(place, book, self.clips)]

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

    def _tell(self, place, story, *how):
        """The story under strace, of its first thread alone: what the kernel counts is then the same every time."""
        argv = ["strace", *how, sys.executable, "-m", "tests.faults.story", str(self.clips[story].path)]
        surroundings = {**place.running.environment, "FAULTS_TOKEN": self._token}
        return subprocess.run(
            argv, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=STORY_AT_MOST_S, check=False
        )


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
        worker.wait(20)


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


def strike_all(folder, *, every=1, at_once=2):
    """How many points there are, how many were tried, and what was found wrong."""
    ground = Ground(folder)
    points = [point for story in STORIES for point in ground.points(story)]
    tried = points[::every]
    with ThreadPoolExecutor(at_once) as pool:
        found = [words for wrong in pool.map(ground.strike, tried) for words in wrong]
    return len(points), len(tried), found
