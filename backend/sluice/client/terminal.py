"""What goes to a terminal: nothing that steers it."""

from typing import TextIO


def plain(text: str) -> str:
    """The text on one line, with a mark in place of whatever is no printable character."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether people are at the other end; a stream that was closed before we started is None."""
    return stream is not None and stream.isatty()
