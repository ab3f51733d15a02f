"""One SQLite file: durable commits, a connection per thread, numbered migrations, no sqlite3.Error beyond it."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sluice.errors import Conflict, Unavailable

from .durable import DiskFull, disk

BUSY_TIMEOUT_S = 10


class Database:
    """A SQLite file at the newest of its migrations; every commit is on the disk when it returns.

    One that is `forgetful` may lose its last commits in a crash of the machine, and never waits for the disk."""

    def __init__(self, path: Path, migrations: Sequence[str], *, forgetful: bool = False) -> None:
        self._path = path
        self._synchronous = "NORMAL" if forgetful else "FULL"
        self._local = threading.local()
        with disk():
            path.parent.mkdir(parents=True, exist_ok=True)
            # What it holds is nobody else's on this machine; SQLite gives its side files the mode of the main one.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._migrate(migrations)

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run one writing statement in a commit of its own; the number of rows it changed."""
        with _translated():
            return self._connection().execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of one statement (which may be an UPDATE ... RETURNING)."""
        with _translated():
            return self._connection().execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside, or none; other writers wait."""
        with _translated():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        # FULL, not NORMAL: what was acknowledged must survive a power cut, not only a crash.
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
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


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", None) == "SQLITE_FULL":
            raise DiskFull("The disk is full; free some space in the data folder.") from error
        raise Unavailable(f"the database does not answer: {error}") from error
