"""What one run of one order needs, and what every way of encoding does at its end."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sluice.adapters import child, thumbnail
from sluice.errors import NotFound
from sluice.ladder import Order
from sluice.layout import THUMBNAIL, attempt_prefix, media_key
from sluice.messages import EncodeLost, EncodeProgressed, EncodeSucceeded
from sluice.ports import EncodeEnd
from sluice.settings import Settings

from .durable import disk
from .kept import Kept
from .pool import Pool
from .publisher import Media, Publisher

# Written last of all: where it is, everything else is there and was found whole.
COMPLETE = "complete.json"

_THUMBNAIL_CANDIDATES = 5
_ENOUGH_TO_LOOK_AT = 720


@dataclass(frozen=True)
class Job:
    """One run of one order, and the outside of it."""

    order: Order
    settings: Settings
    pool: Pool
    source: Path
    work: Path
    kept: Kept
    media: Media
    report: Callable[[EncodeProgressed], None]
    wanted: Callable[[], bool]
    stopping: Callable[[], bool]

    def goes_on(self) -> bool:
        """Whether there is still a reason to work on it here."""
        return not self.stopping() and self.wanted()

    def folder(self, name: str) -> Path:
        """A new folder in the work folder."""
        folder = self.work / name
        with disk():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        return folder

    @property
    def tonemap(self) -> bool:
        """Whether HDR can be brought into the range of ordinary screens."""
        return self.order.source.hdr and _has_zscale(self.settings.ffmpeg)

    def finish(self, publisher: Publisher) -> EncodeEnd | None:
        """Publish what is left once everything was encoded; None if it is not wanted any more."""
        publisher.finish()
        self._publish_thumbnail(publisher)
        if not self.wanted():
            return None
        order = self.order
        complete = json.dumps({"id": order.video_id, "attempt": order.attempt}).encode()
        self.media.put(self.key(COMPLETE), complete, "application/json")
        return EncodeSucceeded(order.video_id, order.attempt)

    def earlier_end(self) -> EncodeEnd | None:
        """How an earlier run of the same order ended: nobody may mix its segments with those of a new one."""
        order = self.order
        if is_complete(self.media, order.video_id, order.attempt):
            return EncodeSucceeded(order.video_id, order.attempt)
        return EncodeLost(order.video_id, order.attempt) if self.has_published() else None

    def has_published(self) -> bool:
        """Whether anybody may have seen something of this attempt."""
        return any(self.media.list(attempt_prefix(self.order.video_id, self.order.attempt)))

    def key(self, path: str) -> str:
        """The key of an object of this attempt."""
        return media_key(self.order.video_id, self.order.attempt, path)

    # --- the thumbnail ----------------------------------------------------------------------------------------------

    def _publish_thumbnail(self, publisher: Publisher) -> None:
        """Choose among a few moments by looking at the smallest rung, and take the picture from a larger one."""
        rungs = self.order.facts.renditions
        large = next((one for one in rungs if min(one.width, one.height) <= _ENOUGH_TO_LOOK_AT), rungs[-1])
        looks = {number: self._look(publisher, rungs[-1].name, number) for number in _moments(publisher.segments)}
        # The earlier of two that are equally good.
        best = max(looks, key=lambda number: (looks[number].score, -number))
        picture, segment = self.work / THUMBNAIL, self._segment(publisher, large.name, best)
        if thumbnail.extract(self.settings.ffmpeg, segment, looks[best].frame, picture):
            self.media.publish(picture, self.key(THUMBNAIL))

    def _look(self, publisher: Publisher, folder: str, number: int) -> thumbnail.Look:
        return thumbnail.best_frame(self.settings.ffmpeg, self._segment(publisher, folder, number))

    def _segment(self, publisher: Publisher, folder: str, number: int) -> Path:
        file = self.work / "segment.mp4"
        with disk():
            file.write_bytes(publisher.segment(folder, number))
        return file


def is_complete(media: Media, video_id: str, attempt: int) -> bool:
    """Whether this attempt was encoded and published to its end."""
    try:
        return bool(media.read(media_key(video_id, attempt, COMPLETE)))
    except NotFound:
        return False


def _moments(segments: int) -> list[int]:
    """A few segments, evenly over the video; its very beginning and end are seldom telling."""
    return sorted({int((place + 0.5) * segments / _THUMBNAIL_CANDIDATES) for place in range(_THUMBNAIL_CANDIDATES)})


@cache
def _has_zscale(program: str) -> bool:
    limits = child.Limits(memory_bytes=1 << 30, cpu_s=10)
    listed = child.run([program, "-v", "quiet", "-filters"], limits, wall_s=10, stdout_cap_bytes=1 << 20)
    return b" zscale " in listed.stdout
