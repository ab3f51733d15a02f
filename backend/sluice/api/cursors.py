"""Where a page of a list ends, as text that callers pass back without looking into it."""

import re
from base64 import b64decode, urlsafe_b64encode
from typing import Any

from sluice.layout import is_id

LIMIT_MAX = 100


def cursor_of(video_id: str | None) -> str | None:
    """The cursor for what comes after this video; None for the end of the list."""
    return video_id and urlsafe_b64encode(video_id.encode()).decode().rstrip("=")


def parse_cursor(text: Any) -> str:
    """The id in a cursor; ValueError for what we never gave out."""
    try:
        video_id = b64decode(f"{text}=", altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        video_id = ""
    if not is_id(video_id) or cursor_of(video_id) != text:
        raise ValueError("Give the nextCursor of an earlier page.")
    return video_id


def parse_id(text: str) -> str:
    """A video's id in its canonical upper case; ValueError for what can't be one."""
    if not is_id(text.upper()):
        raise ValueError("Give the id of a video.")
    return text.upper()


def parse_limit(text: Any) -> int:
    """A page's length; ValueError unless it is a plain whole number from 1 to 100."""
    limit = int(text) if re.fullmatch("[0-9]{1,3}", str(text)) else 0
    if not 1 <= limit <= LIMIT_MAX:
        raise ValueError(f"Give a whole number from 1 to {LIMIT_MAX}.")
    return limit
