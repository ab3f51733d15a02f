"""Secrets that change: readable by their owner alone, written whole or not at all, by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluice.adapters.local.durable import make_folder, sync


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder, which is made where missing, against every other thread and process that asks for it."""
    make_folder(folder, 0o700)
    handle = os.open(folder / ".identity.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace(path: Path, content: bytes) -> None:
    """Put the content in place at one stroke, on the disk when this returns; the caller holds the folder."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)
