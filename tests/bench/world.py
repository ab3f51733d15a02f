"""A burst of uploads through queue, functions and MediaConvert, with the rules of video.py and sweep.py."""

import heapq
import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from sluice.video import Status

from .engine import Clock, Lane, Tap
from .limits import Limits

LONGEST_FILM_S = 3600.0
LONGEST_BACKOFF_S = 20.0
GIVE_UP_S = 7 * 86400.0


@dataclass
class Film:
    """A video as far as a burst is concerned."""

    number: int
    duration_s: float
    arrived_at: float = 0.0
    status: Status = Status.PENDING
    has_job: bool = False
    nudges: int = 0
    due_at: float = 0.0
    started_at: float = 0.0
    ended_at: float = 0.0

    @property
    def ended(self) -> bool:
        return self.status in (Status.DONE, Status.FAILED)

    @property
    def awaits_job(self) -> bool:
        return self.status is Status.PENDING or (self.status is Status.PROCESSING and not self.has_job)


class World:
    """One run; `run` plays it to its end."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.clock = Clock()
        self._dice = random.Random(limits.seed)
        self.calls = Tap(self.clock, limits.calls_per_s, limits.calls_burst)
        self.sources = self._lane(limits.sources_at_once, limits.sources_timeout_s)
        self.encodes = self._lane(limits.encodes_at_once, limits.encodes_timeout_s)
        self.films = [Film(number, self._length()) for number in range(limits.uploads)]
        self.orders_refused = self.probes = self.sweeps = self.sweeps_cut_short = self.most_jobs = 0
        self.sweep_s = 0.0
        self._left = limits.uploads
        self._due: list[tuple[float, int]] = []
        self._jobs: deque[Film] = deque()
        self._jobs_running = 0

    def run(self) -> None:
        """Until every video has ended."""
        for film in self.films:
            self.clock.after(self._dice.uniform(0, self.limits.over_s), lambda film=film: self._arrive(film))
        self.clock.after(self.limits.sweep_after_s, self._sweep)
        self.clock.run(lambda: self._left > 0, GIVE_UP_S)

    def _lane(self, at_once: int, timeout_s: float) -> Lane:
        return Lane(self.clock, at_once, self.limits.visibility_factor * timeout_s, self.limits.max_receives)

    def _length(self) -> float:
        return min(LONGEST_FILM_S, self._dice.lognormvariate(math.log(self.limits.film_s), 0.8))

    def _arrive(self, film: Film) -> None:
        film.arrived_at = self.clock.now
        self._look(film, self.limits.sweep_after_s)
        self._announce(film)

    def _announce(self, film: Film) -> None:
        self.sources.send(lambda: self._accept(film))

    def _look(self, film: Film, seconds: float) -> None:
        film.due_at = self.clock.now + seconds
        heapq.heappush(self._due, (film.due_at, film.number))

    # --- processing.accept_source ---------------------------------------------------------------------------------

    def _accept(self, film: Film) -> Iterator[float]:
        yield self.limits.message_s
        if not film.awaits_job:
            return True
        self.probes += 1
        yield self._dice.uniform(0.5, 1.5) * self.limits.probe_s
        if film.status is Status.PENDING:
            film.status, film.started_at = Status.PROCESSING, self.clock.now
            self._look(film, self.limits.sweep_after_s)
        if not film.awaits_job:
            return True
        if not (yield from self._call()):
            self.orders_refused += 1
            return False
        self._submit(film)
        return True

    def _call(self) -> Iterator[float]:
        """A call of MediaConvert, as often as the client tries; whether it was let through."""
        for attempt in range(self.limits.call_attempts):
            if self.calls.take():
                return True
            if attempt < self.limits.call_attempts - 1:
                yield self._dice.random() * min(LONGEST_BACKOFF_S, 2**attempt)
        return False

    # --- MediaConvert -----------------------------------------------------------------------------------------------

    def _submit(self, film: Film) -> None:
        if film.awaits_job:
            film.has_job = True
            self._jobs.append(film)
            self._start_jobs()

    def _start_jobs(self) -> None:
        while self._jobs and self._jobs_running < self.limits.jobs_at_once:
            film = self._jobs.popleft()
            self._jobs_running += 1
            self.most_jobs = max(self.most_jobs, self._jobs_running)
            seconds = self.limits.encode_start_s + film.duration_s / self.limits.encode_speed
            for tick in range(1, int(seconds / self.limits.status_every_s) + 1):
                self.clock.after(tick * self.limits.status_every_s, lambda: self.encodes.send(self._note))
            self.clock.after(seconds, lambda film=film: self._complete(film))

    def _complete(self, film: Film) -> None:
        self._jobs_running -= 1
        self._start_jobs()
        self.encodes.send(lambda: self._finish(film))

    def _note(self) -> Iterator[float]:
        yield self.limits.message_s
        return True

    def _finish(self, film: Film) -> Iterator[float]:
        yield self._dice.uniform(0.5, 1.5) * self.limits.finish_s
        self._end(film, Status.DONE)
        return True

    def _end(self, film: Film, status: Status) -> None:
        if not film.ended:
            film.status, film.ended_at = status, self.clock.now
            self._left -= 1

    # --- sweep.sweep --------------------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        """Every minute, beside one that takes longer."""
        self.sweeps += 1
        self._sweep_on(self._drive_all(self.clock.now), self.clock.now)
        self.clock.after(self.limits.sweep_every_s, self._sweep)

    def _sweep_on(self, steps: Iterator[float], began: float) -> None:
        spent = self.clock.now - began
        seconds = next(steps, None) if spent < self.limits.sweep_timeout_s else None
        if seconds is not None:
            self.clock.after(seconds, lambda: self._sweep_on(steps, began))
            return
        self.sweep_s += spent
        self.sweeps_cut_short += spent >= self.limits.sweep_timeout_s

    def _drive_all(self, started: float) -> Iterator[float]:
        while self._due and self._due[0][0] <= started:
            due_at, number = heapq.heappop(self._due)
            film = self.films[number]
            if film.ended or film.due_at != due_at:
                continue
            yield self.limits.sweep_item_s
            yield from self._drive(film)

    def _drive(self, film: Film) -> Iterator[float]:
        if film.ended:
            return
        if film.status is Status.PENDING:
            self._nudge(film)
            return
        self._look(film, max(self.limits.sweep_after_s, self._pause(film)))
        if not film.has_job:
            self._announce(film)
        else:
            # Its end, had it come, would be found by this call; that of a running one changes nothing.
            yield from self._call()

    def _pause(self, film: Film) -> float:
        return (self.clock.now - film.started_at) * self.limits.look_after_share if film.has_job else 0.0

    def _nudge(self, film: Film) -> None:
        if film.nudges >= self.limits.max_nudges:
            self._end(film, Status.FAILED)
            return
        film.nudges += 1
        self._look(film, self.limits.sweep_after_s * 2 ** (film.nudges - 1))
        self._announce(film)
