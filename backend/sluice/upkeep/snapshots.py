"""Both databases as they were at one and the same moment, while others go on writing."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sluice.adapters.local.database import address
from sluice.codec import restore
from sluice.errors import Unavailable
from sluice.video import Video

_BUSY_TIMEOUT_S = 30


# What `videos_in` raises of a database that isn't one of ours, or has rows that aren't.
UNREADABLE = (sqlite3.Error, ValueError, KeyError, TypeError)


def snapshot(sources: Sequence[Path], folder: Path) -> None:
    """A copy of each file under its own name; writers wait for the moment it takes. Unavailable."""
    try:
        with ExitStack() as stack:
            for source in sources:
                stack.enter_context(_held(source))
            for source in sources:
                _copy(source, folder / source.name)
    except sqlite3.Error as error:
        raise Unavailable(f"the databases can't be copied: {error}") from error


def videos_in(path: Path, option: str = "immutable=1") -> Iterator[Video]:
    """Every video of a snapshot, or, with `mode=ro`, of a living file; it stays as it is."""
    with closing(sqlite3.connect(address(path, option), uri=True, timeout=_BUSY_TIMEOUT_S)) as connection:
        for (record,) in connection.execute("SELECT record FROM videos"):
            yield restore(Video, json.loads(record))


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Nobody writes to it meanwhile; readers, the copying included, are not held up."""
    with closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(_connect(source)) as reading, closing(sqlite3.connect(target, isolation_level=None)) as writing:
        reading.backup(writing)
        # A single file, with no others beside it that a copy could lose.
        writing.execute("PRAGMA journal_mode=DELETE")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(address(path, "mode=rw"), uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
