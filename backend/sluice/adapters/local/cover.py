"""The thumbnail of a film that is being encoded: chosen among a few moments, each looked at as soon as it is there."""

from pathlib import Path

from sluice.adapters import thumbnail
from sluice.ladder import Facts
from sluice.layout import THUMBNAIL

from .durable import disk
from .publisher import Publisher

_CANDIDATES = 5
_ENOUGH_TO_LOOK_AT = 720


class Cover:
    """Looks at the smallest rung, and takes the picture from a larger one."""

    def __init__(self, program: str, facts: Facts, publisher: Publisher, work: Path) -> None:
        rungs = facts.renditions
        self._program = program
        self._publisher = publisher
        self._work = work
        self._small = rungs[-1].name
        self._large = next((one for one in rungs if min(one.width, one.height) <= _ENOUGH_TO_LOOK_AT), rungs[-1]).name
        self._looks: dict[int, thumbnail.Look] = {}

    def look_ahead(self, segments: int) -> None:
        """Look at one more moment of a film of so many segments, if it is published by now."""
        for number in _moments(segments):
            if number not in self._looks and number < self._publisher.segments:
                self._looks[number] = thumbnail.best_frame(self._program, self._segment(self._small, number))
                return

    def picture(self) -> Path | None:
        """The chosen picture of a film that is wholly published; None if there is none to be had."""
        moments = _moments(self._publisher.segments)
        while any(number not in self._looks for number in moments):
            self.look_ahead(self._publisher.segments)
        # The earlier of two that are equally good.
        best = max(moments, key=lambda number: (self._looks[number].score, -number))
        picture = self._work / THUMBNAIL
        there = thumbnail.extract(self._program, self._segment(self._large, best), self._looks[best].frame, picture)
        return picture if there else None

    def _segment(self, folder: str, number: int) -> Path:
        file = self._work / "segment.mp4"
        with disk():
            file.write_bytes(self._publisher.segment(folder, number))
        return file


def _moments(segments: int) -> list[int]:
    """A few segments, evenly over the video; its very beginning and end are seldom telling."""
    return sorted({int((place + 0.5) * segments / _CANDIDATES) for place in range(_CANDIDATES)})
