"""Titles, descriptions and names of files as every Sluice takes them."""

import re
import unicodedata
from pathlib import Path

TITLE_MAX = 200
DESCRIPTION_MAX = 5000
# Control characters, what turns the direction of writing, and the half characters that Python makes of bytes that are
# not UTF-8.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_BAD_IN_TEXT = re.compile(f"[{_CONTROLS}]")
_MARK = "\N{REPLACEMENT CHARACTER}"
_BAD_IN_LINE = re.compile(f"[{_CONTROLS}\t\n\r\u2028\u2029]")


def name_of(path: Path) -> str:
    """The file's name as a server keeps it and any folder takes it, with a mark in place of what won't do."""
    # Servers take what is before a backslash for a folder.
    name = _line(path.name.replace("\\", _MARK))
    return name if name.strip(".") else "Untitled"


def title_of(path: Path) -> str:
    """What a video is called after its file: the name less its ending, as far as a title may go."""
    return _line(path.stem)[:TITLE_MAX] or name_of(path)[:TITLE_MAX]


def _line(text: str) -> str:
    return unicodedata.normalize("NFC", _BAD_IN_LINE.sub(_MARK, text)).strip()


def title_misfit(text: str) -> str | None:
    """Why this can't be a title; None if it can."""
    if not 1 <= len(unicodedata.normalize("NFC", text.strip())) <= TITLE_MAX:
        return f"give 1 to {TITLE_MAX} characters"
    return "leave out control characters" if _BAD_IN_LINE.search(text.strip()) else None


def description_misfit(text: str) -> str | None:
    """Why this can't be a description; None if it can."""
    if len(unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())) > DESCRIPTION_MAX:
        return f"give at most {DESCRIPTION_MAX} characters"
    return "leave out control characters" if _BAD_IN_TEXT.search(text) else None
