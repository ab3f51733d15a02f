"""What a film is encoded in: its sound, and chunks of its pictures, one process each; finished ones are kept."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sluice.adapters import likeness
from sluice.adapters.child import NICEST
from sluice.adapters.chunks import BEGINNING, Chunk, cut, in_turn
from sluice.adapters.ffmpeg import SEGMENT_FILES, chunk_argv, sound_argv
from sluice.adapters.thumbnail import LOOKS
from sluice.ladder import Rendition
from sluice.layout import AUDIO, PLAYLIST

from . import process
from .copied import takes_sound_over
from .durable import disk
from .encoding import likely_memory
from .exact import mark_ended, require_exact
from .job import Job
from .kept import SOUNDS, note_spent
from .pool import Band, Task
from .process import Unsuited, UnsuitedSound

# What it takes with one thread; an hour more by its index: measured 52 MB for a minute, and 82 for two hours.
_SOUND_MEMORY, _SOUND_MEMORY_OF_AN_HOUR = 56 << 20, 16 << 20
# What one thread makes, with all the smaller rungs, about as fast as it is watched: 720 lines at 30 frames a second.
_WATCHED_PIXELS_A_S = 1280 * 720 * 30
# The very first look has the cores almost to itself, and the beginning of a film is ahead of another's rest. There is
# no first look without sound, which takes next to nothing, unless the film is long: soon it is no more than a rest.
_NICENESS = {Band.FIRST: 1, Band.SOUND: 3, Band.BEGINNING: 6, Band.REST: 14}


@dataclass(eq=False)
class Pieces:
    """Those of one run of one order, to be run in a pool; what was finished before is not done again.

    `begun` hears that something of the sound may have been written. Beside a top rung that is copied, damage in the
    source ends them: nobody else decodes it. Else the last chunk has as many frames as the source turns out to have.
    """

    job: Job
    rungs: tuple[Rendition, ...]
    top_copied: bool
    begun: Callable[[], None]
    chunks: Sequence[Chunk] = ()
    # What an earlier attempt has left. Another that has not noticed that it is over may still add to that.
    _finished: set[str] = field(default_factory=set)
    # Many threads write here, each to its own keys; of frames they are all there from the start.
    _frames: dict[str, int] = field(default_factory=dict)
    _spent_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sound_copied = takes_sound_over(self.job)
        # Each is kept by a name of its own: the setting may be another one in the next attempt.
        self._sound_kept = SOUNDS[self.sound_copied]
        self._find_finished([self._sound_kept])

    def cut(self, starts: Sequence[int], last: int, together: Sequence[int] = ()) -> None:
        """Have the film cut at these frames; `last` is how many come after the last of them, if it is known."""
        self.chunks = cut(self.rungs, starts, last, together)
        self._frames = {chunk.name: 0 for chunk in self.chunks}
        self._find_finished([chunk.name for chunk in self.chunks])
        for chunk in self.chunks:
            if chunk.name in self._finished:
                self._count(chunk, chunk.frames)

    def tasks_of_sound(self) -> list[Task]:
        """What is left to do for it."""
        if not self.job.order.facts.has_audio or self._sound_kept in self._finished:
            return []
        job = self.job
        job.folder(f"{AUDIO}/{AUDIO}")
        memory_bytes = _SOUND_MEMORY + int(_SOUND_MEMORY_OF_AN_HOUR * job.order.facts.duration_s / 3600)
        return [Task(self, Band.SOUND, 0, memory_bytes, self._encode_sound, of_long_film=job.is_long)]

    def tasks_of_chunks(self) -> list[Task]:
        """What is left to do for them, in the order in which it is to be begun."""
        in_order = enumerate(in_turn(self.chunks, self.job.pool.slots))
        return [self._task(place, chunk) for place, chunk in in_order if chunk.name not in self._finished]

    # --- what there is of them --------------------------------------------------------------------------------------

    @property
    def reused(self) -> int:
        """How many chunks an earlier attempt has made."""
        return sum(chunk.name in self._finished for chunk in self.chunks)

    @property
    def frames(self) -> int:
        """How many frames are done."""
        return sum(self._frames.values())

    @property
    def cpu_s(self) -> float:
        """What the processes took that made them, also in earlier runs; to be asked once all have ended."""
        return sum(self._spent_s.values())

    def places(self) -> dict[str, list[Path]]:
        """Where each track's segments are: of a single one once it is finished, of several while they are written."""
        sound = self._place(self._sound_kept, self.job.work / AUDIO)
        return {rung.name: list(self._places_of(rung)) for rung in self.rungs} | {AUDIO: [sound / AUDIO]}

    def looks(self) -> Mapping[int, Path]:
        """Where looks at frames of the smallest rung are, by the first frame of each chunk."""
        name, path = self.rungs[-1].name, self.job.kept.path
        return {chunk.start: path(chunk.name) / name / LOOKS for chunk in self.chunks if name in chunk.names}

    def ssim(self) -> dict[str, float | None]:
        """How like the source each rung is, once all are there; None where that could not be told."""
        sampled = [(chunk, name) for chunk in self.chunks if chunk.sampled for name in chunk.names]
        return {name: likeness.found(self.job.kept.path(chunk.name) / name) for chunk, name in sampled}

    # --- inside -----------------------------------------------------------------------------------------------------

    def _find_finished(self, names: Collection[str]) -> None:
        finished = {name for name in names if self.job.kept.has(name)}
        self._finished |= finished
        self._spent_s |= {name: self.job.kept.spent_s(name) for name in finished}

    def _places_of(self, rung: Rendition) -> Iterator[Path]:
        for chunk in self.chunks:
            if rung in chunk.renditions:
                kept = self.job.kept.path(chunk.name)
                yield (self._place(chunk.name, self.job.work / chunk.name) if chunk.several else kept) / rung.name

    def _place(self, name: str, written: Path) -> Path:
        return self.job.kept.path(name) if name in self._finished else written

    def _task(self, place: int, chunk: Chunk) -> Task:
        band = Band.FIRST if place == 0 else Band.BEGINNING if chunk.number < BEGINNING else Band.REST
        rank = place if band is Band.BEGINNING else 0
        memory_bytes = likely_memory(self.job.order.source, chunk.renditions, threads=False)
        return Task(self, band, rank, memory_bytes, partial(self._encode_chunk, chunk), slow=self._is_slow)

    @property
    def _is_slow(self) -> bool:
        facts, top = self.job.order.facts, self.rungs[0]
        return top.width * top.height * facts.rate > _WATCHED_PIXELS_A_S

    def _count(self, chunk: Chunk, frames: int) -> None:
        """Progress is that of the largest rung that is encoded."""
        if self.rungs[0].name in chunk.names:
            self._frames[chunk.name] = frames

    # --- in the pool's threads --------------------------------------------------------------------------------------

    def _encode_sound(self, task: Task) -> None:
        job, folder = self.job, self.job.work / AUDIO
        argv = sound_argv(job.settings.ffmpeg, str(job.source), job.order, copied=self.sound_copied)
        try:
            whole = self._run(task, argv, folder, lambda _: self.begun(), later=_NICENESS[Band.REST])
        except Unsuited as error:
            if self.sound_copied:
                raise UnsuitedSound("not all of its sound can be decoded") from error
            raise
        if whole and not job.room.was_full:
            job.keep_linked(folder, self._sound_kept)

    def _encode_chunk(self, chunk: Chunk, task: Task) -> None:
        job, folder = self.job, self.job.folder(chunk.name)
        for name in chunk.names:
            job.folder(f"{chunk.name}/{name}")
        argv = chunk_argv(
            program=job.settings.ffmpeg,
            source_path=str(job.source),
            order=job.order,
            chunk=chunk,
            threads=task.threads,
            tonemap=job.tonemap,
            strict=self.top_copied,
        )
        if self._run(task, argv, folder, partial(self._count, chunk)):
            for name in chunk.names:
                require_exact(chunk, folder / name, job.order.facts.rate, open_end=chunk.last and not self.top_copied)
                if chunk.several:
                    mark_ended(folder / name / PLAYLIST)
            if chunk.sampled:
                with disk():
                    likeness.compare(job.settings.ffmpeg, folder, chunk.renditions, SEGMENT_FILES % chunk.number)
            keep = job.keep_linked if chunk.several else job.kept.keep
            keep(folder, chunk.name)

    def _run(
        self, task: Task, argv: list[str], folder: Path, note: Callable[[int], None], later: int | None = None
    ) -> bool:
        """Whether the process came to a good end; False if it was stopped. It may be nicer `later`."""
        spent_s = process.run(self.job, task, argv, folder, _niceness(task), note, later=later)
        self.job.pool.free(task)
        if spent_s is None:
            return False
        self._spent_s[folder.name] = spent_s
        note_spent(folder, spent_s)
        return True


def _niceness(task: Task) -> int:
    """That of its band; a rest that has more threads is to fill cores that nobody else wants."""
    return NICEST if task.band is Band.REST and task.threads > 1 else _NICENESS[task.band]
