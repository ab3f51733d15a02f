"""Files from one folder to another, by hard link where that is possible.

A link is as good as a copy here: no file of ours is ever written to once it has its name, only replaced or removed."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

# Unfinished uploads and locks belong to running processes.
_NOT_KEPT = frozenset({".unfinished", ".lock"})


def mirror(source: Path, target: Path) -> None:
    """Every file of the source is in the target too; what the target has already stays as it is."""
    target.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        return
    for path in source.iterdir():
        if path.name in _NOT_KEPT or path.is_symlink():
            continue
        if path.is_dir():
            mirror(path, target / path.name)
        else:
            # Gone between listing and linking: then nothing needs it any more.
            with suppress(FileNotFoundError):
                _take(path, target / path.name)


def _take(source: Path, target: Path) -> None:
    """A file that was replaced meanwhile is taken again."""
    if target.exists():
        if source.samefile(target) or _same(source, target):
            return
        target.unlink()
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _same(source: Path, target: Path) -> bool:
    here, there = source.stat(), target.stat()
    return (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns)
