"""Looking through folders, and clearing them, while others work in them too."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from sluice.errors import Unavailable
from sluice.layout import is_id

# There for as long as a folder is no more than a part of what it will be.
INCOMPLETE = ".restoring"
_PUT_BACK = "put it back, restore a backup into an empty folder (sluice restore), or set SLUICE_DATA to begin elsewhere"


def require_complete(data: Path) -> None:
    """Unavailable if a restore into this folder has not come to its end, or if it lost the database of its videos.

    Another one would know none of them, and what belongs to no video may be removed."""
    if (data / INCOMPLETE).exists():
        raise Unavailable(f"a restore into {data} has not come to its end; run it again, and wait for it")
    if lost_its_videos(data):
        raise Unavailable(f"{data} holds videos, and no sluice.db that knows them; {_PUT_BACK}")


def require_accounts(data: Path) -> None:
    """Unavailable if this folder lost the database of its accounts: nobody could sign in to what is theirs."""
    if lost_its_accounts(data):
        raise Unavailable(f"{data} holds the key of an identity.db, and none that it fits; {_PUT_BACK}")


def lost_its_videos(data: Path) -> bool:
    """Whether there are files of videos, and no database that knows them."""
    folders = [data / bucket for bucket in ("raw", "media") if (data / bucket).is_dir()]
    names = (path.name for folder in folders for path in folder.iterdir())
    return not (data / "sluice.db").is_file() and any(map(is_id, names))


def lost_its_accounts(data: Path) -> bool:
    """Whether there were accounts, whose key is made after their database, and are none."""
    return (data / "keys" / "instance.key").is_file() and not (data / "identity.db").is_file()


def regular(path: Path) -> os.stat_result | None:
    """What is known of a regular file; None for anything else, and for nothing."""
    try:
        stat = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return stat if S_ISREG(stat.st_mode) else None


def files_below(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every regular file at any depth with its size, by name; nothing where there is no folder."""
    entries: list[Path] = []
    # It may go at any moment.
    with suppress(FileNotFoundError, NotADirectoryError):
        entries = sorted(folder.iterdir())
    for path in entries:
        stat = regular(path)
        if stat is not None:
            yield path, stat.st_size
        elif not path.is_symlink():
            yield from files_below(path)


def remove_tree(folder: Path) -> None:
    """The folder and all in it are gone; links are cut, not followed."""
    with suppress(FileNotFoundError):
        for path in list(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                remove_tree(path)
            else:
                path.unlink(missing_ok=True)
        folder.rmdir()


def old_files(folder: Path, older_than_s: float, names: Iterable[str] | None = None) -> list[Path]:
    """The files of a folder, or those of these names, that nobody has written to for that long."""
    return [path for path in _old(folder, older_than_s, names) if regular(path) is not None]


def old_folders(folder: Path, older_than_s: float) -> list[Path]:
    """The folders in a folder whose entries nobody has changed for that long."""
    return [path for path in _old(folder, older_than_s) if path.is_dir() and not path.is_symlink()]


def _old(folder: Path, older_than_s: float, names: Iterable[str] | None = None) -> Iterator[Path]:
    if not folder.is_dir():
        return
    limit = time.time() - older_than_s
    for path in list(folder.iterdir()) if names is None else [folder / name for name in names]:
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime < limit:
                yield path
