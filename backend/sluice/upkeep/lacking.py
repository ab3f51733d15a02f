"""Which videos lack the files that their rows speak of."""

from collections.abc import Iterable
from pathlib import Path

from sluice import layout
from sluice.video import Status, Video


def lacking(videos: Iterable[Video], folder: Path) -> set[str]:
    """The ids of those whose files are not below this folder."""
    return {video.id for video in videos if not _is_whole(video, folder)}


def _is_whole(video: Video, folder: Path) -> bool:
    if video.gone or not video.arrived or video.status is Status.FAILED:
        return True
    output = folder / layout.media_key(video.id, video.attempt, layout.MASTER)
    if video.status is Status.DONE:
        return output.is_file()
    source = folder / "raw" / layout.source_key(video.id)
    return source.is_file() or (video.status is Status.PROCESSING and output.parent.is_dir())
