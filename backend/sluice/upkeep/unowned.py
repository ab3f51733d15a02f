"""What lies in the buckets and belongs to no video, or to none of its states."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sluice import layout
from sluice.adapters.local.folders import files_below, regular, remove_tree
from sluice.errors import NotFound
from sluice.settings import Settings
from sluice.video import Status, Video

from .place import Place


@dataclass(frozen=True)
class Unowned:
    """One file or folder that nothing needs."""

    path: Path
    size: int
    why: str

    def remove(self) -> None:
        """It is gone; fine if it was before. A link is cut, and what it leads to stays. OSError."""
        if self.path.is_dir() and not self.path.is_symlink():
            remove_tree(self.path)
        else:
            self.path.unlink(missing_ok=True)


def find(place: Place, settings: Settings) -> Iterator[Unowned]:
    """Everything that no row owns.

    The files are listed before their row is read: a row comes before its first byte, so nothing new seems old."""
    yield from _sources(place, settings)
    yield from _outputs(place)


def _sources(place: Place, settings: Settings) -> Iterator[Unowned]:
    for path, size in _entries(place.folder / "raw"):
        video = _row(place, path.name)
        if video is None:
            yield Unowned(path, size, "no video")
        elif video.status is Status.DONE and not video.keeps_source(usually=settings.keep_source):
            yield Unowned(path, size, "its video is done")


def _outputs(place: Place) -> Iterator[Unowned]:
    for path, _ in _entries(place.folder / "media"):
        attempts = [*_entries(path)] if path.is_dir() else []
        video = _row(place, path.name)
        if video is None:
            yield Unowned(path, _size(path), "no video")
            continue
        for folder, size in attempts:
            if not (folder.name.isdecimal() and video.keeps_attempt(int(folder.name))):
                yield Unowned(folder, size, f"attempt {folder.name} of a video at attempt {video.attempt}")


def _entries(folder: Path) -> list[tuple[Path, int]]:
    """What lies in a folder but for our own dotted folders, with its size."""
    if not folder.is_dir():
        return []
    return [(path, _size(path)) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def _size(path: Path) -> int:
    stat = regular(path)
    if stat is not None:
        return stat.st_size
    return 0 if path.is_symlink() else sum(size for _, size in files_below(path))


def _row(place: Place, video_id: str) -> Video | None:
    if not layout.is_id(video_id):
        return None
    try:
        return place.videos.get(video_id)
    except NotFound:
        return None
