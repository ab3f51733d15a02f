"""Where objects live: keys are built here and parsed back here, nowhere else."""

import re

from .records import dataclass

MASTER = "master.m3u8"
PLAYLIST = "index.m3u8"
INIT = "init.mp4"
THUMBNAIL = "thumbnail.jpg"
RECEIPT = "receipt.json"
AUDIO = "audio"

# A video's id: a ULID in its canonical upper case.
ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_MEDIA = re.compile(rf"({ULID})/([1-9][0-9]{{0,8}})/([A-Za-z0-9][A-Za-z0-9._/-]*)")


@dataclass(frozen=True)
class MediaKey:
    """A media object's key, taken apart."""

    video_id: str
    attempt: int
    path: str


def is_id(text: str) -> bool:
    """Whether this can be a video's id: a ULID in its canonical upper case."""
    return re.fullmatch(ULID, text) is not None


def source_key(video_id: str) -> str:
    """The uploaded original, in the raw bucket."""
    return video_id


def video_prefix(video_id: str) -> str:
    """Everything ever published for a video, in the media bucket."""
    return f"media/{video_id}/"


def attempt_prefix(video_id: str, attempt: int) -> str:
    """What one attempt published; a late job can't reach into a newer one."""
    return f"{video_prefix(video_id)}{attempt}/"


def media_key(video_id: str, attempt: int, path: str) -> str:
    """One published object of one attempt."""
    return attempt_prefix(video_id, attempt) + path


def parse_media(path: str) -> MediaKey | None:
    """The parts of `{id}/{attempt}/{path}` (a media key less its `media/`), or None for anything else."""
    match = _MEDIA.fullmatch(path)
    if match is None or any(part in ("", ".", "..") for part in match[3].split("/")):
        return None
    return MediaKey(match[1], int(match[2]), match[3])
