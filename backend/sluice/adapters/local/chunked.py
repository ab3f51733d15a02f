"""The encode of a source that can be cut: its chunks run in the machine's pool, and are published in order of time."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sluice import boxes, playlists
from sluice.adapters.cadence import segment_frames
from sluice.adapters.chunks import Chunk, cut, even
from sluice.adapters.ffmpeg import chunk_argv, sound_argv
from sluice.layout import AUDIO, INIT, PLAYLIST
from sluice.ports import EncodeEnd

from . import durable, process
from .copied import Copied
from .durable import disk
from .encoding import Progress, likely_memory
from .job import Job
from .pool import Band, Task
from .process import Unsuited
from .publisher import Broken, Publisher
from .receipt import Receipt

# So much of each film goes ahead of what is left of the others.
_BEGINNING_SEGMENTS = 3
_LOOK_EVERY_S = 0.5
_SOUND_MEMORY = 96 << 20
# The very first look has the cores almost to itself, and the beginning of a film is ahead of another's rest.
_NICENESS = {Band.BEGINNING: 6, Band.SOUND: 8, Band.REST: 14}
_FIRST_NICENESS = 1


@dataclass(eq=False)
class Chunked:
    """One run of one order, chunk by chunk; what was finished before is not done again."""

    job: Job
    copied: Copied | None = None
    _tasks: list[Task] = field(default_factory=list)
    _compared: bool = False
    _spent_s: list[float] = field(default_factory=list)
    _news: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        order = self.job.order
        self._rungs = order.facts.renditions[1 if self.copied else 0 :]
        self._starts = self._first_frames()
        self._segments = len(self._starts)
        self._chunks = self._cut()
        # All keys from the start: many threads write here, each to its own.
        self._frames = {chunk.name: 0 for chunk in self._chunks}
        self._progress = Progress(order, self.job.report)
        top = order.facts.renditions[0].name if self.copied else self._chunks[0].renditions[0].name
        longest_s = order.source.keyframe_gap_s if self.copied else 0.0
        self._publisher = Publisher(order, self._parts(), self.job.media, first=[top, AUDIO], longer_s=longest_s)
        self._cover = self.job.cover(self._publisher)
        self._receipt = Receipt(order, "chunks", chunks=len(self._chunks), copied=top if self.copied else None)

    def _first_frames(self) -> tuple[int, ...]:
        """Where segments of one length begin, or those of the copied rung."""
        return self.copied.starts if self.copied else even(self.job.order, segment_frames(self.job.order.facts.rate))

    def _cut(self) -> tuple[Chunk, ...]:
        frames = self.copied.frames if self.copied else self._starts[-1] + segment_frames(self.job.order.facts.rate)
        return cut(self._rungs, self._starts, frames - self._starts[-1])

    def to_its_end(self) -> EncodeEnd | None:
        """How it ended; None if it was stopped because nobody wants it here any more.

        Unsuited if it can't be cut, Ended if a process came to another end.
        """
        try:
            if not self._encode():
                return None
            self._publish()
        except Broken as error:
            raise Unsuited(str(error)) from error
        finally:
            self.job.pool.leave(self)
        self._receipt.cpu_s = sum(self._spent_s) + (self.copied.cpu_s if self.copied else 0.0)
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
            self._cover.look_ahead(self._segments)
            self._compare()

    def _compare(self) -> None:
        """Once, when the middle of the film is there."""
        middle, job = self._segments // 2, self.job
        if not self._compared and self._publisher.segments > middle:
            self._compared = True
            first = self._starts[middle]
            self._receipt.compare(job.settings.ffmpeg, job.source, self._publisher, middle, first, job.work)

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
        copied = {names[0]: [self.copied.folder]} if self.copied else {}
        return {**parts, **copied, AUDIO: [sound / AUDIO]}

    def _sound_tasks(self) -> list[Task]:
        if not self.job.order.facts.has_audio or self.job.kept.has(AUDIO):
            return []
        self.job.folder(f"{AUDIO}/{AUDIO}")
        return [Task(self, Band.SOUND, 0, _SOUND_MEMORY, self._encode_sound)]

    def _chunk_tasks(self) -> list[Task]:
        missing = []
        for place, chunk in enumerate(self._chunks):
            if self.job.kept.has(chunk.name):
                self._count(chunk, chunk.frames)
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
        """Progress is that of the largest rung that is encoded."""
        if self._rungs[0].name in _names(chunk):
            self._frames[chunk.name] = frames

    # --- in the pool's threads --------------------------------------------------------------------------------------

    def _encode_sound(self, task: Task) -> None:
        job, folder = self.job, self.job.work / AUDIO
        argv = sound_argv(job.settings.ffmpeg, str(job.source), job.order)
        whole = self._run(task, argv, folder, _NICENESS[task.band], lambda _: self._note_sound(folder))
        if whole and not job.room.was_full:
            # A copy, because the publisher goes on reading where it began.
            self._keep_copy(folder)

    def _encode_chunk(self, chunk: Chunk, task: Task) -> None:
        job, folder = self.job, self.job.folder(chunk.name)
        for name in _names(chunk):
            job.folder(f"{chunk.name}/{name}")
        argv = chunk_argv(
            *(job.settings.ffmpeg, str(job.source), job.order, chunk), threads=task.threads, tonemap=job.tonemap
        )
        niceness = _FIRST_NICENESS if chunk is self._chunks[0] else _NICENESS[task.band]
        if self._run(task, argv, folder, niceness, partial(self._count, chunk)):
            for name in _names(chunk):
                self._require_exact(chunk, folder / name)
            job.kept.keep(folder, chunk.name)

    def _run(self, task: Task, argv: list[str], folder: Path, niceness: int, note: Callable[[int], None]) -> bool:
        """Whether the process came to a good end; False if it was stopped."""
        spent_s = process.run(self.job, task, argv, folder, niceness, note)
        self._spent_s += [] if spent_s is None else [spent_s]
        return spent_s is not None

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
        start = chunk.start * scale / self.job.order.facts.rate
        open_end = chunk.last and self.copied is None
        if fragments[0].start != start or (frames != chunk.frames and not open_end):
            raise Unsuited(f"{chunk.name} has {frames} frames from {fragments[0].start} on, not from {start}")

    def _note_sound(self, folder: Path) -> None:
        if not self._publisher.playable and (folder / AUDIO / PLAYLIST).exists():
            self._news.set()

    def _keep_copy(self, folder: Path) -> None:
        copy = self.job.folder(f"{AUDIO}.kept")
        with disk():
            (copy / AUDIO).mkdir()
            for file in (folder / AUDIO).iterdir():
                durable.link(file, copy / AUDIO / file.name)
        self.job.kept.keep(copy, AUDIO)


def _names(chunk: Chunk) -> list[str]:
    return [rendition.name for rendition in chunk.renditions]
