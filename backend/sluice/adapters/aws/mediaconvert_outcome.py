"""What a MediaConvert job leaves, put where every home has it: playlists by rung, and a thumbnail."""

from dataclasses import replace

from sluice import playlists
from sluice.errors import NotFound
from sluice.ladder import Facts
from sluice.layout import PLAYLIST, THUMBNAIL, attempt_prefix
from sluice.ports import Objects

from .mediaconvert_order import CAPTURES, STREAM

_LARGEST_PICTURE = 16 << 20


def arrange(media: Objects, video_id: str, attempt: int, facts: Facts) -> None:
    """Write the playlists anew beside the segments' own names, and copy the thumbnail; safe to repeat.

    What is missing or broken stays so: measuring tells."""
    prefix = attempt_prefix(video_id, attempt)
    for folder in playlists.folders(facts):
        _arrange_playlist(media, prefix, folder)
    _arrange_thumbnail(media, prefix)


def _arrange_playlist(media: Objects, prefix: str, folder: str) -> None:
    try:
        left = playlists.parse(media.read(f"{prefix}{STREAM}_{folder}.m3u8").decode())
    except (NotFound, ValueError):
        return
    segments = tuple(replace(segment, uri=f"../{segment.uri}") for segment in left.segments)
    text = playlists.write(replace(left, segments=segments))
    media.put(f"{prefix}{folder}/{PLAYLIST}", text.encode(), playlists.CONTENT_TYPE)


def _arrange_thumbnail(media: Objects, prefix: str) -> None:
    """The picture with most in it: black ones, and those out of a fade, take few bytes."""
    sizes = dict(media.list(prefix + CAPTURES))
    if sizes:
        best = max(sizes, key=lambda key: (sizes[key], key))
        media.put(prefix + THUMBNAIL, media.read(best, max_bytes=_LARGEST_PICTURE), "image/jpeg")
