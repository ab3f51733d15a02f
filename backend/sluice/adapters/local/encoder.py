"""The encoder of one machine: orders wait in a lane of their own, and a worker runs one ffmpeg for each."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from sluice.adapters import child, thumbnail
from sluice.adapters.ffmpeg import encode_argv
from sluice.adapters.stream_ends import hold_s
from sluice.codec import plain, restore
from sluice.errors import NotFound, Unplayable
from sluice.ladder import Facts, Order
from sluice.layout import THUMBNAIL, attempt_prefix, media_key
from sluice.messages import EncodeFailed, EncodeLost, EncodeProgressed, EncodeSucceeded
from sluice.playlists import folders
from sluice.ports import EncodeEnd
from sluice.settings import Settings

from . import encoding
from .durable import DiskFull, disk
from .encoding import Encoding, OutOfTime, Progress, encode_limits, failed, wall_s
from .publisher import Broken, Media, Publisher

LANE = "encoder"
# Written last of all: where it is, everything else is there and was found whole.
COMPLETE = "complete.json"

_THUMBNAIL_CANDIDATES = 5
_ENOUGH_TO_LOOK_AT = 720
_FULL_BYTES = 8 << 20

_log = logging.getLogger(__name__)


class Orders(Protocol):
    """What the encoder needs of a queue: orders by key, each there until somebody has answered for it."""

    def put(self, lane: str, body: str, *, key: str) -> None:
        """Add a body, unless the lane has this key already; durable when it returns."""

    def drop(self, lane: str, key: str) -> None:
        """Remove it, whoever works on it."""

    def has(self, lane: str, key: str) -> bool:
        """Whether it waits or is being worked on."""


class LocalEncoder:
    """ports.Encoder over a lane of orders; `run_order` is what a worker does with one."""

    def __init__(self, orders: Orders, media: Media) -> None:
        self._orders = orders
        self._media = media

    def submit(self, order: Order) -> str:
        """The job's handle; a second order of the same video and attempt gets the first one's job."""
        job = job_of(order)
        self._orders.put(LANE, dumps(order), key=job)
        return job

    def cancel(self, job: str) -> None:
        """Take the order back; a worker that runs it notices and stops."""
        self._orders.drop(LANE, job)

    def end_of(self, video_id: str, attempt: int, job: str) -> EncodeEnd | None:
        """How the job ended; None while it waits or runs."""
        if self._orders.has(LANE, job):
            return None
        if _is_complete(self._media, video_id, attempt):
            return EncodeSucceeded(video_id, attempt)
        return EncodeLost(video_id, attempt)

    def arrange(self, video_id: str, attempt: int, facts: Facts) -> None:
        """Nothing: its publisher put everything in place."""


def job_of(order: Order) -> str:
    """The handle of an order's job, which is also its key in the lane."""
    return f"{order.video_id}/{order.attempt}"


def dumps(order: Order) -> str:
    """The order as it waits in the lane."""
    return json.dumps(plain(order), separators=(",", ":"))


def loads(body: str) -> Order:
    """The order from the lane; ValueError if it is none."""
    return restore(Order, json.loads(body))


def run_order(
    order: Order,
    *,
    settings: Settings,
    source: Path,
    work: Path,
    media: Media,
    report: Callable[[EncodeProgressed], None],
    wanted: Callable[[], bool],
) -> EncodeEnd | None:
    """Encode and publish, and how that ended; None if it was not wanted any more, and then nothing of it stays.

    Can be repeated after a crash. The work folder is gone at the end; on the media's file system, and no one else's.
    """
    run = _Run(order, settings, source.absolute(), work.absolute(), media, report, wanted)
    try:
        end = _earlier_end(order, media) or run.to_its_end()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if end is None or isinstance(end, EncodeFailed):
        media.delete_prefix(attempt_prefix(order.video_id, order.attempt))
    return end


def _earlier_end(order: Order, media: Media) -> EncodeEnd | None:
    """How an earlier run of the same order ended: nobody may mix its segments with those of a new one."""
    if _is_complete(media, order.video_id, order.attempt):
        return EncodeSucceeded(order.video_id, order.attempt)
    if any(media.list(attempt_prefix(order.video_id, order.attempt))):
        return EncodeLost(order.video_id, order.attempt)
    return None


def _is_complete(media: Media, video_id: str, attempt: int) -> bool:
    try:
        return bool(media.read(media_key(video_id, attempt, COMPLETE)))
    except NotFound:
        return False


