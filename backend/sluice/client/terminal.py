"""What goes to a terminal: nothing that steers it, and no more than there is room for."""

import unicodedata
from itertools import accumulate
from typing import TextIO


def plain(text: str) -> str:
    """The text on one line, with a mark in place of whatever is no printable character."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether people are at the other end; a stream that was closed before we started is None."""
    return stream is not None and stream.isatty()


def width(text: str) -> int:
    """How many columns the text takes."""
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """As much of the text as fits, with a mark where it goes on."""
    if width(text) <= columns:
        return text
    fitting = sum(end < columns for end in accumulate(map(_columns, text)))
    return f"{text[:fitting]}…"
