"""Looking through folders, and clearing them, while others work in them too."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from sluice.errors import Unavailable

# There for as long as a folder is no more than a part of what it will be.
INCOMPLETE = ".restoring"


def require_complete(data: Path) -> None:
    """Unavailable if a restore into this folder has not come to its end."""
    if (data / INCOMPLETE).exists():
        raise Unavailable(f"a restore into {data} has not come to its end; run it again, and wait for it")


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
