"""A backup of everything, taken while Sluice runs, and its way back."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sluice import layout
from sluice.adapters.local.durable import sync
from sluice.adapters.local.folders import INCOMPLETE
from sluice.errors import Refused
from sluice.identity.private_files import locked

from .copying import mirror
from .draft import draft_of
from .lacking import lacking
from .place import ACCOUNTS, DATABASE, Place, alone_in
from .seal import BUCKETS, Content, content_of, require_whole, seal
from .snapshots import snapshot, videos_in

_ROUNDS = 6


@dataclass(frozen=True)
class Backup:
    """What was saved; `torn` are videos whose files could not be had, as they aren't in the service either."""

    folder: Path
    content: Content
    torn: tuple[str, ...]


def back_up(place: Place, target: Path) -> Backup:
    """Save everything to a new folder, or leave nothing. Refused unless it is new or empty."""
    target = target.resolve()
    if target.exists() and any(target.iterdir()):
        raise Refused("not_empty", f"{target} is not empty; give a folder that is not there yet")
    if _is_within(target, place.folder):
        raise Refused("inside", f"{target} lies in the data folder and would be lost with it; give a folder elsewhere")
    if target.exists():
        _require_replaceable(target)
    with draft_of(target) as draft:
        saved = _save(place, draft, target)
        # What it says is whole is so after a power cut, too.
        os.sync()
        seal(draft, saved.content)
        if target.exists():
            target.rmdir()
    os.sync()
    return saved


def restore(source: Path, data: Path) -> None:
    """Put a backup into an empty data folder, or leave it empty. Refused if it isn't, or the backup is not whole.

    What a restore that was killed has left there goes.
    """
    if _is_within(data, source):
        raise Refused("inside", f"{data} lies in the backup; set SLUICE_DATA to a folder elsewhere")
    require_whole(source)
    with alone_in(data):
        if (data / INCOMPLETE).exists():
            _empty(data)
        if _entries(data):
            raise Refused("not_empty", f"{data} is not empty; set SLUICE_DATA to a folder that is not there yet")
        try:
            _put(source, data)
        except BaseException:
            _empty(data)
            raise


def _require_replaceable(target: Path) -> None:
    """Refused where the draft can't get this empty folder's name at the end, as another disk is mounted there."""
    aside = target.with_name(f"{target.name}.tried")
    try:
        target.rename(aside)
        aside.rename(target)
    except OSError as error:
        words = f"{target} can't be replaced ({error.strerror})"
        raise Refused("not_replaceable", f"{words}; give a folder in it that is not there yet") from error


def _is_within(folder: Path, other: Path) -> bool:
    return folder.resolve().is_relative_to(other.resolve())


def _save(place: Place, draft: Path, target: Path) -> Backup:
    with locked(place.folder / "keys"):
        mirror(place.folder / "keys", draft / "keys")
    torn = _settled(lambda: _round(place, draft))
    return Backup(target, content_of(draft, _drop_unowned(draft)), tuple(torn))


def _put(source: Path, data: Path) -> None:
    (data / INCOMPLETE).touch()
    sync(data)
    for name in ("keys", *BUCKETS):
        mirror(source / name, data / name)
    (data / "keys").chmod(0o700)
    for name in (ACCOUNTS, DATABASE):
        if (source / name).is_file():
            shutil.copy2(source / name, data / name)
    os.sync()
    (data / INCOMPLETE).unlink()
    sync(data)


def _entries(data: Path) -> list[Path]:
    """What is in a data folder besides the lock of whoever works in it, and what says that it is incomplete."""
    return [path for path in data.iterdir() if path.name not in ("lock", INCOMPLETE)]


def _empty(data: Path) -> None:
    for path in _entries(data):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    if not _entries(data):
        (data / INCOMPLETE).unlink(missing_ok=True)


def _settled(take: Callable[[], set[str]]) -> set[str]:
    """Take rounds until one has everything, or two have missed the same."""
    missed: set[str] | None = None
    for _ in range(_ROUNDS):
        before, missed = missed, take()
        if missed in (set(), before):
            break
    return missed or set()


def _round(place: Place, draft: Path) -> set[str]:
    """Take files, then the rows, then the files that came in between; the ids of rows that miss theirs.

    What a row of the snapshot needs was there before it, unless it was deleted in the meantime."""
    _take_files(place, draft)
    databases = [path for name in (DATABASE, ACCOUNTS) if (path := place.folder / name).is_file()]
    snapshot(databases, draft)
    _take_files(place, draft)
    return lacking(videos_in(draft / DATABASE), draft)


def _take_files(place: Place, draft: Path) -> None:
    for bucket in BUCKETS:
        mirror(place.folder / bucket, draft / bucket)


def _drop_unowned(draft: Path) -> int:
    """Remove files of videos that were gone when the rows were read; how many videos are left."""
    known = {video.id for video in videos_in(draft / DATABASE)}
    for bucket in BUCKETS:
        for path in (draft / bucket).iterdir():
            if layout.is_id(path.name) and path.name not in known:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(known)
