"""One process of an encode that has several: run in a pool's thread, stopped when its task is, judged by its end."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sluice.adapters import child
from sluice.messages import EncodeFailed
from sluice.ports import EncodeEnd

from . import encoding
from .encoding import Encoding, encode_limits, wall_s
from .job import Job
from .pool import Task

# What the source, or cutting it, may be to blame for; one process for all of it has the last word then.
_DOUBTFUL = ("damaged", "too_complex", "too_slow")

# Within it the sound of some minutes is encoded.
_HURRY_S = 2.0
_LOOK_SELDOM_S = 0.25

_log = logging.getLogger(__name__)


class Unsuited(Exception):
    """The source can't be encoded in parts."""


class UnsuitedSound(Unsuited):
    """The source's sound can't be taken over."""


class Ended(Exception):
    """A process ended in a way that ends the whole encode."""

    def __init__(self, end: EncodeEnd) -> None:
        super().__init__(str(end))
        self.end = end


def run(
    job: Job,
    task: Task,
    argv: list[str],
    folder: Path,
    niceness: int,
    note: Callable[[int], None] = lambda _: None,
    *,
    later: int | None = None,
) -> float | None:
    """The CPU seconds that it took to a good end; None if it was stopped. Unsuited or Ended if it came to a bad one.

    `note` hears of the frames that are done. What is in a hurry only at its beginning has another niceness `later`, and
    only its end is told at once then.
    """
    process = child.start(argv, encode_limits(job.order, niceness), folder=folder)
    running = Encoding(process, wall_s(job.order))
    hurry_until = time.monotonic() + _HURRY_S
    with process:
        try:
            for _ in running.turns():
                if later is not None and time.monotonic() > hurry_until:
                    child.renice(process, later)
                    child.end_of(process, _LOOK_SELDOM_S)
                job.room.look()
                if task.cancelled.is_set():
                    return None
                note(running.frames)
        finally:
            returncode = child.stop(process)
    _require_good_end(job, returncode, running.last_words)
    return running.cpu_s


def _require_good_end(job: Job, returncode: int, words: str) -> None:
    end = encoding.verdict(job.order, returncode, words)
    if end is None:
        return
    _log.warning("%s ffmpeg exit=%d: %s", job.order.name, returncode, words.strip()[-500:])
    if isinstance(end, EncodeFailed) and end.code in _DOUBTFUL:
        raise Unsuited(f"{end.code}, says a part of it")
    raise Ended(end)
