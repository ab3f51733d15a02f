"""What was measured, as a table: ours beside what it is compared with, and whether the goal was met."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison; the goal is met by a ratio that is not above it."""

    what: str
    ours_s: float
    compared_with: str
    theirs_s: float
    goal: float

    @property
    def ratio(self) -> float:
        """How many times as long ours takes."""
        return self.ours_s / self.theirs_s

    @property
    def met(self) -> bool:
        """Whether the goal was met, of the ratio as it is printed."""
        return round(self.ratio, 2) <= self.goal


HEAD = ("what", "ours", "compared with", "theirs", "ratio", "goal", "")


def table(rows: Sequence[Row]) -> str:
    """The rows below a head, in columns."""
    lines = [HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    told = (f"{row.ours_s:.3f} s", row.compared_with, f"{row.theirs_s:.3f} s", f"{row.ratio:.2f}", f"<= {row.goal:.2f}")
    return (row.what, *told, "met" if row.met else "NOT met")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
