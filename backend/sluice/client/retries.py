"""Trying again where it can help: the line broke, or the server is busy or starting."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from .exchange import Answer
from .troubles import Unreachable

ATTEMPTS = 6
_PAUSE_AT_MOST_S = 30.0
# Who is to come back later than that is better told so.
_ASKED_AT_MOST_S = 60.0
_BUSY = (429, 502, 503, 504)


@dataclass(frozen=True)
class Patience:
    """How often to try, how to wait, and whom to tell."""

    pause: Callable[[float], None]
    tell: Callable[[str], None] = lambda words: None
    attempts: int = ATTEMPTS

    def __call__(self, act: Callable[[], Answer], *, give_up_on: tuple[type[Unreachable], ...] = ()) -> Answer:
        """The first answer that is not merely an excuse, or the last excuse; Unreachable if there never was one,
        at once where it is of a kind to give up on.

        What it does again must be safe to do twice."""
        for attempt in range(1, self.attempts):
            try:
                answer = act()
            except give_up_on:
                raise
            except Unreachable as trouble:
                self._wait(attempt, 0, str(trouble))
                continue
            asked_s = _asked_for(answer)
            if answer.status not in _BUSY or asked_s > _ASKED_AT_MOST_S:
                return answer
            self._wait(attempt, asked_s, f"the server is busy (status {answer.status})")
        return act()

    def hurried(self) -> "Patience":
        """The same, soon over."""
        return replace(self, attempts=2)

    def _wait(self, attempt: int, at_least_s: float, words: str) -> None:
        pause_s = max(at_least_s, min(_PAUSE_AT_MOST_S, 0.5 * 2 ** (attempt - 1)))
        self.tell(f"{words}; trying again in {pause_s:g} s")
        self.pause(pause_s)


def _asked_for(answer: Answer) -> float:
    try:
        asked_s = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return 0
    return 0 if math.isnan(asked_s) else asked_s
