"""Objects as files below one folder: each is there whole and durable, or not at all."""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from sluice.errors import NotFound, Refused
from sluice.ports import Form, Head

from . import durable
from .durable import Unfinished, disk, unfinished
from .folders import files_below, old_files, regular, remove_tree
from .room import Room
from .sidecars import Sidecars

# A leading dot is for our own folders of unfinished files; no part of a key begins with one.
_PART = re.compile(r"[^./\\\x00-\x1f\x7f\ud800-\udfff][^/\\\x00-\x1f\x7f\ud800-\udfff]*")

# Of one key: a sender whose line broke comes again, long before that is noticed.
_RECEIVED_AT_ONCE = 3


class Forms(Protocol):
    """Signs upload forms for one bucket."""

    def sign(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """The form, as Objects.upload_form promises it."""


class Downloads(Protocol):
    """Signs addresses of objects of one bucket."""

    def sign(self, key: str, file_name: str, *, valid_for: timedelta) -> str:
        """The address, as Objects.download_url promises it."""


class Incoming:
    """An object that is being received; it is there once `commit` says so."""

    def __init__(self, file: Unfinished, land: Callable[[Path, Callable[[], bool]], bool]) -> None:
        self._file = file
        self._land = land

    def write(self, chunk: bytes) -> None:
        """Add these bytes. DiskFull or Unavailable if they can't be written."""
        self._file.write(chunk)

    def commit(self, allowed: Callable[[], bool] = lambda: True) -> bool:
        """Make it the object, durably, unless `allowed` says no; no other upload lands between answer and deed."""
        self._file.sync()
        return self._land(self._file.path, allowed)


class LocalObjects:
    """One bucket in one folder: the key `{prefix}a/b` is the file `a/b` in it. Keys that aren't safe are Refused."""

    def __init__(
        self,
        folder: Path,
        *,
        prefix: str = "",
        forms: Forms | None = None,
        downloads: Downloads | None = None,
        room: Room | None = None,
    ) -> None:
        self._folder = folder.resolve()
        self._prefix = prefix
        self._forms = forms
        self._downloads = downloads
        self._room = room or Room(self._folder)
        self._unfinished = self._folder / ".unfinished"
        self._sidecars = Sidecars(self._folder / ".metadata", self._unfinished)

    # --- the port ---------------------------------------------------------------------------------------------------

    def upload_form(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """As the port says. Refused for a bucket that was made without forms."""
        if self._forms is None:
            raise Refused("no_uploads", "This bucket takes no uploads.")
        self._parts(key)
        return self._forms.sign(key, metadata, max_bytes=max_bytes, expires_at=expires_at)

    def download_url(self, key: str, file_name: str, *, valid_for: timedelta) -> str:
        """As the port says. Refused for a bucket that was made without downloads."""
        if self._downloads is None:
            raise Refused("no_downloads", "This bucket gives out no files.")
        return self._downloads.sign(key, file_name, valid_for=valid_for)

    def require_room(self, size: int) -> None:
        """DiskFull unless an upload of this size fits, and enough is left for work that is under way."""
        self._room.require_for_upload(size)

    def require_writable(self) -> None:
        """DiskFull or DiskUnusable unless files can be written, where they are received as where they are kept."""
        with disk():
            for folder in (self._unfinished, self._folder):
                durable.make_folder(folder)
                durable.try_writing(folder)

    def head(self, key: str) -> Head | None:
        """What is known of the object, or None where there is none."""
        path = self.path(key)
        with disk():
            stat = regular(path)
            if stat is None:
                return None
            metadata, stamp = self._sidecars.read(key, stat)
        return Head(stat.st_size, metadata, datetime.fromtimestamp(stat.st_mtime, UTC), stamp)

    @contextmanager
    def location(self, key: str) -> Iterator[str]:
        """The file's path. NotFound where there is none."""
        if self.head(key) is None:
            raise NotFound(f"There is no object {key}.")
        yield str(self.path(key))

    def read(self, key: str, *, max_bytes: int = 4 << 20) -> bytes:
        """The whole of a small object. NotFound where there is none or it is larger."""
        with self.open(key) as file, disk():
            body = file.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise NotFound(f"The object {key} is larger than {max_bytes} bytes.")
        return body

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write or replace a small object. Its type is not kept: files are served by their suffix."""
        target = self.path(key)
        with unfinished(self._unfinished) as file:
            file.write(body)
            file.sync()
            self._place(file.path, target)
        with disk():
            self._sidecars.forget(key)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every key below the prefix, which ends in a slash, and its size; by name."""
        with disk():
            found = [*files_below(self._below(prefix))]
        for path, size in found:
            yield self._prefix + path.relative_to(self._folder).as_posix(), size

    def delete(self, key: str) -> None:
        """Remove the object, durably; removing what is not there is fine."""
        path = self.path(key)
        with disk():
            if regular(path) is not None:
                path.unlink(missing_ok=True)
                durable.sync(path.parent)
            self._sidecars.forget(key)

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below the prefix, which ends in a slash, and the folders they were in."""
        folder = self._below(prefix)
        keys = [key for key, _ in self.list(prefix)]
        with disk():
            if not folder.is_dir():
                return
            remove_tree(folder)
            durable.sync(folder.parent)
            for key in keys:
                self._sidecars.forget(key)

    # --- what only files can do -------------------------------------------------------------------------------------

    def path(self, key: str) -> Path:
        """Where this key's file lies. Refused(bad_key) for a key that could lead anywhere else."""
        path = self._folder.joinpath(*self._parts(key))
        with disk():
            leads_elsewhere = path.is_symlink() or os.path.realpath(path.parent) != str(path.parent)
        if leads_elsewhere:
            raise Refused("bad_key", "This key leads through a symbolic link.")
        return path

    def open(self, key: str) -> BinaryIO:
        """The object for reading, the same one to the end whatever replaces it. NotFound where there is none."""
        path = self.path(key)
        with disk():
            if regular(path) is not None:
                with suppress(FileNotFoundError):
                    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        raise NotFound(f"There is no object {key}.")

    def publish(self, source: Path, key: str) -> None:
        """Make a finished file on the same file system the object of this key, durably and in one step.

        DiskFull once what is left on the disk is the database's."""
        target = self.path(key)
        self._room.require_for_work()
        with disk():
            durable.sync(source)
        self._place(source, target)

    def share(self, source: Path, key: str) -> None:
        """As `publish`, but the file stays where it is, too; both names are the same bytes from then on."""
        target = self.path(key)
        self._room.require_for_work()
        with disk():
            # Before the link, which would be more to sync.
            durable.sync(source)
            if durable.link_new(source, target):
                return
        link = source.with_name(f"{source.name}.link")
        with disk():
            link.unlink(missing_ok=True)
            durable.link(source, link)
        self.publish(link, key)

    @contextmanager
    def receive(self, key: str, metadata: Mapping[str, str], *, expected: int = 0) -> Iterator[Incoming]:
        """A new object to be written piece by piece; unless it is committed nothing stays of it.

        The expected bytes are set aside before the first one is written; DiskFull where there is no room for them.
        Where several come for one key, those that were silent longest can't be committed any more."""
        self.path(key)
        # Before a folder is made: there may be no data folder to make it in any more.
        self.require_room(0)
        mark = sha256(key.encode()).hexdigest()[:16]
        with unfinished(self._unfinished, f"{mark}-") as file:
            with disk(), durable.locked(self._unfinished):
                self._keep_few(mark)
                self.require_room(expected)
                file.reserve(expected)
            yield Incoming(file, lambda written, allowed: self._land(written, key, metadata, allowed))

    def sweep_leftovers(self, older_than_s: float) -> None:
        """Remove what crashes left, if older than that: files whose writer is no more, metadata without an object."""
        with disk():
            for path in old_files(self._unfinished, older_than_s):
                if durable.is_abandoned(path):
                    path.unlink(missing_ok=True)
            likely = (f"{self._prefix}{path.name}" for path in self._folder.glob("[!.]*"))
            self._sidecars.sweep(older_than_s, likely, lambda key: regular(self.path(key)) is not None)

    def _keep_few(self, mark: str) -> None:
        """One ticket is good for one file: whoever sends it many times at once must not fill the disk with that."""
        with disk():
            newest_first = sorted(self._unfinished.glob(f"{mark}-*"), key=durable.written_at, reverse=True)
            for path in newest_first[_RECEIVED_AT_ONCE:]:
                durable.give_up(path)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _parts(self, key: str) -> Sequence[str]:
        parts = key.removeprefix(self._prefix).split("/")
        safe = key.startswith(self._prefix) and all(_PART.fullmatch(part) for part in parts)
        if not safe or len(key.encode()) > 1024 or any(len(part.encode()) > 255 for part in parts):
            raise Refused("bad_key", "This key can't be stored here.")
        return parts

    def _below(self, prefix: str) -> Path:
        if not prefix.endswith("/"):
            raise Refused("bad_key", "A prefix ends in a slash.")
        return self.path(prefix[:-1])

    def _land(self, written: Path, key: str, metadata: Mapping[str, str], allowed: Callable[[], bool]) -> bool:
        target = self.path(key)
        with disk(), (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not allowed():
                return False
            self._sidecars.record(key, metadata, written.stat(), regular(target))
            self._place(written, target)
        return True

    def _place(self, source: Path, target: Path) -> None:
        with disk():
            try:
                durable.move(source, target)
            except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
                raise Refused("bad_key", "This key lies above or below another one.") from error