@dataclass
class _Run:
    """One run of one order."""

    order: Order
    settings: Settings
    source: Path
    work: Path
    media: Media
    report: Callable[[EncodeProgressed], None]
    wanted: Callable[[], bool]

    def __post_init__(self) -> None:
        self._publisher = Publisher(self.order, self.work, self.media)
        self._progress = Progress(self.order, self.report)

    def to_its_end(self) -> EncodeEnd | None:
        """How it ended; None if it was stopped because nobody wants it any more."""
        try:
            return self._encode() if self.wanted() else None
        except DiskFull:
            return failed(self.order, "no_space", encoding.NO_SPACE)
        except OutOfTime:
            return failed(self.order, "too_slow", encoding.TOO_SLOW)
        except (Broken, Unplayable) as error:
            _log.warning("video=%s attempt=%d not whole: %s", self.order.video_id, self.order.attempt, error)
            full = shutil.disk_usage(self.work).free < _FULL_BYTES
            code, detail = ("no_space", encoding.NO_SPACE) if full else ("damaged", encoding.DAMAGED)
            return failed(self.order, code, detail)

    def _encode(self) -> EncodeEnd | None:
        self._prepare()
        process = child.start(self._argv(), encode_limits(self.order), folder=self.work)
        running = Encoding(process, wall_s(self.order))
        with process:
            try:
                stopped = not self._follow(running)
            finally:
                returncode = child.stop(process)
        if stopped:
            return None
        return self._judge(returncode, running)

    def _prepare(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        with disk():
            for folder in folders(self.order.facts):
                (self.work / folder).mkdir(parents=True)

    def _argv(self) -> list[str]:
        source, settings = self.order.source, self.settings
        held = hold_s(settings.ffprobe, str(self.source), source)
        tonemap = source.hdr and _has_zscale(settings.ffmpeg)
        return encode_argv(settings.ffmpeg, str(self.source), self.order, hold_s=held, tonemap=tonemap)

    def _follow(self, running: Encoding) -> bool:
        """Publish as it goes; False if it is not wanted any more."""
        for _ in running.turns():
            if not self.wanted():
                return False
            self._publisher.advance()
            self._progress.tell(running.frames, playable=self._publisher.playable)
        return True

    def _judge(self, returncode: int, running: Encoding) -> EncodeEnd | None:
        end = encoding.verdict(self.order, returncode, running.last_words)
        if end is not None:
            tail = running.last_words.strip()[-500:]
            _log.warning("video=%s ffmpeg exit=%d: %s", self.order.video_id, returncode, tail)
            return end
        self._publisher.finish()
        self._progress.tell(running.frames, playable=True)
        self._publish_thumbnail()
        if not self.wanted():
            return None
        complete = json.dumps({"id": self.order.video_id, "attempt": self.order.attempt}).encode()
        self.media.put(self._key(COMPLETE), complete, "application/json")
        return EncodeSucceeded(self.order.video_id, self.order.attempt)

    def _publish_thumbnail(self) -> None:
        """Choose among a few moments by looking at the smallest rung, and take the picture from a larger one."""
        rungs = self.order.facts.renditions
        large = next((one for one in rungs if min(one.width, one.height) <= _ENOUGH_TO_LOOK_AT), rungs[-1])
        looks = {number: self._look(rungs[-1].name, number) for number in self._moments()}
        # The earlier of two that are equally good.
        best = max(looks, key=lambda number: (looks[number].score, -number))
        picture = self.work / THUMBNAIL
        if thumbnail.extract(self.settings.ffmpeg, self._segment(large.name, best), looks[best].frame, picture):
            self.media.publish(picture, self._key(THUMBNAIL))

    def _moments(self) -> list[int]:
        """A few segments, evenly over the video; its very beginning and end are seldom telling."""
        count, wanted = self._publisher.segments, _THUMBNAIL_CANDIDATES
        return sorted({int((place + 0.5) * count / wanted) for place in range(wanted)})

    def _look(self, folder: str, number: int) -> thumbnail.Look:
        return thumbnail.best_frame(self.settings.ffmpeg, self._segment(folder, number))

    def _segment(self, folder: str, number: int) -> Path:
        file = self.work / "segment.mp4"
        with disk():
            file.write_bytes(self._publisher.segment(folder, number))
        return file

    def _key(self, path: str) -> str:
        return media_key(self.order.video_id, self.order.attempt, path)


@cache
def _has_zscale(program: str) -> bool:
    limits = child.Limits(memory_bytes=1 << 30, cpu_s=10)
    listed = child.run([program, "-v", "quiet", "-filters"], limits, wall_s=10, stdout_cap_bytes=1 << 20)
    return b" zscale " in listed.stdout
