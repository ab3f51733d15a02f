"""The thumbnail of a film that is being encoded: chosen among frames that were looked at while they were encoded."""

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path

from sluice.adapters import thumbnail
from sluice.ladder import Facts
from sluice.layout import THUMBNAIL

from .durable import disk
from .publisher import Publisher

_ENOUGH_TO_LOOK_AT = 720
# A film's very beginning and end are seldom telling.
_SELDOM_TELLING = 10


class Cover:
    """Chooses by looks at the smallest rung, and takes the picture from a larger one.

    `looks` says in which files they are, by the frame of the film with which each begins.
    """

    def __init__(
        self, program: str, facts: Facts, publisher: Publisher, looks: Callable[[], Mapping[int, Path]], work: Path
    ) -> None:
        rungs = facts.renditions
        self._program = program
        self._facts = facts
        self._publisher = publisher
        self._looks = looks
        self._work = work
        self._large = next((one for one in rungs if min(one.width, one.height) <= _ENOUGH_TO_LOOK_AT), rungs[-1]).name
        self._picture: Path | None = None

    def look_ahead(self, segments: int) -> None:
        """Choose the picture, once, as soon as nothing but the end of a film of so many segments is missing."""
        nearly = _SELDOM_TELLING * self._publisher.segments >= (_SELDOM_TELLING - 1) * segments > 0
        if self._picture is None and nearly and self._all_looked_at():
            self._picture = self._chosen()

    def picture(self) -> Path | None:
        """The chosen picture of a film that is wholly published; None if there is none to be had."""
        self._picture = self._picture or self._chosen()
        return self._picture

    def _all_looked_at(self) -> bool:
        """Whether what was found of all that is published is there: it comes a little later than the segments."""
        end_s = sum(self._publisher.lengths_s)
        return all(file.exists() for first, file in self._looks().items() if self._time_s(first + 0.5) < end_s)

    def _chosen(self) -> Path | None:
        ends = [*accumulate(self._publisher.lengths_s)]
        # What is rounded in a playlist must not bring a frame into the segment before its own.
        found = [(score, frame) for score, frame in self._scores() if self._time_s(frame + 0.5) < ends[-1]]
        # The earlier of two that are equally good.
        frame = max(self._telling(found), key=lambda one: (one[0], -one[1]), default=(0.0, 0))[1]
        number = bisect(ends, self._time_s(frame + 0.5))
        within = frame - round((ends[number - 1] if number else 0.0) * self._facts.rate)
        picture = self._work / THUMBNAIL
        there = thumbnail.extract(self._program, self._segment(number), within / self._facts.rate, picture)
        return picture if there else None

    def _scores(self) -> Iterator[tuple[float, int]]:
        every = thumbnail.spacing(self._facts)
        for first, file in self._looks().items():
            # What was kept by an earlier release has none.
            printed = file.read_text() if file.exists() else ""
            yield from ((score, first + every * place) for place, score in enumerate(thumbnail.scores(printed)))

    def _telling(self, found: list[tuple[float, int]]) -> list[tuple[float, int]]:
        frames = round(self._facts.duration_s * self._facts.rate)
        edge = frames // _SELDOM_TELLING
        return [one for one in found if edge <= one[1] < frames - edge] or found

    def _time_s(self, frame: float) -> float:
        return frame / self._facts.frame_rate

    def _segment(self, number: int) -> Path:
        file = self._work / "segment.mp4"
        with disk():
            file.write_bytes(self._publisher.segment(self._large, number))
        return file
