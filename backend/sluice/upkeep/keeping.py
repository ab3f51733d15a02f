"""Whether what is kept is whole, and kept to its owner."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from stat import S_IMODE

from sluice.adapters.local.database import address
from sluice.adapters.local.folders import INCOMPLETE, lost_its_accounts, lost_its_videos
from sluice.adapters.local.sqlite import MIGRATIONS as OF_VIDEOS
from sluice.errors import Unavailable
from sluice.identity.schema import MIGRATIONS as OF_ACCOUNTS

from .findings import Finding
from .lacking import lacking
from .place import ACCOUNTS, DATABASE
from .snapshots import UNREADABLE, videos_in

_PUT_BACK = "put the data folder back as it was, or restore a backup (sluice restore)"
_NEWER = "was written by a newer Sluice"
_RUN_THAT = "run that one, or restore a backup (sluice restore)"
_VERSIONS = {DATABASE: len(OF_VIDEOS), ACCOUNTS: len(OF_ACCOUNTS)}


def findings(data: Path, *, accounts: bool = True) -> Iterator[Finding]:
    """What there is to say, of `accounts` too if they are kept here; nothing where nothing is kept yet."""
    if (data / INCOMPLETE).exists():
        yield Finding("restore", f"the one into {data} has not come to its end", "run it again, and wait for it")
    if (data / "keys").is_dir():
        yield modes(data)
    if lost_its_videos(data):
        yield Finding(DATABASE, f"{data} holds videos, and no {DATABASE} that knows them", _PUT_BACK)
    if accounts and lost_its_accounts(data):
        yield Finding(ACCOUNTS, f"{data} holds the key of an {ACCOUNTS}, and none that it fits", _PUT_BACK)
    for name in (DATABASE, ACCOUNTS):
        if (data / name).is_file():
            yield (found := wholeness(data / name))
            if found.well and name == DATABASE:
                yield files(data)


def modes(data: Path) -> Finding:
    """Whether secrets are readable by their owner alone."""
    secret = [data / "keys", *(data / "keys").iterdir(), *data.glob(f"{ACCOUNTS}*")]
    open_ = [path for path in secret if path.exists() and S_IMODE(path.stat().st_mode) & 0o077]
    if open_:
        names = " ".join(str(path) for path in open_)
        return Finding("key files", f"{len(open_)} can be read by others", f"run: chmod go= {names}")
    return Finding("key files", "readable by their owner alone")


def wholeness(path: Path) -> Finding:
    """Whether SQLite finds the file sound, and we can read what is in it; it is only read."""
    try:
        with closing(sqlite3.connect(address(path, "mode=ro"), uri=True, timeout=10)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        verdict, version = str(error), 0
    if verdict != "ok":
        return Finding(path.name, str(verdict), "stop Sluice and restore a backup (sluice restore)")
    if version > _VERSIONS[path.name]:
        return Finding(path.name, _NEWER, _RUN_THAT)
    return Finding(path.name, "sound")


def require_ours(data: Path, *, accounts: bool) -> None:
    """Unavailable if a newer Sluice wrote the database of the videos, or that of `accounts` if they are kept here.

    Each process would find that for itself, again and again."""
    for name in (DATABASE, ACCOUNTS) if accounts else (DATABASE,):
        with suppress(sqlite3.Error), closing(sqlite3.connect(address(data / name, "mode=ro"), uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSIONS[name]:
                raise Unavailable(f"{data / name} {_NEWER}; {_RUN_THAT}")


def files(data: Path) -> Finding:
    """Whether every video has its files."""
    try:
        missing = _lacking(data)
        # What was deleted, or went on, between the look at its row and that at its files is not missing the next time.
        missing &= _lacking(data) if missing else set()
    except UNREADABLE as error:
        return Finding("files", f"the rows of {DATABASE} can't be read ({error})", _PUT_BACK)
    if missing:
        return Finding("files", f"{len(missing)} videos have none, {min(missing)} for one", _PUT_BACK)
    return Finding("files", "every video has its own")


def _lacking(data: Path) -> set[str]:
    return lacking(videos_in(data / DATABASE, "mode=ro"), data)
