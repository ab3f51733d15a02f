"""The encode of a source that can't be cut: one ffmpeg for all of it, published while it runs."""

import logging
from concurrent.futures import wait
from dataclasses import dataclass

from sluice.adapters import child
from sluice.adapters.cadence import REST_S
from sluice.adapters.ffmpeg import encode_argv
from sluice.adapters.stream_ends import hold_s
from sluice.adapters.thumbnail import LOOKS
from sluice.playlists import folders
from sluice.ports import EncodeEnd

from . import encoding
from .encoding import Encoding, Progress, encode_limits, likely_memory, wall_s
from .job import Job
from .pool import Band, Task
from .publisher import Publisher
from .receipt import Receipt

_LOOK_EVERY_S = 1.0
_NICENESS = 10

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Single:
    """One run of one order in one process."""

    job: Job

    def __post_init__(self) -> None:
        parts = {name: [self.job.work / name] for name in folders(self.job.order.facts)}
        self._publisher = Publisher(self.job.order, parts, self.job.media, longer_s=float(REST_S))
        self._progress = Progress(self.job.order, self.job.report)
        self._receipt = Receipt(self.job.order, "whole")
        self._end: EncodeEnd | None = None

    def to_its_end(self) -> EncodeEnd | None:
        """How it ended; None if it was stopped because nobody wants it here any more."""
        job = self.job
        memory_bytes = likely_memory(job.order.source, job.order.facts.renditions, threads=True)
        task = Task(self, Band.WHOLE, 0, memory_bytes, self._encode, of_long_film=job.is_long)
        job.pool.submit([task])
        try:
            while not task.future.done() and job.goes_on():
                wait([task.future], _LOOK_EVERY_S)
        finally:
            job.pool.leave(self)
        if not job.goes_on():
            return None
        task.future.result()
        looks = {0: job.work / job.order.facts.renditions[-1].name / LOOKS}
        return self._end or job.finish(self._publisher, job.cover(self._publisher, lambda: looks), self._receipt)

    def _encode(self, task: Task) -> None:
        for name in folders(self.job.order.facts):
            self.job.folder(name)
        limits = encode_limits(self.job.order, _NICENESS)
        process = child.start(self._argv(), limits, folder=self.job.work)
        running = Encoding(process, wall_s(self.job.order))
        with process:
            try:
                self._follow(running, task)
            finally:
                returncode = child.stop(process)
        self._receipt.cpu_s += running.cpu_s
        if not task.cancelled.is_set():
            self._end = encoding.verdict(self.job.order, returncode, running.last_words)
        if self._end is not None:
            words = running.last_words.strip()[-500:]
            _log.warning("%s ffmpeg exit=%d: %s", self.job.order.name, returncode, words)

    def _argv(self) -> list[str]:
        job, source = self.job, str(self.job.source)
        held = hold_s(job.settings.ffprobe, source, job.order.source)
        return encode_argv(job.settings.ffmpeg, source, job.order, hold_s=held, tonemap=job.tonemap)

    def _follow(self, running: Encoding, task: Task) -> None:
        """Publish as it goes."""
        for _ in running.turns():
            self.job.room.look()
            if task.cancelled.is_set():
                return
            self._publisher.advance()
            self._progress.tell(running.frames, playable=self._publisher.playable)
