"""The encode of a source that can be cut: its pieces run in the machine's pool, and are published in order of time."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sluice.adapters.cadence import segment_frames
from sluice.adapters.chunks import even, shares
from sluice.layout import AUDIO
from sluice.ports import EncodeEnd

from .copied import Copied
from .encoding import Progress
from .job import Job
from .pieces import Pieces
from .pool import Band, Task
from .process import Unsuited
from .publisher import Publisher
from .receipt import Receipt
from .track import Broken

# Segments come while a process runs, and the end of one is told at once. Nothing comes of what waits for other films.
_LOOK_EVERY_S, _WAIT_AT_MOST_S = 0.5, 1.0


@dataclass(eq=False)
class Chunked:
    """One run of one order, chunk by chunk; it is cut for so many chunks `at_once`."""

    job: Job
    at_once: int
    copied: Copied | None = None
    _tasks: list[Task] = field(default_factory=list)
    _news: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        order, copied = self.job.order, self.copied
        rungs = order.facts.renditions[1 if copied else 0 :]
        self._pieces = Pieces(self.job, rungs, top_copied=copied is not None, begun=self._note_beginning)
        if not copied:
            self._cut_evenly()
        self._parts = self._pieces.places() | ({copied.name: [copied.folder]} if copied else {})
        first = copied.name if copied else self._pieces.chunks[0].renditions[0].name
        self._publisher = Publisher(
            order=copied.order if copied else order,
            parts=self._parts,
            media=self.job.media,
            first=[first, AUDIO],
            longer_s=copied.longer_s if copied else 0.0,
            uncut=copied.name if copied else None,
        )
        self._progress = Progress(order, self.job.report)
        self._cover = self.job.cover(self._publisher, self._pieces.looks)

    def _cut_evenly(self) -> None:
        """Have it cut into segments of one length. Several of these can be had of one process."""
        order = self.job.order
        length = segment_frames(order.facts.rate)
        starts = even(order, length)
        self._pieces.cut(starts, length, shares(starts, self.at_once, order.source.keyframes))

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
            self.job.pool.leave(self._pieces)
        return self.job.finish(self._publisher, self._cover, self._receipt())

    def _receipt(self) -> Receipt:
        pieces, copied = self._pieces, self.copied
        return Receipt(
            self.job.order,
            "chunks",
            cpu_s=pieces.cpu_s + (copied.cpu_s if copied else 0.0),
            chunks=len(pieces.chunks),
            reused=pieces.reused,
            copied=copied.name if copied else None,
            sound_copied=pieces.sound_copied,
            ssim=pieces.ssim(),
        )

    def _encode(self) -> bool:
        """Have everything encoded that is missing; False if it is not wanted any more."""
        self._submit(self._pieces.tasks_of_sound())
        if self.copied:
            if not self._copy(self.copied):
                return False
            self._submit(self._pieces.tasks_of_chunks())
            # A long film is much to sync: nobody waits for it.
            self.copied.keep()
            return self._follow(self._tasks)
        chunks = self._pieces.tasks_of_chunks()
        first = [task for task in chunks if task.band is Band.FIRST]
        # Nothing of the same film may hold up the first look at it.
        self._submit(first)
        if not self._follow(first):
            return False
        self._publish()
        self._submit(chunks[len(first) :])
        return self._follow(self._tasks)

    def _copy(self, copied: Copied) -> bool:
        """Have the top rung copied, and the others cut where it is; False if it is not wanted any more."""
        tasks = copied.tasks(self._pieces, self._note_beginning)
        self._submit(tasks)
        # Only then the pictures: what a first look takes besides is a beginning of the sound.
        if not self._follow(tasks, shown=True):
            return False
        copied.take()
        self._pieces.cut(copied.starts, copied.frames - copied.starts[-1])
        places = self._pieces.places()
        for rung in self._pieces.rungs:
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
                works = any(task.future.running() for task in self._tasks)
                self._news.wait(_LOOK_EVERY_S if works else _WAIT_AT_MOST_S)
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
        self._progress.tell(self._pieces.frames, playable=self._publisher.playable)

    def _note_beginning(self) -> None:
        if not self._publisher.playable:
            self._news.set()
