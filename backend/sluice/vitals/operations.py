"""The operator's view of this machine."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress

from sluice.adapters.local.doorbell import sleepers
from sluice.adapters.local.durable import disk
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.errors import NotFound
from sluice.operations import Encode, Lane, Overview, Worker
from sluice.video import Status, Video
from sluice.wiring.local import LocalHome

FAILURES = 20


class LocalOperations:
    """operations.Operations over the data folder."""

    def __init__(self, home: LocalHome) -> None:
        self._data = home.app.settings.data
        self._bells = home.bells
        self._videos = home.videos
        self._room = home.queue_room

    def overview(self) -> Overview:
        with disk():
            usage = shutil.disk_usage(self._data)
        return Overview(
            lanes=self._lanes(),
            workers=self._workers(),
            encodes=list(self._encodes()),
            failures=self._failures(),
            dead=self._room.dead(),
            videos=self._videos.counts(),
            free_bytes=usage.free,
            size_bytes=usage.total,
        )

    def replay(self, number: int) -> None:
        self._room.replay(number)

    def drop(self, number: int) -> None:
        self._room.drop(number)

    def _lanes(self) -> list[Lane]:
        found = self._room.lanes()
        known = any(lane.name == ENCODER for lane in found)
        return found if known else [*found, Lane(ENCODER, 0, 0, 0, 0, None)]

    def _workers(self) -> list[Worker]:
        lanes: dict[int, set[str]] = defaultdict(set)
        for lane, pid in sleepers(self._bells):
            lanes[pid].add(lane)
        busy = Counter(letter.pid for letter in self._room.leased())
        return [Worker(pid, tuple(sorted(lanes[pid])), busy[pid]) for pid in sorted(lanes)]

    def _encodes(self) -> Iterator[Encode]:
        for letter in self._room.leased():
            # A video may be deleted between the two looks.
            with suppress(NotFound):
                if letter.lane == ENCODER and letter.video_id:
                    yield Encode(self._videos.get(letter.video_id), letter.pid)

    def _failures(self) -> list[Video]:
        found = self._videos.every(status=Status.FAILED, before=None, limit=FAILURES)
        return [video for video in found if not video.gone]
