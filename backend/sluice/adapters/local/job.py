"""What one run of one order needs, and what every way of encoding does at its end."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sluice.adapters import child
from sluice.ladder import Order
from sluice.layout import RECEIPT, THUMBNAIL, attempt_prefix, media_key
from sluice.messages import EncodeLost, EncodeProgressed, EncodeSucceeded
from sluice.ports import EncodeEnd
from sluice.settings import Settings

from . import durable
from .cover import Cover
from .durable import disk
from .kept import Kept
from .orders import COMPLETE, is_complete
from .pool import Pool
from .publisher import Media, Publisher
from .receipt import Receipt
from .room import RoomWatch

# Others must not wait for what takes as long as a film that is longer than this.
_LONG_S = 600


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
    room: RoomWatch
    report: Callable[[EncodeProgressed], None]
    wanted: Callable[[], bool]
    stopping: Callable[[], bool]

    def goes_on(self) -> bool:
        """Whether there is still a reason to work on it here."""
        self.room.look()
        return not self.stopping() and self.wanted()

    @property
    def is_long(self) -> bool:
        """Whether its film is a long one."""
        return self.order.facts.duration_s > _LONG_S

    def folder(self, name: str) -> Path:
        """A new folder in the work folder."""
        folder = self.work / name
        with disk():
            # Where the data folder was taken away, none is begun in its place.
            self.work.stat()
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        return folder

    def keep_linked(self, written: Path, name: str) -> None:
        """Keep a finished chunk by other names for its files: whoever publishes it goes on reading where it is."""
        copy = self.folder(f"{name}.kept")
        with disk():
            for folder in written.iterdir():
                (copy / folder.name).mkdir()
                # What the publisher has for a moment is gone before it could be linked.
                for file in (one for one in folder.iterdir() if one.suffix != ".link"):
                    durable.link(file, copy / folder.name / file.name)
        self.kept.keep(copy, name)

    @property
    def tonemap(self) -> bool:
        """Whether HDR can be brought into the range of ordinary screens."""
        return self.order.source.hdr and _has_zscale(self.settings.ffmpeg)

    def cover(self, publisher: Publisher, looks: Callable[[], Mapping[int, Path]]) -> Cover:
        """The thumbnail of what is published there, to be chosen by looks at it."""
        return Cover(self.settings.ffmpeg, self.order.facts, publisher, looks, self.work)

    def finish(self, publisher: Publisher, cover: Cover, receipt: Receipt) -> EncodeEnd | None:
        """Publish what is left once everything was encoded; None if it is not wanted any more."""
        publisher.finish()
        self.media.put(self.key(RECEIPT), receipt.write(publisher), "application/json")
        picture = cover.picture()
        if picture is not None:
            self.media.publish(picture, self.key(THUMBNAIL))
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
        return self.lost() if self.has_published() else None

    def lost(self) -> EncodeLost:
        """The news that it was killed, or a part of it; that does not count against a film that got further before."""
        # A worker that dies takes all its films with it, and a kernel without memory ends any of their processes; a
        # film that got further will come to its end.
        return EncodeLost(self.order.video_id, self.order.attempt, planned=self.kept.has_grown())

    def has_published(self) -> bool:
        """Whether anybody may have seen something of this attempt."""
        return any(self.media.list(attempt_prefix(self.order.video_id, self.order.attempt)))

    def key(self, path: str) -> str:
        """The key of an object of this attempt."""
        return media_key(self.order.video_id, self.order.attempt, path)


@cache
def _has_zscale(program: str) -> bool:
    limits = child.Limits(memory_bytes=1 << 30, cpu_s=10)
    listed = child.run([program, "-v", "quiet", "-filters"], limits, wall_s=10, stdout_cap_bytes=1 << 20)
    return b" zscale " in listed.stdout
