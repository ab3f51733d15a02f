"""Words that people type: normalised at the edge, so that the same title is the same bytes everywhere."""

import re
import unicodedata
from typing import Annotated, Any

from .wire import Told, as_text

# C0 (less tab and line breaks), DEL and C1; the embeddings, overrides and isolates that turn the direction of
# what follows.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_BREAKS = "\t\n\r\u2028\u2029"
_HALF_CHARACTERS = "\ud800-\udfff"
_BAD_IN_LINE = re.compile(f"[{_CONTROLS}{_BREAKS}{_HALF_CHARACTERS}]")
_BAD_IN_TEXT = re.compile(f"[{_CONTROLS}{_HALF_CHARACTERS}]")
_LINE_PATTERN = f"^[^{_CONTROLS}{_BREAKS}]*[^\\s{_CONTROLS}{_BREAKS}][^{_CONTROLS}{_BREAKS}]*$"
_TEXT_PATTERN = f"^[^{_CONTROLS}]*$"

TITLE_MAX = 200
DESCRIPTION_MAX = 5000
FILENAME_MAX = 255


def line(text: str, max_length: int) -> str:
    """The text trimmed and in NFC; ValueError unless it is one line of 1 to `max_length` characters."""
    line = unicodedata.normalize("NFC", text.strip())
    if _BAD_IN_LINE.search(line):
        raise ValueError("Leave out control characters.")
    if not 1 <= len(line) <= max_length:
        raise ValueError(f"Give 1 to {max_length} characters.")
    return line


def seen(text: str) -> str:
    """What may be shown of words from elsewhere, in one line; empty where nobody would see anything."""
    words = " ".join(_BAD_IN_LINE.sub(" ", text).split())
    return words if any(unicodedata.category(char)[0] in "LNPS" for char in words) else ""


def paragraphs(text: str) -> str:
    """The text trimmed, in NFC and with plain line feeds; ValueError if it is too long or holds control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    normal = unicodedata.normalize("NFC", lines)
    if _BAD_IN_TEXT.search(normal):
        raise ValueError("Leave out control characters.")
    if len(normal) > DESCRIPTION_MAX:
        raise ValueError(f"Give at most {DESCRIPTION_MAX} characters.")
    return normal


def file_name(text: str) -> str:
    """The last part of a path, whichever way its slashes lean."""
    return line(re.split(r"[/\\]", text.strip().rstrip("/\\"))[-1], FILENAME_MAX)


def _title(given: Any) -> str:
    return line(as_text(given), TITLE_MAX)


def _file_name(given: Any) -> str:
    return file_name(as_text(given))


def _description(given: Any) -> str:
    return paragraphs(as_text(given))


def _written(pattern: str) -> str:
    """The pattern with its characters written out, as generated clients want them."""
    return "".join(char if " " <= char < "\x7f" else f"\\u{ord(char):04x}" for char in pattern)


_LINE: dict[str, Any] = {"minLength": 1, "pattern": _written(_LINE_PATTERN)}

Title = Annotated[str, Told(read=_title, maxLength=TITLE_MAX, examples=["A walk in the snow"], **_LINE)]
FileName = Annotated[str, Told(read=_file_name, maxLength=FILENAME_MAX, examples=["walk.mp4"], **_LINE)]
Description = Annotated[
    str,
    Told(
        "Plain text; line breaks are kept.",
        read=_description,
        maxLength=DESCRIPTION_MAX,
        pattern=_written(_TEXT_PATTERN),
        examples=["Filmed on the first day of the year."],
    ),
]
