"""The processes of all films that are being encoded: as many at once as the machine has cores and memory for."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from sluice import machine

# The rest is for the web server, the probe and the disk's cache.
_SHARE = 0.6
# As much of x264 costs a tenth more for two threads, and a sixth for four: only the very first look is worth that,
# cores that would be idle, and the beginning of a film for which its viewers would have to wait.
_THREADS_OF_A_SLOW_BEGINNING = 2
# Each thread more takes about such a part more of the memory: two took 254 instead of 215 MB at 720 lines, and 508
# instead of 413 at 1080.
_PART_OF_A_THREAD = 5

log = logging.getLogger(__name__)


class Band(IntEnum):
    """What a task is for, the most urgent first. Nothing waits for a slot behind what is less urgent."""

    FIRST = 0
    BEGINNING = 1
    SOUND = 2
    WHOLE = 3
    REST = 4


# Tasks as long as their films have places of their own, as the beginning of a film is in them: so many a slot for long
# films, and as many for short ones, which must not wait for hours. Sounds are light. Together they leave a quarter of
# the memory to the others, and those of long films as much to those of short ones; but one of each kind may take more.
_APART = {Band.SOUND: 4, Band.WHOLE: 1}
_PART_OF_APART, _PART_OF_LONG = 0.75, 0.5


@dataclass(eq=False)
class Task:
    """One process to run for its owner. Within a band the lowest rank goes first; owners of equal rank take turns.

    `memory_bytes` are what it takes with one of the pool's threads. With one thread, a `slow` one takes longer than
    its pictures to be watched.
    """

    owner: object
    band: Band
    rank: int
    memory_bytes: int
    work: Callable[["Task"], None]
    threads: int = 1
    of_long_film: bool = False
    slow: bool = False
    future: "Future[None]" = field(default_factory=Future)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def takes_bytes(self) -> int:
        """How much of the memory it takes with its threads."""
        return self.memory_bytes * (_PART_OF_A_THREAD + self.threads - 1) // _PART_OF_A_THREAD


class Pool:
    """Runs tasks while they fit into the memory, up to `slots` at once, not counting less urgent ones.

    More processes than cores would only be in each other's way. But of each band there is always one that goes on, and
    what takes as long as its film has places of its own.
    """

    def __init__(self, slots: int, memory_bytes: int) -> None:
        self.slots = slots
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._waiting: dict[Band, dict[object, deque[Task]]] = {band: {} for band in Band}
        self._running: set[Task] = set()
        # Those of them that need no core any more, only the disk.
        self._freed: set[Task] = set()
        self._turns: dict[object, int] = {}
        self._turn = count(1)
        # Its threads stay: a child is killed when the thread that started it ends. Some may be waiting for the disk.
        self._threads = ThreadPoolExecutor(2 * slots * (len(Band) + 2 * sum(_APART.values())), "encode")
        # One there is from the start: what can't have a thread of its own has that of another that has ended.
        self._threads.submit(int).result()

    @property
    def share(self) -> int:
        """How many tasks at once are to be expected of a film that begins now, beside those that are there."""
        with self._lock:
            waiting = (owner for owners in self._waiting.values() for owner in owners)
            films = {*waiting, *(task.owner for task in self._running)}
        return max(1, self.slots // (len(films) + 1))

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take an owner's tasks, in the order in which they are to be begun; each one's `future` tells how it ended."""
        with self._lock:
            for task in tasks:
                self._waiting[task.band].setdefault(task.owner, deque()).append(task)
            self._start()

    def free(self, task: Task) -> None:
        """The processes of this running task have ended: another may begin while it waits for the disk."""
        with self._lock:
            self._freed.add(task)
            self._start()

    def leave(self, owner: object) -> None:
        """Drop what waits for this owner, and tell what runs to stop; return when it has."""
        with self._lock:
            for waiting in self._waiting.values():
                for task in waiting.pop(owner, ()):
                    task.future.cancel()
            running = [task for task in self._running if task.owner is owner]
            self._turns.pop(owner, None)
            self._start()
        for task in running:
            task.cancelled.set()
        for task in running:
            task.future.exception()

    # --- inside, under the lock -------------------------------------------------------------------------------------

    def _start(self) -> None:
        for band in Band:
            while (task := self._next(band)) is not None:
                if not self._fits(task, self._busy):
                    # What is less urgent must not take the memory that this one waits for.
                    return
                self._begin(task)

    @property
    def _busy(self) -> set[Task]:
        return self._running - self._freed

    def _next(self, band: Band) -> Task | None:
        heads = [tasks[0] for tasks in self._waiting[band].values()]
        if band in _APART:
            return self._next_apart(heads)
        if not self._has_slot(band):
            return None
        # Who fits only once a long film has ended waits for hours, and nobody waits with him.
        for_hours = [other for other in self._busy if other.band in _APART and other.of_long_film]
        heads = [task for task in heads if self._fits(task, for_hours)]
        return min(heads, key=lambda task: (task.rank, self._turns.get(task.owner, 0)), default=None)

    def _has_slot(self, band: Band) -> bool:
        busy = [task.band for task in self._busy if task.band not in _APART]
        return band not in busy or sum(other <= band for other in busy) < self.slots

    def _next_apart(self, heads: Sequence[Task]) -> Task | None:
        """The one that has waited longest, if it has a place.

        Who waits for short films of its band is overtaken by nobody, for it might be for ever. Who waits for others
        may wait for hours, and is overtaken by short films alone.
        """
        apart = [other for other in self._busy if other.band in _APART]
        only_short = False
        for task in heads:
            if only_short and task.of_long_film:
                continue
            if self._has_place(task, apart):
                return task
            if self._has_place(task, [other for other in apart if other.of_long_film or other.band is not task.band]):
                return None
            only_short = True
        return None

    def _has_place(self, task: Task, beside: Collection[Task]) -> bool:
        alike = sum((other.band, other.of_long_film) == (task.band, task.of_long_film) for other in beside)
        taken = task.takes_bytes + sum(other.takes_bytes for other in beside)
        if not alike:
            return not beside or taken <= self._memory_bytes
        of_long = task.takes_bytes + sum(other.takes_bytes for other in beside if other.of_long_film)
        return (
            alike < _APART[task.band] * self.slots
            and taken <= self._memory_bytes * _PART_OF_APART
            and (not task.of_long_film or of_long <= self._memory_bytes * _PART_OF_LONG)
        )

    def _fits(self, task: Task, beside: Collection[Task]) -> bool:
        return not beside or sum(other.takes_bytes for other in (task, *beside)) <= self._memory_bytes

    def _begin(self, task: Task) -> None:
        task.threads = self._threads_for(task)
        if not self._fits(task, self._busy):
            task.threads = 1
        tasks = self._waiting[task.band][task.owner]
        tasks.popleft()
        if not tasks:
            del self._waiting[task.band][task.owner]
        self._running.add(task)
        self._turns[task.owner] = next(self._turn)
        try:
            self._threads.submit(self._run, task)
        except RuntimeError as error:
            # Taken it is, for all that.
            log.warning("%s: a process of an encode waits for the thread of another", error)

    def _threads_for(self, task: Task) -> int:
        """Its share of the cores among those that want them at the same time; of rests, the last ones have more.

        They fill the cores that others leave when hardly anything waits any more. What is apart has its own threads.
        """
        if task.band in _APART:
            return 1
        rivals = sum(1 for _ in self._rivals(task))
        share, odd = divmod(self.slots, rivals)
        if task.band is Band.REST:
            # This one is still among them.
            waiting = sum(map(len, self._waiting[task.band].values())) - 1
            return max(1, share + (waiting < odd), 2 * (waiting < self.slots // 2))
        if task.band is Band.BEGINNING:
            share = min(share, _THREADS_OF_A_SLOW_BEGINNING if task.slow else 1)
        return max(1, share)

    def _rivals(self, task: Task) -> Iterator[Task]:
        """The tasks, itself included, of its band that are no less urgent."""
        waiting = (other for tasks in self._waiting[task.band].values() for other in tasks)
        for other in (*(one for one in self._busy if one.band is task.band), *waiting):
            if other.rank <= task.rank:
                yield other

    def _run(self, task: Task) -> None:
        task.future.set_running_or_notify_cancel()
        ended: BaseException | None = None
        try:
            task.work(task)
        except BaseException as error:
            # Whoever waits for the future answers for it.
            ended = error
        with self._lock:
            self._running.discard(task)
            self._freed.discard(task)
            self._start()
        if ended is None:
            task.future.set_result(None)
        else:
            task.future.set_exception(ended)


def usable_memory() -> int:
    """How many bytes encodes may take together: a share of what this process may have."""
    return int(machine.memory_bytes() * _SHARE)
