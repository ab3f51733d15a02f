"""The encode of a source that can be cut: its chunks run in the machine's pool, and are published in order of time."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sluice.adapters import likeness
from sluice.adapters.cadence import segment_frames
from sluice.adapters.chunks import BEGINNING, Chunk, cut, even, in_turn, shares
from sluice.adapters.ffmpeg import SEGMENT_FILES, chunk_argv, sound_argv
from sluice.adapters.thumbnail import LOOKS
from sluice.layout import AUDIO, PLAYLIST
from sluice.ports import EncodeEnd

from . import process
from .copied import Copied, takes_sound_over
from .durable import disk
from .encoding import Progress, likely_memory
from .exact import mark_ended, require_exact
from .job import Job
from .pool import Band, Task
from .process import Unsuited, UnsuitedSound
from .publisher import Broken, Publisher
from .receipt import Receipt

_LOOK_EVERY_S = 0.5
_SOUND_MEMORY = 96 << 20
# The very first look has the cores almost to itself, and the beginning of a film is ahead of another's rest. There is
# no first look without sound, which takes next to nothing.
_NICENESS = {Band.FIRST: 1, Band.SOUND: 3, Band.BEGINNING: 6, Band.REST: 14}
_NICEST = 19


@dataclass(eq=False)
class Chunked:
    """One run of one order, chunk by chunk; what was finished before is not done again.

    It is cut for so many chunks `at_once`.
    """

    job: Job
    at_once: int
    copied: Copied | None = None
    _chunks: tuple[Chunk, ...] = ()
    _starts: Sequence[int] = ()
    # What an earlier attempt has left. Another that has not noticed that it is over may still add to that.
    _finished: set[str] = field(default_factory=set)
    # Many threads write here, each to its own keys, which are all there from the start.
    _frames: dict[str, int] = field(default_factory=dict)
    _tasks: list[Task] = field(default_factory=list)
    _spent_s: list[float] = field(default_factory=list)
    _news: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        order, copied = self.job.order, self.copied
        self._rungs = order.facts.renditions[1 if copied else 0 :]
        self._progress = Progress(order, self.job.report)
        self._sound_copied = takes_sound_over(self.job)
        # Each is kept by a name of its own: the setting may be another one in the next attempt.
        self._sound_kept = f"{AUDIO}-copied" if self._sound_copied else AUDIO
        name = copied.name if copied else None
        self._receipt = Receipt(order, "chunks", copied=name, sound_copied=self._sound_copied)
        self._find_finished(self._sound_kept)
        if not copied:
            self._cut_evenly()
        self._parts = self._places()
        first = copied.name if copied else self._chunks[0].renditions[0].name
        self._publisher = Publisher(
            *(copied.order if copied else order, self._parts, self.job.media),
            first=[first, AUDIO],
            longer_s=copied.longer_s if copied else 0.0,
            uncut=copied.name if copied else None,
        )
        self._cover = self.job.cover(self._publisher, self._looks)

    def _cut(self, starts: Sequence[int], last: int, together: Sequence[int] = ()) -> None:
        """Have the film cut at these frames; `last` is how many come after the last of them, if it is known."""
        self._starts, self._chunks = starts, cut(self._rungs, starts, last, together)
        self._frames = {chunk.name: 0 for chunk in self._chunks}
        self._find_finished(*self._frames)
        self._receipt.chunks = len(self._chunks)

    def _find_finished(self, *names: str) -> None:
        self._finished |= {name for name in names if self.job.kept.has(name)}

    def _cut_evenly(self) -> None:
        """Have it cut into segments of one length. Several of these can be had of one process."""
        length = segment_frames(self.job.order.facts.rate)
        starts = even(self.job.order, length)
        self._cut(starts, length, shares(starts, self.at_once, self.job.order.source.keyframes))

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
        self._receipt.ssim = self._likeness()
        self._receipt.cpu_s = sum(self._spent_s) + (self.copied.cpu_s if self.copied else 0.0)
        return self.job.finish(self._publisher, self._cover, self._receipt)

    def _encode(self) -> bool:
        """Have everything encoded that is missing; False if it is not wanted any more."""
        self._submit(self._sound_tasks())
        if self.copied:
            if not self._copy(self.copied):
                return False
            self._submit(self._chunk_tasks())
            # A long film is much to sync: nobody waits for it.
            self.copied.keep()
            return self._follow(self._tasks)
        chunks = self._chunk_tasks()
        first = [task for task in chunks if task.band is Band.FIRST]
        others = chunks[len(first) :]
        # Nothing of the same film may hold up the first look at it.
        self._submit(first)
        if not self._follow(first):
            return False
        self._publish()
        self._submit(others)
        return self._follow(self._tasks)

    def _copy(self, copied: Copied) -> bool:
        """Have the top rung copied, and the others cut where it is; False if it is not wanted any more."""
        tasks = copied.tasks(self, self._note_beginning)
        self._submit(tasks)
        # Only then the pictures: what a first look takes besides is a beginning of the sound.
        if not self._follow(tasks, shown=True):
            return False
        copied.take()
        self._cut(copied.starts, copied.frames - copied.starts[-1])
        places = self._places()
        for rung in self._rungs:
            self._parts[rung.name] += places[rung.name]
        return True

    def _submit(self, tasks: Sequence[Task]) -> None:
        self._tasks += tasks
        for task in tasks:
            task.future.add_done_callback(lambda _: self._news.set())
        self.job.pool.submit(tasks)

    def _follow(self, tasks: Collection[Task], *, shown: bool = False) -> bool:
        """Publish until these tasks have ended; False if it is not wanted any more. Raises what went wrong in any.

        If it is to be `shown`, also until it is playable, or nothing is left that could make it so.
        """
        while self.job.goes_on():
            ended = {task for task in self._tasks if task.future.done()}
            for task in ended:
                task.future.result()
            playable = self._publisher.playable
            if ended.issuperset(tasks) and (playable or not shown or ended.issuperset(self._tasks)):
                return True
            self._publish()
            if self._publisher.playable == playable:
                self._news.wait(_LOOK_EVERY_S)
            self._news.clear()
        return False

    def _publish(self) -> None:
        if self.copied:
            self.copied.take()
        while self._publisher.advance() and self.job.goes_on():
            self._tell()
        self._tell()
        if self._publisher.playable:
            self._cover.look_ahead()

    def _tell(self) -> None:
        self._progress.tell(sum(self._frames.values()), playable=self._publisher.playable)

    # --- what is to be done -----------------------------------------------------------------------------------------

    def _places(self) -> dict[str, list[Path]]:
        """Where each track's segments are: of a single one once it is finished, of several while they are written."""
        kept, work = self.job.kept, self.job.work
        sound = kept.path(self._sound_kept) if self._sound_kept in self._finished else work / AUDIO
        folders = {
            chunk: work / chunk.name if chunk.several and chunk.name not in self._finished else kept.path(chunk.name)
            for chunk in self._chunks
        }
        parts = {
            rung.name: [folder / rung.name for chunk, folder in folders.items() if rung in chunk.renditions]
            for rung in self._rungs
        }
        copied = {self.copied.name: [self.copied.folder]} if self.copied else {}
        return {**parts, **copied, AUDIO: [sound / AUDIO]}

    def _looks(self) -> dict[int, Path]:
        """Where looks at frames of the smallest rung are, by the first frame of each chunk."""
        name, path = self._rungs[-1].name, self.job.kept.path
        return {chunk.start: path(chunk.name) / name / LOOKS for chunk in self._chunks if name in chunk.names}

    def _likeness(self) -> dict[str, float | None]:
        """Of each rung to the source."""
        sampled = [(chunk, name) for chunk in self._chunks if chunk.sampled for name in chunk.names]
        return {name: likeness.found(self.job.kept.path(chunk.name) / name) for chunk, name in sampled}

    def _sound_tasks(self) -> list[Task]:
        if not self.job.order.facts.has_audio or self._sound_kept in self._finished:
            return []
        self.job.folder(f"{AUDIO}/{AUDIO}")
        return [Task(self, Band.SOUND, 0, _SOUND_MEMORY, self._encode_sound)]

    def _chunk_tasks(self) -> list[Task]:
        missing = []
        for place, chunk in enumerate(in_turn(self._chunks, self.job.pool.slots)):
            if chunk.name in self._finished:
                self._count(chunk, chunk.frames)
                self._receipt.reused += 1
            else:
                missing.append(self._task(place, chunk))
        return missing

    def _task(self, place: int, chunk: Chunk) -> Task:
        band = Band.FIRST if place == 0 else Band.BEGINNING if chunk.number < BEGINNING else Band.REST
        rank = place if band is Band.BEGINNING else 0
        memory_bytes = likely_memory(self.job.order, threads=place == 0)
        return Task(self, band, rank, memory_bytes, partial(self._encode_chunk, chunk))

    def _count(self, chunk: Chunk, frames: int) -> None:
        """Progress is that of the largest rung that is encoded."""
        if self._rungs[0].name in chunk.names:
            self._frames[chunk.name] = frames

    # --- in the pool's threads --------------------------------------------------------------------------------------

    def _encode_sound(self, task: Task) -> None:
        job, folder = self.job, self.job.work / AUDIO
        argv = sound_argv(job.settings.ffmpeg, str(job.source), job.order, copied=self._sound_copied)
        try:
            whole = self._run(task, argv, folder, lambda _: self._note_beginning())
        except Unsuited as error:
            if self._sound_copied:
                raise UnsuitedSound("not all of its sound can be decoded") from error
            raise
        if whole and not job.room.was_full:
            job.keep_linked(folder, self._sound_kept)

    def _encode_chunk(self, chunk: Chunk, task: Task) -> None:
        job, folder = self.job, self.job.folder(chunk.name)
        for name in chunk.names:
            job.folder(f"{chunk.name}/{name}")
        argv = chunk_argv(
            *(job.settings.ffmpeg, str(job.source), job.order, chunk), threads=task.threads, tonemap=job.tonemap
        )
        if self._run(task, argv, folder, partial(self._count, chunk)):
            for name in chunk.names:
                require_exact(chunk, folder / name, job.order.facts.rate, open_end=chunk.last and not self.copied)
                if chunk.several:
                    mark_ended(folder / name / PLAYLIST)
            if chunk.sampled:
                with disk():
                    likeness.compare(job.settings.ffmpeg, folder, chunk.renditions, SEGMENT_FILES % chunk.number)
            keep = job.keep_linked if chunk.several else job.kept.keep
            keep(folder, chunk.name)

    def _run(self, task: Task, argv: list[str], folder: Path, note: Callable[[int], None]) -> bool:
        """Whether the process came to a good end; False if it was stopped."""
        spent_s = process.run(self.job, task, argv, folder, _niceness(task), note)
        self.job.pool.free(task)
        self._spent_s += [] if spent_s is None else [spent_s]
        return spent_s is not None

    def _note_beginning(self) -> None:
        if not self._publisher.playable:
            self._news.set()


def _niceness(task: Task) -> int:
    """That of its band; a rest that has more threads is to fill cores that nobody else wants."""
    return _NICEST if task.band is Band.REST and task.threads > 1 else _NICENESS[task.band]
