"""Parts of a simulated world: a clock with events, lanes with leases, and a service that refuses who asks too often."""

import heapq
from collections.abc import Callable, Iterator
from itertools import count

Act = Callable[[], None]


class Clock:
    """Time that jumps from event to event."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Act]] = []
        self._order: Iterator[int] = count()

    def after(self, seconds: float, act: Act) -> None:
        """Let it happen that many seconds from now."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), act))

    def run(self, going_on: Callable[[], bool], until: float) -> None:
        """Until nothing goes on any more, or the time is over."""
        while self._events and going_on() and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()


class Tap:
    """A quota on calls: so many a second, and a burst after a rest."""

    def __init__(self, clock: Clock, per_s: float, burst: float) -> None:
        self._clock, self._per_s, self._burst = clock, per_s, burst
        self._left, self._at = burst, 0.0
        self.asked = self.refused = 0

    def take(self) -> bool:
        """Whether a call is let through now."""
        now = self._clock.now
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        self.asked += 1
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True


class Lane:
    """A queue and its function: so many at once; what is not done comes back after the visibility timeout.

    Work is a generator that yields the seconds it takes and returns whether its message is done."""

    def __init__(self, clock: Clock, at_once: int, visibility_s: float, max_receives: int) -> None:
        self._clock, self._free = clock, at_once
        self._visibility_s, self._max_receives = visibility_s, max_receives
        self._waiting: list[tuple[float, int, int, Callable[[], Iterator[float]]]] = []
        self._order: Iterator[int] = count()
        self.sent = self.received = self.failed = self.dead = self.longest = 0
        self.busy_s = 0.0

    def send(self, work: Callable[[], Iterator[float]]) -> None:
        """A message; `work` is what its handling does."""
        self.sent += 1
        self._put(0, work, 0.0)

    def _put(self, receives: int, work: Callable[[], Iterator[float]], delay_s: float) -> None:
        heapq.heappush(self._waiting, (self._clock.now + delay_s, next(self._order), receives, work))
        self.longest = max(self.longest, len(self._waiting))
        self._clock.after(delay_s, self._take)

    def _take(self) -> None:
        while self._free and self._waiting and self._waiting[0][0] <= self._clock.now:
            _, _, receives, work = heapq.heappop(self._waiting)
            if receives >= self._max_receives:
                self.dead += 1
                continue
            self._free -= 1
            self.received += 1
            self._step(self._clock.now, receives + 1, work, work())

    def _step(self, began: float, receives: int, work: Callable[[], Iterator[float]], steps: Iterator[float]) -> None:
        try:
            seconds = next(steps)
        except StopIteration as end:
            self._end(began, receives, work, done=end.value)
            return
        self._clock.after(seconds, lambda: self._step(began, receives, work, steps))

    def _end(self, began: float, receives: int, work: Callable[[], Iterator[float]], *, done: bool) -> None:
        self._free += 1
        self.busy_s += self._clock.now - began
        if not done:
            self.failed += 1
            self._put(receives, work, max(0.0, began + self._visibility_s - self._clock.now))
        self._take()
