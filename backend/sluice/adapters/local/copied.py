"""The top rung taken over from the source as it is, where that will do: there to be watched almost at once."""

import logging
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

from sluice import boxes, playlists
from sluice.adapters.chunks import copyable
from sluice.adapters.ffmpeg import copy_argv
from sluice.layout import INIT, PLAYLIST

from . import process
from .job import Job
from .pool import Band, Task
from .process import Unsuited

_MEMORY = 96 << 20
_NICENESS = 1
_LOOK_EVERY_S = 0.5
# x264 needs a few frames to begin a segment as it begins all others.
_LEAST_FRAMES = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copied:
    """Where the copied top rung lies, the first frames of its segments, and how many frames it has in all."""

    folder: Path
    starts: tuple[int, ...]
    frames: int
    cpu_s: float


def copied_top(job: Job) -> Copied | None:
    """The copied top rung, whole and in step with what will be encoded; None where it has to be encoded as well."""
    if not job.settings.copy_top or not copyable(job.order.source, job.order.facts):
        return None
    spent_s: list[float] = []
    try:
        _run(job, spent_s)
        return _looked_at(job, sum(spent_s)) if spent_s else None
    except Unsuited as error:
        _log.info("video=%s attempt=%d top rung not copied: %s", job.order.video_id, job.order.attempt, error)
        return None


def _run(job: Job, spent_s: list[float]) -> None:
    folder = job.folder("copied")
    job.folder(f"copied/{job.order.facts.renditions[0].name}")
    argv = copy_argv(job.settings.ffmpeg, str(job.source), job.order)

    def copy(task: Task) -> None:
        cpu_s = process.run(job, task, argv, folder, _NICENESS)
        if cpu_s is not None:
            spent_s.append(cpu_s)

    owner = object()
    task = Task(owner, Band.FIRST, 0, _MEMORY, copy)
    job.pool.submit([task])
    try:
        while not task.future.done() and job.goes_on():
            wait([task.future], _LOOK_EVERY_S)
    finally:
        job.pool.leave(owner)
    if not task.future.cancelled():
        task.future.result()


def _looked_at(job: Job, cpu_s: float) -> Copied:
    """Raise unless each segment holds whole frames in their places, and all of them together all there are."""
    rate, folder = job.order.facts.rate, job.work / "copied" / job.order.facts.renditions[0].name
    starts, frames = [], 0
    try:
        scale = boxes.timescale((folder / INIT).read_bytes())
        for segment in playlists.parse((folder / PLAYLIST).read_text()).segments:
            fragments = boxes.fragments((folder / segment.uri).read_bytes())
            held = sum(fragment.samples for fragment in fragments)
            late = abs(fragments[0].start * rate / scale - frames)
            if late > 0.05 or held < _LEAST_FRAMES or abs(segment.duration_s * rate - held) > 0.05:
                raise Unsuited(f"{segment.uri} has {held} frames in {segment.duration_s} s")
            starts.append(frames)
            frames += held
    except (OSError, ValueError) as error:
        raise Unsuited(str(error)) from error
    if frames != job.order.source.frames:
        raise Unsuited(f"{frames} frames of {job.order.source.frames}")
    return Copied(folder, tuple(starts), frames, cpu_s)
