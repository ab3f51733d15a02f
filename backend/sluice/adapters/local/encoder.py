"""What a worker does with an order: the film is encoded and published, in chunks where that is possible, else whole."""

import logging
import shutil
from collections.abc import Callable

from sluice.adapters.chunks import unsuited
from sluice.errors import Unplayable
from sluice.layout import AUDIO, attempt_prefix
from sluice.messages import EncodeFailed, EncodeLost
from sluice.ports import EncodeEnd

from . import copied, encoding
from .chunked import Chunked
from .durable import DiskFull, disk
from .encoding import OutOfTime, failed
from .job import Job
from .mp4 import unseekable
from .process import Ended, Unsuited, UnsuitedSound
from .single import Single
from .track import Broken

# A way to encode a job, cut for so many chunks at once.
Run = Callable[[Job, int], EncodeEnd | None]

_log = logging.getLogger(__name__)


def run_order(job: Job, stands: Callable[[], bool]) -> EncodeEnd | None:
    """Encode and publish, and how that ended; None if it was not wanted here any more.

    Nothing of it stays published then, unless the order still stands: whoever took it over works on it. Can be repeated
    after a crash. The work folder is gone at the end; what is kept stays until the video's encode has come to an end,
    whichever attempt that is, or is swept. Both are on the media's file system, and the first is no other run's.
    """
    try:
        shutil.rmtree(job.work, ignore_errors=True)
        end = job.earlier_end() or _encode(job)
    finally:
        shutil.rmtree(job.work, ignore_errors=True)
    # Who is not wanted any more may have been followed by another run already, which goes on with what is kept.
    if not isinstance(end, EncodeLost) and job.wanted():
        job.kept.remove()
        _remove_killed_runs(job)
    if (end is None or isinstance(end, EncodeFailed)) and (job.wanted() or not stands()):
        job.media.delete_prefix(attempt_prefix(job.order.video_id, job.order.attempt))
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
