"""The thumbnail of a film that is being encoded: chosen among frames that were looked at while they were encoded."""

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, pairwise
from pathlib import Path

from sluice.adapters import thumbnail
from sluice.ladder import Facts
from sluice.layout import THUMBNAIL

from .durable import disk
from .publisher import Publisher

# A film's very beginning and end are seldom telling.
_SELDOM_TELLING = 10
# Of so much of a film a frame is taken that is at least so telling: bright, and not the same all over.
_MOST, _TELLING = 0.75, 170.0


class Cover:
    """Chooses by looks at the smallest rung, and takes the picture from a larger one.

    `looks` says in which files they are, by the frame of the film with which each begins.
    """

    def __init__(
        self, program: str, facts: Facts, publisher: Publisher, looks: Callable[[], Mapping[int, Path]], work: Path
    ) -> None:
        self._program = program
        self._facts = facts
        self._frames = round(facts.duration_s * facts.rate)
        self._publisher = publisher
        self._looks = looks
        self._work = work
        self._large = facts.looked_at.name
        self._picture: Path | None = None
        self._looked_ahead = False

    def look_ahead(self) -> None:
        """Choose the picture as soon as most of the film was looked at, once, if something of that is telling."""
        if self._looked_ahead or not self._most_is_looked_at():
            return
        self._looked_ahead = True
        score, frame = self._best()
        self._picture = self._taken(frame) if score >= _TELLING else None

    def picture(self) -> Path | None:
        """The chosen picture of a film that is wholly published; None if there is none to be had."""
        self._picture = self._picture or self._taken(self._best()[1])
        return self._picture

    def _most_is_looked_at(self) -> bool:
        """Whether what was found of most of it is there: it comes a little later than the segments."""
        published_s, most_s = sum(self._publisher.lengths_s), _MOST * self._facts.duration_s
        if published_s < most_s:
            return False
        looks = self._looks()
        parts = zip(looks.values(), pairwise([*looks, self._frames]), strict=True)
        seen = (after - first for file, (first, after) in parts if file.exists())
        return self._time_s(sum(seen)) >= most_s

    def _best(self) -> tuple[float, int]:
        """How telling the most telling frame is of what is published, and its number."""
        # What is rounded in a playlist must not bring a frame into the segment before its own.
        end_s = sum(self._publisher.lengths_s)
        found = [(score, frame) for score, frame in self._scores() if self._time_s(frame + 0.5) < end_s]
        # The earlier of two that are equally good.
        return max(self._telling(found), key=lambda one: (one[0], -one[1]), default=(0.0, 0))

    def _taken(self, frame: int) -> Path | None:
        ends = [*accumulate(self._publisher.lengths_s)]
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
        edge = self._frames // _SELDOM_TELLING
        return [one for one in found if edge <= one[1] < self._frames - edge] or found

    def _time_s(self, frame: float) -> float:
        return frame / self._facts.frame_rate

    def _segment(self, number: int) -> Path:
        file = self._work / "segment.mp4"
        with disk():
            file.write_bytes(self._publisher.segment(self._large, number))
        return file
