"""The encoder of one machine: orders wait in a lane of their own until a worker runs them, whole or in chunks."""

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sluice.adapters.chunks import unsuited
from sluice.codec import plain, restore
from sluice.errors import Unplayable
from sluice.ladder import Facts, Order
from sluice.layout import AUDIO, attempt_prefix
from sluice.messages import EncodeFailed, EncodeLost, EncodeProgressed, EncodeSucceeded
from sluice.ports import EncodeEnd
from sluice.settings import Settings

from . import copied, encoding
from .chunked import Chunked
from .durable import DiskFull, disk
from .encoding import OutOfTime, failed
from .job import COMPLETE, Job, is_complete
from .kept import Kept
from .mp4 import unseekable
from .pool import Pool
from .process import Ended, Unsuited, UnsuitedSound
from .publisher import Media
from .room import Room, RoomWatch
from .single import Single
from .track import Broken

__all__ = ["COMPLETE", "LANE", "LocalEncoder", "dumps", "job_of", "loads", "run_order"]

LANE = "encoder"

# A way to encode a job, cut for so many chunks at once.
Run = Callable[[Job, int], EncodeEnd | None]

_log = logging.getLogger(__name__)


class Orders(Protocol):
    """What the encoder needs of a queue: orders by key, each there until somebody has answered for it."""

    def put(self, lane: str, body: str, *, key: str) -> None:
        """Add a body, unless the lane has this key already; durable when it returns."""

    def drop(self, lane: str, key: str) -> None:
        """Remove it, whoever works on it."""

    def has(self, lane: str, key: str) -> bool:
        """Whether it waits or is being worked on."""

    def waits(self, lane: str, key: str) -> bool:
        """Whether nobody has taken it yet."""


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

    def cancel_order(self, video_id: str, attempt: int) -> None:
        """Take back the order of this attempt."""
        self.cancel(_job(video_id, attempt))

    def end_of(self, video_id: str, attempt: int, job: str) -> EncodeEnd | None:
        """How the job ended; None while it waits or runs."""
        if self._orders.has(LANE, job):
            return None
        if is_complete(self._media, video_id, attempt):
            return EncodeSucceeded(video_id, attempt)
        return EncodeLost(video_id, attempt)

    def waits(self, job: str) -> bool:
        """Whether nobody has taken the order yet; that of somebody who died is taken up at once."""
        return self._orders.waits(LANE, job)

    def arrange(self, video_id: str, attempt: int, facts: Facts) -> None:
        """Nothing: its publisher put everything in place."""


def job_of(order: Order) -> str:
    """The handle of an order's job, which is also its key in the lane."""
    return _job(order.video_id, order.attempt)


def _job(video_id: str, attempt: int) -> str:
    return f"{video_id}/{attempt}"


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
    pool: Pool,
    source: Path,
    work: Path,
    kept: Path,
    media: Media,
    room: Room,
    report: Callable[[EncodeProgressed], None],
    wanted: Callable[[], bool],
    stands: Callable[[], bool],
    stopping: Callable[[], bool] = lambda: False,
) -> EncodeEnd | None:
    """Encode and publish, and how that ended; None if it was not wanted here any more.

    Nothing of it stays published then, unless the order still stands: whoever took it over works on it. Can be repeated
    after a crash. The work folder is gone at the end; what is kept stays until the video's encode has come to an end,
    whichever attempt that is, or is swept. Both are on the media's file system, and the first is no other run's.
    """
    job = Job(
        *(order, settings, pool, source.absolute(), work.absolute(), Kept(kept.absolute()), media, RoomWatch(room)),
        *(report, wanted, stopping),
    )
    try:
        shutil.rmtree(job.work, ignore_errors=True)
        end = job.earlier_end() or _encode(job)
    finally:
        shutil.rmtree(job.work, ignore_errors=True)
    # Who is not wanted any more may have been followed by another run already, which goes on with what is kept.
    if not isinstance(end, EncodeLost) and wanted():
        job.kept.remove()
        _remove_killed_runs(job)
    if (end is None or isinstance(end, EncodeFailed)) and (wanted() or not stands()):
        media.delete_prefix(attempt_prefix(order.video_id, order.attempt))
    return end


def _remove_killed_runs(job: Job) -> None:
    for folder in job.work.parent.glob(f"{job.order.video_id}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _encode(job: Job) -> EncodeEnd | None:
    try:
        end = _in_the_best_way(job) if job.goes_on() else None
    except DiskFull:
        end = failed(job.order, "no_space", encoding.NO_SPACE)
    except OutOfTime:
        end = failed(job.order, "too_slow", encoding.TOO_SLOW)
    except (Broken, Unplayable) as error:
        _log.warning("%s not whole: %s", job.order.name, error)
        end = failed(job.order, "damaged", encoding.DAMAGED)
    if end is None and job.stopping():
        return EncodeLost(job.order.video_id, job.order.attempt, planned=True)
    if isinstance(end, EncodeFailed) and end.code == "damaged":
        return _other_cause(job) or end
    return end


def _other_cause(job: Job) -> EncodeEnd | None:
    """How it ended where something else than the film was to blame; None where nothing was."""
    if job.room.was_full:
        return failed(job.order, "no_space", encoding.NO_SPACE)
    try:
        job.source.open("rb").close()
    except OSError:
        # Who works on sources finds out what became of it.
        return EncodeLost(job.order.video_id, job.order.attempt)
    return None


def _in_the_best_way(job: Job) -> EncodeEnd | None:
    with disk():
        job.work.mkdir(parents=True)
    for way, reason_against, run in _WAYS:
        reason = "an earlier attempt found that out" if job.kept.refused(way) else reason_against(job)
        if reason is None:
            try:
                return _run(job, way, run)
            except Ended as ended:
                return job.lost() if isinstance(ended.end, EncodeLost) else ended.end
            except Unsuited as error:
                if job.room.was_full:
                    return failed(job.order, "no_space", encoding.NO_SPACE)
                reason = str(error)
                job.kept.refuse(way)
        _log.info("%s not %s: %s", job.order.name, way, reason)
        if job.has_published():
            # Another attempt has another folder: what viewers have seen of this one is not changed under their hands.
            return EncodeLost(job.order.video_id, job.order.attempt, planned=True)
    return Single(job).to_its_end()


def _run(job: Job, way: str, run: Run) -> EncodeEnd | None:
    """How it ended in this way, with its sound encoded if that can't be taken over."""
    try:
        return run(job, job.kept.open(job.order, way, job.pool.share))
    except UnsuitedSound as error:
        if job.room.was_full:
            raise
        job.kept.refuse(AUDIO)
        _log.info("%s sound not copied: %s", job.order.name, error)
    if job.has_published():
        return EncodeLost(job.order.video_id, job.order.attempt, planned=True)
    with disk():
        shutil.rmtree(job.work)
        job.work.mkdir()
    return _run(job, way, run)


def _reason_against_chunks(job: Job) -> str | None:
    return unsuited(job.order.source, job.order.facts) or unseekable(job.source)


def _reason_against_copying(job: Job) -> str | None:
    return _reason_against_chunks(job) or copied.reason_against(job)


# The best one first; after all of them, one process for the whole film has the last word.
_WAYS: tuple[tuple[str, Callable[[Job], str | None], Run], ...] = (
    ("copied", _reason_against_copying, lambda job, at_once: Chunked(job, at_once, copied.Copied(job)).to_its_end()),
    ("chunked", _reason_against_chunks, lambda job, at_once: Chunked(job, at_once).to_its_end()),
)
