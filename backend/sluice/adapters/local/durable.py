"""Writes that survive a power cut: what has returned stays, names included."""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from sluice.errors import MachineUnusable, Unavailable

# As much is handed to the disk at once while more comes in, so that the last sync finds little left to write.
_HANDED_OVER = 8 << 20

# File systems without links, and files that have as many as they can.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV)


# The machine's trouble, whatever was to be done; a repaired mount or mode ends it.
_UNUSABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class DiskUnusable(MachineUnusable):
    """Nothing can be read or written there for now, whoever asks."""


class DiskFull(DiskUnusable):
    """There is no room left; nothing was written."""

    code = "no_space"


class Unreservable(Exception):
    """This file system gives space only to bytes."""


@contextmanager
def disk() -> Iterator[None]:
    """Run file work; its OSError leaves as DiskFull, DiskUnusable or Unavailable."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("The disk is full; free some space in the data folder.") from error
        kind = DiskUnusable if error.errno in _UNUSABLE else Unavailable
        raise kind(f"The data folder can't be used: {error}") from error


def sync(path: Path) -> None:
    """A file's bytes, or a folder's names, are on the disk when it returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        _sync(handle, os.fsync)
    finally:
        os.close(handle)


def sync_bytes(handle: int) -> None:
    """An open file's bytes, and as much of it as they need, are on the disk when it returns."""
    # Not every system has it; it saves writing the file's times.
    _sync(handle, getattr(os, "fdatasync", os.fsync))


def _sync(handle: int, usually: Callable[[int], None]) -> None:
    """On macOS only this empties the drive's own memory; not every file system there knows it."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        return usually(handle)
    try:
        fcntl.fcntl(handle, full)
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):
            raise
        usually(handle)


def try_writing(folder: Path) -> None:
    """Raise OSError unless a small file can be written there; it is gone at once, and never synced."""
    with TemporaryFile(dir=folder, prefix=".tried-") as file:
        file.write(b"x")
        file.flush()


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """The folder is there, and so are the names that lead to it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync(folder.parent)


def move(source: Path, target: Path) -> None:
    """Give a synced file its final name, in one step; both must be on one file system."""
    make_folder(target.parent)
    source.rename(target)
    sync(target.parent)


def link(source: Path, target: Path) -> None:
    """A second name for a file that nobody writes to any more; a copy where the file system has no such names."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


def link_new(source: Path, target: Path) -> bool:
    """Whether a synced file got this second name, in one step; False where the name is taken or can't be made."""
    make_folder(target.parent)
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno in (*_NO_LINKS, errno.EEXIST):
            return False
        raise
    sync(target.parent)
    return True


class Unfinished:
    """A file being written under a name that nobody looks at."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._size = 0
        self._handed_over = 0

    def reserve(self, size: int) -> None:
        """Take this much space now, so that nobody else can while the bytes come in. DiskFull where there is none."""
        # Not every system and file system can.
        if size and hasattr(os, "posix_fallocate"):
            with suppress(Unreservable), disk():
                _allocate(self._file.fileno(), size)

    def write(self, chunk: bytes) -> None:
        """Add these bytes. DiskFull or Unavailable if they can't be written."""
        self._size += len(chunk)
        with disk():
            self._file.write(chunk)
            if self._size - self._handed_over >= _HANDED_OVER:
                self._hand_over()

    def sync(self) -> None:
        """Everything written so far is on the disk, and nothing else in the file."""
        with disk():
            self._file.flush()
            os.ftruncate(self._file.fileno(), self._size)
            _sync(self._file.fileno(), os.fsync)

    def _hand_over(self) -> None:
        """Let the disk begin to write what is there, without waiting for it."""
        if hasattr(os, "posix_fadvise"):
            # What the advice drops is clean; what is dirty, as all of this is, Linux begins to write.
            length = self._size - self._handed_over
            os.posix_fadvise(self._file.fileno(), self._handed_over, length, os.POSIX_FADV_DONTNEED)
        self._handed_over = self._size
        if not os.fstat(self._file.fileno()).st_nlink:
            raise Unavailable("This file was given up for a later one; what still comes would be for nothing.")


def _allocate(handle: int, size: int) -> None:
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENODEV):
            raise Unreservable from error
        raise


@contextmanager
def unfinished(folder: Path, name: str = "") -> Iterator[Unfinished]:
    """A new file in this folder whose name begins so, gone at the end unless it was moved away."""
    with disk():
        make_folder(folder)
        path = folder / f"{name}{secrets.token_hex(16)}"
        file = path.open("xb")
        # The kernel lets go of it when this process dies, however it dies; so `is_abandoned` need not guess by age.
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield Unfinished(path, file)
    finally:
        # Closing writes what is still buffered, which fails on a full disk; a file that matters was synced before.
        with suppress(OSError):
            file.close()
        with disk():
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One at a time in this folder, over all threads and processes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_abandoned(path: Path) -> bool:
    """Whether this unfinished file's writer is no more."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def written_at(path: Path) -> int:
    """When this unfinished file was last written to; before all others, where it is there no more."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime_ns
    return 0


def give_up(path: Path) -> None:
    """Take this unfinished file from its writer, for whom it has no name any more, and give back its room."""
    with suppress(FileNotFoundError), path.open("r+b") as file:
        # Where it got its final name meanwhile this fails, and it is left alone.
        path.unlink()
        file.truncate(0)
