"""What was measured, as a table: ours beside what it is compared with, and whether the goal was met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What the two figures of a row come to, and the bound on it."""

    of: Callable[[float, float], float]
    limit: float
    at_most: bool

    def met(self, result: float) -> bool:
        """Whether a result is good enough, as it was measured."""
        return result <= self.limit if self.at_most else result >= self.limit

    def told(self, result: float) -> str:
        """The result in two digits, or in as many more as it takes to look no better than it is."""
        texts = (f"{result:.{digits}f}" for digits in range(2, 18))
        return next(text for text in texts if self.met(float(text)) == self.met(result))

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:.2f}"


def at_most(limit: float) -> Goal:
    """Ours is no more than so many times theirs."""
    return Goal(lambda ours, theirs: ours / theirs, limit, at_most=True)


def at_least(limit: float) -> Goal:
    """Ours is no less than so many times theirs."""
    return Goal(lambda ours, theirs: ours / theirs, limit, at_most=False)


def times_less(limit: float) -> Goal:
    """Theirs is no less than so many times ours."""
    return Goal(lambda ours, theirs: theirs / ours, limit, at_most=False)


def loses(limit: float) -> Goal:
    """Ours is lower than theirs by no more than that."""
    return Goal(lambda ours, theirs: theirs - ours, limit, at_most=True)


@dataclass(frozen=True)
class Row:
    """One comparison of two figures of the same unit, both taken in one run."""

    what: str
    ours: float
    compared_with: str
    theirs: float
    goal: Goal
    unit: str = "s"

    @property
    def result(self) -> float:
        """What the goal is about: how many times, or how much."""
        return self.goal.of(self.ours, self.theirs)

    @property
    def met(self) -> bool:
        """Whether the goal was met."""
        return self.goal.met(self.result)


HEAD = ("what", "ours", "compared with", "theirs", "result", "goal", "")


def table(rows: Sequence[Row]) -> str:
    """The rows below a head, in columns, as Markdown reads them, too."""
    lines = [HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(line, widths) for line in (HEAD, rule, *lines[1:]))


def _cells(row: Row) -> tuple[str, ...]:
    ours, theirs = (f"{figure:.4g} {row.unit}" for figure in (row.ours, row.theirs))
    told = (ours, row.compared_with, theirs, row.goal.told(row.result), str(row.goal))
    return (row.what, *told, "met" if row.met else "NOT met")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
