"""The encode of a source that can be cut: its chunks run in the machine's pool, and are published in order of time."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sluice import boxes, playlists
from sluice.adapters import child
from sluice.adapters.chunks import Chunk, cut
from sluice.adapters.ffmpeg import chunk_argv, segment_frames, sound_argv
from sluice.layout import AUDIO, INIT, PLAYLIST
from sluice.messages import EncodeFailed
from sluice.ports import EncodeEnd

from . import encoding
from .encoding import Encoding, Progress, encode_limits, likely_memory, wall_s
from .job import Job
from .pool import Band, Task
from .publisher import Broken, Publisher
from .receipt import Receipt

# So much of each film goes ahead of what is left of the others.
_BEGINNING_SEGMENTS = 3
_LOOK_EVERY_S = 0.5
_SOUND_MEMORY = 96 << 20
# The very first look has the cores almost to itself, and the beginning of a film is ahead of another's rest.
_NICENESS = {Band.BEGINNING: 6, Band.SOUND: 8, Band.REST: 14}
_FIRST_NICENESS = 1
# What the source, or cutting it, may be to blame for; one process for all of it has the last word then.
_DOUBTFUL = ("damaged", "too_complex", "too_slow")

_log = logging.getLogger(__name__)


class Unsuited(Exception):
    """A chunk did not come out as planned."""


class _Ended(Exception):
    """A process ended in a way that ends the whole encode."""

    def __init__(self, end: EncodeEnd) -> None:
        super().__init__(str(end))
        self.end = end


@dataclass(eq=False)
class Chunked:
    """One run of one order, chunk by chunk; what was finished before is not done again."""

    job: Job
    _tasks: list[Task] = field(default_factory=list)
    _compared: bool = False
    _spent_s: list[float] = field(default_factory=list)
    _news: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        order = self.job.order
        self._segment_frames = segment_frames(order.facts.rate)
        self._chunks = cut(order, self._segment_frames)
        # All keys from the start: many threads write here, each to its own.
        self._frames = {chunk.name: 0 for chunk in self._chunks}
        self._progress = Progress(order, self.job.report)
        first = [self._chunks[0].renditions[0].name, AUDIO]
        self._publisher = Publisher(order, self._parts(), self.job.media, first)
        self._cover = self.job.cover(self._publisher)
        self._receipt = Receipt(order, "chunks", chunks=len(self._chunks))

    def to_its_end(self) -> EncodeEnd | None:
        """How it ended; None if it was stopped because nobody wants it here any more. Unsuited if it can't be cut."""
        try:
            if not self._encode():
                return None
            self._publish()
        except _Ended as ended:
            return ended.end
        except Broken as error:
            raise Unsuited(str(error)) from error
        finally:
            self.job.pool.leave(self)
        self._receipt.cpu_s = sum(self._spent_s)
        return self.job.finish(self._publisher, self._cover, self._receipt)

    def _encode(self) -> bool:
        """Have everything encoded that is missing; False if it is not wanted any more."""
        chunks = self._chunk_tasks()
        first, others = chunks[:1], chunks[1:]
        # Nothing of the same film may hold up the first look at it.
        self._submit([*self._sound_tasks(), *first])
        if not self._follow(first):
            return False
        self._submit(others)
        return self._follow(self._tasks)

    def _submit(self, tasks: Sequence[Task]) -> None:
        self._tasks += tasks
        for task in tasks:
            task.future.add_done_callback(lambda _: self._news.set())
        self.job.pool.submit(tasks)

    def _follow(self, tasks: Collection[Task]) -> bool:
        """Publish until these tasks have ended; False if it is not wanted any more. Raises what went wrong in any."""
        while self.job.goes_on():
            ended = {task for task in self._tasks if task.future.done()}
            for task in ended:
                task.future.result()
            if ended.issuperset(tasks):
                return True
            self._publish()
            self._news.wait(_LOOK_EVERY_S)
            self._news.clear()
        return False

    def _publish(self) -> None:
        while self._publisher.advance() and self.job.goes_on():
            self._tell()
        self._tell()
        if self._publisher.playable:
            self._cover.look_ahead(self._chunks[-1].number + 1)
            self._compare()

    def _compare(self) -> None:
        """Once, when the middle of the film is there."""
        middle, job = self._chunks[-1].number // 2, self.job
        if not self._compared and self._publisher.segments > middle:
            self._compared = True
            self._receipt.compare(job.settings.ffmpeg, job.source, self._publisher, middle, job.work)

    def _tell(self) -> None:
        self._progress.tell(sum(self._frames.values()), playable=self._publisher.playable)

    # --- what is to be done -----------------------------------------------------------------------------------------

    def _parts(self) -> dict[str, list[Path]]:
        """Where each track's segments are once they are finished; the sound's while it is being written."""
        kept = self.job.kept
        sound = kept.path(AUDIO) if kept.has(AUDIO) else self.job.work / AUDIO
        names = [one.name for one in self.job.order.facts.renditions]
        chunks = {name: [chunk for chunk in self._chunks if name in _names(chunk)] for name in names}
        parts = {name: [kept.path(chunk.name) / name for chunk in chunks[name]] for name in names}
        return {**parts, AUDIO: [sound / AUDIO]}

    def _sound_tasks(self) -> list[Task]:
        if not self.job.order.facts.has_audio or self.job.kept.has(AUDIO):
            return []
        self.job.folder(AUDIO)
        return [Task(self, Band.SOUND, 0, _SOUND_MEMORY, self._encode_sound)]

    def _chunk_tasks(self) -> list[Task]:
        missing = []
        for place, chunk in enumerate(self._chunks):
            if self.job.kept.has(chunk.name):
                self._count(chunk, self._segment_frames)
                self._receipt.reused += 1
            else:
                missing.append(self._task(place, chunk))
        return missing

    def _task(self, place: int, chunk: Chunk) -> Task:
        beginning = chunk.number < _BEGINNING_SEGMENTS
        band, rank = (Band.BEGINNING, place) if beginning else (Band.REST, 0)
        memory_bytes = likely_memory(self.job.order, threads=place == 0)
        return Task(self, band, rank, memory_bytes, partial(self._encode_chunk, chunk))

    def _count(self, chunk: Chunk, frames: int) -> None:
        """Progress is that of the largest rung."""
        if self.job.order.facts.renditions[0].name in _names(chunk):
            self._frames[chunk.name] = frames

    # --- in the pool's threads --------------------------------------------------------------------------------------

    def _encode_sound(self, task: Task) -> None:
        job, folder = self.job, self.job.work / AUDIO
        (folder / AUDIO).mkdir()
        argv = sound_argv(job.settings.ffmpeg, str(job.source), job.order)
        if self._run(argv, folder, _NICENESS[task.band], task, lambda _: self._note_sound(folder)):
            # A copy, because the publisher goes on reading where it began.
            self._keep_copy(folder)

    def _encode_chunk(self, chunk: Chunk, task: Task) -> None:
        job, folder = self.job, self.job.folder(chunk.name)
        for name in _names(chunk):
            (folder / name).mkdir()
        argv = chunk_argv(
            *(job.settings.ffmpeg, str(job.source), job.order, chunk), threads=task.threads, tonemap=job.tonemap
        )
        niceness = _FIRST_NICENESS if chunk is self._chunks[0] else _NICENESS[task.band]
        if self._run(argv, folder, niceness, task, partial(self._count, chunk)):
            for name in _names(chunk):
                self._require_exact(chunk, folder / name)
            job.kept.keep(folder, chunk.name)

    def _run(self, argv: list[str], folder: Path, niceness: int, task: Task, note: Callable[[int], None]) -> bool:
        """Whether the process came to a good end; False if it was stopped. Raises if it came to a bad one."""
        order = self.job.order
        process = child.start(argv, encode_limits(order, niceness), folder=folder)
        running = Encoding(process, wall_s(order))
        with process:
            try:
                for _ in running.turns():
                    if task.cancelled.is_set():
                        return False
                    note(running.frames)
            finally:
                returncode = child.stop(process)
        self._spent_s.append(running.cpu_s)
        self._require_good_end(returncode, running.last_words)
        return True

    def _require_good_end(self, returncode: int, words: str) -> None:
        end = encoding.verdict(self.job.order, returncode, words)
        if end is None:
            return
        _log.warning("video=%s ffmpeg exit=%d: %s", self.job.order.video_id, returncode, words.strip()[-500:])
        if isinstance(end, EncodeFailed) and end.code in _DOUBTFUL:
            raise Unsuited(f"{end.code}, says a chunk")
        raise _Ended(end)

    def _require_exact(self, chunk: Chunk, folder: Path) -> None:
        """Raise unless it is one segment that begins at its time to the tick and has its number of frames."""
        try:
            written = playlists.parse((folder / PLAYLIST).read_text())
            scale = boxes.timescale((folder / INIT).read_bytes())
            (segment,) = written.segments
            fragments = boxes.fragments((folder / segment.uri).read_bytes())
        except (OSError, ValueError) as error:
            raise Unsuited(f"{chunk.name}: {error}") from error
        frames = sum(fragment.samples for fragment in fragments)
        start = chunk.number * self._segment_frames * scale / self.job.order.facts.rate
        if fragments[0].start != start or (frames != self._segment_frames and not chunk.last):
            raise Unsuited(f"{chunk.name} has {frames} frames from {fragments[0].start} on, not from {start}")

    def _note_sound(self, folder: Path) -> None:
        if not self._publisher.playable and (folder / AUDIO / PLAYLIST).exists():
            self._news.set()

    def _keep_copy(self, folder: Path) -> None:
        copy = self.job.folder(f"{AUDIO}.kept")
        (copy / AUDIO).mkdir()
        for file in (folder / AUDIO).iterdir():
            (copy / AUDIO / file.name).hardlink_to(file)
        self.job.kept.keep(copy, AUDIO)


def _names(chunk: Chunk) -> list[str]:
    return [rendition.name for rendition in chunk.renditions]
