"""One SQLite file: durable commits, a connection per thread, numbered migrations, no sqlite3.Error beyond it."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from os.path import samestat
from pathlib import Path
from typing import Any, BinaryIO

from sluice.errors import Conflict, Unavailable

from .durable import DiskFull, disk, locked, make_folder, sync_bytes

BUSY_TIMEOUT_S = 10
# As long as somebody reads at any time, SQLite never comes to begin its log anew.
LONG_LOG_BYTES = 64 << 20
_SHORTEN_WITHIN_MS = 500
# Writing the log back into the file takes as long as some hundred commits, so it is done more seldom than by default.
LOG_PAGES = 4000


class Database:
    """A SQLite file at the newest of its migrations; every commit is on the disk when it returns.

    One that is `forgetful` may lose its last commits in a crash of the machine, and never waits for the disk."""

    def __init__(self, path: Path, migrations: Sequence[str], *, forgetful: bool = False) -> None:
        self._path = path
        self._log_path = path.with_name(f"{path.name}-wal")
        self._log = None if forgetful else _Log(self._log_path)
        self._keeps_log = True
        self._local = threading.local()
        self._writing = threading.Lock()
        with disk():
            make_folder(path.parent)
            # Nobody waits in SQLite while another gives a new file its log.
            with locked(path.parent):
                _create(path)
                self._identity = _identity(path)
                self._migrate(migrations)

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run one writing statement, in its own commit or in the transaction under way; how many rows it changed."""
        with self._write() as connection:
            return connection.execute(sql, values).rowcount

    def hint(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """As `changed`, for what a crash of the machine may take back: nobody waits for the disk."""
        with self._unsynced() as connection:
            return connection.execute(sql, values).fetchall()

    def changed(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """As `execute`, for a statement that returns what it wrote; if that is nothing, nobody waits for the disk."""
        if rows := self.hint(sql, values):
            self._sync()
        return rows

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of one reading statement."""
        with _translated(self._path):
            return self._connection().execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def close(self) -> None:
        """Close what this thread has opened; its next statement opens it again."""
        if self._log:
            self._log.close()
        if (connection := self._local.__dict__.pop("connection", None)) is not None:
            connection.close()

    def require(self) -> None:
        """Unavailable if it does not answer, or if its file is no longer the one that was opened."""
        self.row("SELECT 1")
        self._require_its_file()

    def _require_its_file(self) -> None:
        with disk():
            if _identity(self._path) != self._identity:
                raise Unavailable(f"{self._path} was replaced while it was in use; start Sluice again")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside, or none; other writers wait."""
        with self._write() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                # On a full disk, for one, SQLite has done so by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """The turn to write; what was written is on the disk at the end, unless a transaction goes on."""
        with self._unsynced() as connection:
            yield connection
        self._sync()

    def _sync(self) -> None:
        if self._log and self._keeps_log and not self._connection().in_transaction:
            self._log.sync(self._write_back)

    def shorten_log(self) -> None:
        """Write a log that has become long back into the file, unless others or a full disk hinder it for now."""
        try:
            length = self._log_path.stat().st_size
        except OSError:
            return
        if length > LONG_LOG_BYTES:
            connection = self._connection()
            connection.execute(f"PRAGMA busy_timeout={_SHORTEN_WITHIN_MS}")
            try:
                with suppress(Unavailable, DiskFull):
                    self._write_back()
            finally:
                connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")

    def _write_back(self) -> None:
        """Everything in the log is in the file itself, and on the disk there."""
        with _translated(self._path):
            (others_hinder, *_) = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if others_hinder:
            raise Unavailable("the database does not answer: others use it all the time")

    @contextmanager
    def _unsynced(self) -> Iterator[sqlite3.Connection]:
        with _translated(self._path):
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            if self._log:
                # What is written to a file that lost its name, nobody will find again.
                self._require_its_file()
            # SQLite lets threads sleep and look again, ever longer; a lock wakes the next one at once.
            with self._turn():
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=BUSY_TIMEOUT_S):
            raise Unavailable("the database does not answer: others write to it all the time")
        try:
            yield
        finally:
            self._writing.release()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        # Where the file is gone, SQLite would begin another one.
        connection = sqlite3.connect(
            address(self._path, "mode=rw"),
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        # Where the file system can't have a log, SQLite syncs the file itself.
        self._keeps_log = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal"
        # FULL would sync inside of each commit, one after another; `_Log` does for many at once, with nobody waiting.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        connection.execute("PRAGMA foreign_keys=ON")
        # For macOS, where a sync alone leaves what was written in the drive's own memory.
        connection.execute("PRAGMA fullfsync=ON")
        connection.execute("PRAGMA checkpoint_fullfsync=ON")
        return connection

    def _migrate(self, migrations: Sequence[str]) -> None:
        with self.transaction():
            (version,) = self.rows("PRAGMA user_version")[0]
            if version > len(migrations):
                raise Unavailable(f"{self._path} was written by a newer Sluice; run that one, or restore a backup")
            for migration in migrations[version:]:
                for statement in filter(str.strip, migration.split(";")):
                    self.execute(statement)
            self.execute(f"PRAGMA user_version = {len(migrations)}")


def address(path: Path, option: str) -> str:
    """The file as SQLite takes it with an option, whatever signs are in its name."""
    return f"{path.absolute().as_uri()}?{option}"


def _create(path: Path) -> None:
    """Make the file, for nobody else on this machine, unless it is there; its side files get its mode from SQLite.

    What is there is never opened here: to close it would give up the locks of all its connections in this process, and
    whoever in another one is the last to close it would then take the log from under them.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


class _Log:
    """The write-ahead log: what was acknowledged must survive a power cut, not only a crash."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._numbers = count(1)
        self._synced = 0
        self._doubtful = False
        self._file: BinaryIO | None = None

    def sync(self, write_back: Callable[[], None]) -> None:
        """What this thread has committed is on the disk; one sync serves all who have come before it began.

        What a sync that fails could not write, none that follows will try again, though it says that all is well: then
        the log has to be written back.
        """
        mine = next(self._numbers)
        with self._turn:
            if self._synced < mine:
                upto = next(self._numbers)
                with disk():
                    handle = self._handle()
                    if self._doubtful:
                        write_back()
                    self._doubtful = True
                    sync_bytes(handle)
                self._doubtful, self._synced = False, upto

    def _handle(self) -> int:
        """The log's, which stays open: what could not be written is told once to each who had it open by then.

        A log that is gone took with it what was written: that must not be acknowledged.
        """
        if self._file is None or not samestat(os.fstat(self._file.fileno()), self._path.stat()):
            self.close()
            self._file = self._path.open("rb", buffering=0)
        return self._file.fileno()

    def close(self) -> None:
        """Let go of the file. SQLite's locks are on the other ones: this gives up none of them."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        self.close()


def _identity(path: Path) -> tuple[int, int]:
    """Which file has the name. Unavailable if none has it."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unavailable(f"{path} is gone; put the data folder back as it was") from error
    return stat.st_dev, stat.st_ino


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", None) == "SQLITE_FULL":
            raise DiskFull("The disk is full; free some space in the data folder.") from error
        if getattr(error, "sqlite_errorname", None) in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise Unavailable(f"{path} is damaged ({error}); stop Sluice and restore a backup") from error
        if getattr(error, "sqlite_errorname", None) == "SQLITE_CANTOPEN":
            with disk():
                _identity(path)
        raise Unavailable(f"the database does not answer: {error}") from error
