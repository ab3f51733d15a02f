"""Where a page of a list ends, as text that callers pass back without looking into it."""

from base64 import b64decode, urlsafe_b64encode
from typing import Any

from sluice.layout import is_id


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
