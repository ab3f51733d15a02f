"""What a backup says of itself. Written last: a folder without it is no whole backup."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sluice.adapters.local.durable import sync
from sluice.adapters.local.folders import files_below, regular
from sluice.errors import Refused

from .keeping import wholeness
from .place import ACCOUNTS, DATABASE
from .snapshots import UNREADABLE, videos_in

SEAL = "backup.json"
BUCKETS = ("raw", "media")


@dataclass(frozen=True)
class Content:
    """How much is in a backup; those of the first versions said nothing of bytes and accounts."""

    videos: int
    files: int
    bytes: int = 0
    accounts: bool = False


def content_of(folder: Path, videos: int) -> Content:
    """What a restore of this folder would bring, which has so many videos."""
    sizes = list(_sizes(folder))
    return Content(videos, len(sizes), sum(sizes), regular(folder / ACCOUNTS) is not None)


def seal(draft: Path, content: Content) -> None:
    """Say what is in it, on the disk when this returns."""
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    (draft / SEAL).write_text(json.dumps({"madeAt": made_at, **asdict(content)}) + "\n")
    sync(draft / SEAL)


def require_whole(backup: Path) -> None:
    """Refused unless all that was sealed is still there, in databases that can be opened here."""
    sealed = _sealed(backup)
    for name in (DATABASE, ACCOUNTS):
        if name == DATABASE or sealed.accounts or (backup / name).exists():
            _require_sound(backup / name)
    found = content_of(backup, _videos(backup / DATABASE))
    if missing := [name for name in ("videos", "files", "bytes") if getattr(found, name) < getattr(sealed, name)]:
        parts = ", ".join(f"{getattr(found, name)} of {getattr(sealed, name)} {name}" for name in missing)
        raise Refused("not_whole", f"{backup} is not whole, it has {parts}; restore another backup")


def _sealed(backup: Path) -> Content:
    if not (backup / SEAL).is_file():
        raise Refused("no_backup", f"{backup} is no backup, or one that was never finished")
    try:
        said = json.loads((backup / SEAL).read_text())
        return Content(int(said["videos"]), int(said["files"]), int(said.get("bytes", 0)), bool(said.get("accounts")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("not_whole", f"{backup / SEAL} can't be read; restore another backup") from error


def _require_sound(database: Path) -> None:
    finding = wholeness(database)
    if not finding.well:
        raise Refused("not_whole", f"{database}: {finding.words}; restore another backup")


def _videos(database: Path) -> int:
    try:
        return sum(1 for _ in videos_in(database))
    except UNREADABLE as error:
        raise Refused("not_whole", f"{database}: {error}; restore another backup") from error


def _sizes(folder: Path) -> Iterator[int]:
    for name in ("keys", *BUCKETS):
        yield from (size for _, size in files_below(folder / name))
    for name in (DATABASE, ACCOUNTS):
        if stat := regular(folder / name):
            yield stat.st_size
