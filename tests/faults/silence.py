"""Uploads of which every event is lost, of the source's arrival and of the encode's end: sweeps alone bring them on."""

import time
from dataclasses import dataclass

from . import checks, tampering
from .book import Book
from .clips import make_clips
from .place import Place
from .uploaders import Uploader

SWEEP_EVERY_S = 15.0
# The next sweep finds what is due; it takes a moment itself.
MADE_GOOD_WITHIN_S = SWEEP_EVERY_S + 5
SWEEPS_AT_MOST = 2
# Each of two events is due after a minute and made good after that; the encode comes between them.
SETTLED_WITHIN_S = 2 * (60 + MADE_GOOD_WITHIN_S) + 120


@dataclass
class Outcome:
    """What came of it."""

    book: Book
    ends: dict[str, int]
    lost: int
    most_sweeps: int
    longest_overdue_s: float
    settled_s: float

    def lines(self):
        """All of it, for people."""
        ends = ", ".join(f"{name} {many}" for name, many in sorted(self.ends.items()))
        yield f"every event lost: {self.lost}, of {self.book.uploads} uploads"
        yield f"  ends: {ends}; all of them {self.settled_s:.0f} s after the last upload"
        yield f"  sweeps that one video needed, at most: {self.most_sweeps}"
        yield f"  longest time that something due waited for its sweep: {self.longest_overdue_s:.1f} s"
        yield f"  violations: {len(self.book.violations)}"
        yield from (f"    ! {words}" for words in self.book.violations)


def run(folder, uploads):
    """So many uploads, each event lost."""
    place, book, clips = Place(folder / "silence"), Book(), make_clips(folder)
    try:
        place.start()
        tampering.begin(place, tampering.LOSE_FIRST)
        sender = Uploader(place.running.user(), clips, book, uploads, lambda: 0, seed=1)
        sender.start()
        sender.join()
        settled_s = _settle(place, book)
        _judge(place, book, clips)
        overdue = tampering.overdue_s(place)
        return Outcome(
            book,
            checks.ends(place),
            sum(map(len, overdue.values())),
            max(map(len, overdue.values())),
            max(late or 0.0 for each in overdue.values() for late in each),
            settled_s,
        )
    finally:
        place.clean_up()


def _settle(place, book):
    began = time.monotonic()
    while time.monotonic() - began < SETTLED_WITHIN_S and checks.unfinished(place, book):
        time.sleep(1)
    return time.monotonic() - began


def _judge(place, book, clips):
    for one in checks.unfinished(place, book):
        book.violated(f"video {one} has not ended")
    for video, late in tampering.overdue_s(place).items():
        if None in late:
            book.violated(f"video {video} lost an event that nobody made good")
        elif len(late) > SWEEPS_AT_MOST or max(late) > MADE_GOOD_WITHIN_S:
            book.violated(f"video {video} was brought on {[round(each, 1) for each in late]} s after it was due")
    for words in (*checks.lost(place, book), *checks.verdicts(place, book), *checks.broken(place, book, clips)):
        book.violated(words)
