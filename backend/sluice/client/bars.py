"""How far something is, on one line of a terminal; nothing at all where nobody watches."""

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from .terminal import cut, is_terminal, plain, width

_DRAW_EVERY_S = 0.1
_SPEED_OVER_S = 5.0
_LONGEST_BAR = 40
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Bar:
    """One line that is drawn over and over; use it in a `with`."""

    def __init__(self, name: str, *, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = plain(name)
        self._out: TextIO | None = out or sys.stderr
        self._clock = clock
        self._shown = is_terminal(self._out)
        self._drawn_at: float | None = None
        self._marks: list[tuple[float, int]] = []

    def sent(self, done: int, total: int) -> None:
        """So many bytes are out."""
        now = self._clock()
        if self._marks and done < self._marks[-1][1]:
            # The line broke and it began anew.
            self._marks = []
        self._marks = [mark for mark in self._marks if now - mark[0] <= _SPEED_OVER_S] + [(now, done)]
        if done == total or self._due(now):
            self._draw(done / total, _bytes_words(done, total, self._speed()))

    def encoded(self, stage: str, percent: float, seconds_left: float | None) -> None:
        """So much of it is encoded."""
        self._draw(percent / 100, stage if seconds_left is None else f"{stage}, {span(seconds_left)} left")

    def say(self, words: str) -> None:
        """Words on a line of their own."""
        self._clear()
        self._write(f"{plain(words)}\n")

    def _speed(self) -> float | None:
        (began, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - began) if now - began >= 0.5 else None

    def _due(self, now: float) -> bool:
        return self._drawn_at is None or now - self._drawn_at >= _DRAW_EVERY_S

    def _draw(self, part: float, words: str) -> None:
        self._drawn_at = self._clock()
        if self._shown:
            columns = shutil.get_terminal_size().columns
            self._write(f"\r\x1b[K{line(self._name, part, plain(words), columns - 1)}")

    def _clear(self) -> None:
        if self._shown and self._drawn_at is not None:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        if self._out is None:
            return
        # A terminal that has been closed is no reason to stop.
        with suppress(OSError):
            self._out.write(text)
            self._out.flush()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()


def line(name: str, part: float, words: str, columns: int) -> str:
    """`name [####----]  42 % words`, in at most this many columns."""
    percent = f"{min(100, int(part * 100)):3d} %"
    room = columns - len(percent) - width(words) - 5
    shown = cut(name, max(2, room // 2))
    length = min(_LONGEST_BAR, room - width(shown))
    if length < 4:
        return cut(f"{percent} {words}", columns)
    full = int(part * length)
    return f"{shown} [{'#' * full}{'-' * (length - full)}] {percent} {words}"


def _bytes_words(done: int, total: int, speed: float | None) -> str:
    amount = f"{size(done)} of {size(total)}"
    if not speed:
        return amount
    return f"{amount}, {size(speed)}/s, {span((total - done) / speed)} left"


def size(count: float) -> str:
    """`12.3 MB`, as disks and lines are sold: by thousands."""
    for unit in _UNITS[:-1]:
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.5 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"


def span(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
