"""Measuring in turns, so that a busy moment of the machine hits everything that is compared."""

from collections.abc import Callable
from statistics import median

ROUNDS = 3


def in_turns(*measures: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, ...]:
    """The median of so many rounds of each."""
    taken = [[measure() for measure in measures] for _ in range(rounds)]
    return tuple(map(median, zip(*taken, strict=True)))
