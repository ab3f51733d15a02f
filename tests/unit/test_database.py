"""The database's own promises: what has returned is on the disk, and waiting for the disk is shared."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from threading import Semaphore

import pytest

from sluice.adapters.local import database as module
from sluice.adapters.local.database import Database
from sluice.adapters.local.durable import DiskFull, DiskUnusable
from sluice.errors import Conflict, Unavailable

MIGRATIONS = ["CREATE TABLE words (word TEXT PRIMARY KEY) STRICT"]
ADD = "INSERT INTO words VALUES (?)"
ALL = "SELECT word FROM words ORDER BY word"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "words.db", MIGRATIONS)


@pytest.fixture
def synced(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The words that were committed at each sync."""
    syncs: list[list[str]] = []
    replace_sync(monkeypatch, lambda _: syncs.append(words(database)))
    return syncs


def replace_sync(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    monkeypatch.setattr(module, "sync_bytes", act)


def raising(error: Exception) -> Callable[[], None]:
    def act(*_: object) -> None:
        raise error

    return act


def add_in_one_transaction(database: Database, first: str, second: str) -> None:
    with database.transaction():
        database.execute(ADD, (first,))
        database.execute(ADD, (second,))


def words(database: Database) -> list[str]:
    return [row["word"] for row in database.rows(ALL)]


def test_a_commit_is_synced_before_it_returns(database: Database, synced: list[list[str]]) -> None:
    database.execute(ADD, ("one",))
    assert synced == [["one"]]


def test_what_would_be_written_to_a_deleted_file_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "words.db").unlink()
    with pytest.raises(Unavailable, match=r"words\.db"):
        database.execute(ADD, ("one",))
    assert words(database) == []


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "words.db").write_bytes(b"noise" * 1000)
    with pytest.raises(Unavailable, match=r"words\.db is damaged .*; stop Sluice and restore a backup"):
        Database(tmp_path / "words.db", MIGRATIONS)


def test_a_file_that_was_replaced_is_not_taken_for_the_database(database: Database, tmp_path: Path) -> None:
    (tmp_path / "words.db").rename(tmp_path / "old.db")
    other = Database(tmp_path / "words.db", MIGRATIONS)
    with pytest.raises(Unavailable, match="start Sluice again"):
        database.execute(ADD, ("one",))
    with pytest.raises(Unavailable, match="start Sluice again"):
        database.require()
    assert words(other) == []


def test_what_returns_what_it_wrote_is_synced_as_well(database: Database, synced: list[list[str]]) -> None:
    (row,) = database.changed(f"{ADD} RETURNING word", ("one",))
    assert (row["word"], synced) == ("one", [["one"]])


def test_who_wrote_nothing_waits_for_no_disk(database: Database, synced: list[list[str]]) -> None:
    assert database.changed("DELETE FROM words RETURNING word") == []
    assert synced == []


def test_a_transaction_is_synced_as_one(database: Database, synced: list[list[str]]) -> None:
    add_in_one_transaction(database, "one", "two")
    assert synced == [["one", "two"]]


def test_what_may_be_lost_waits_for_no_disk(database: Database, synced: list[list[str]]) -> None:
    database.hint(ADD, ("one",))
    assert (words(database), synced) == (["one"], [])


def test_what_was_not_committed_waits_for_no_disk(database: Database, synced: list[list[str]]) -> None:
    with pytest.raises(Conflict):
        add_in_one_transaction(database, "one", "one")
    assert (words(database), synced) == ([], [])


def test_the_file_that_is_synced_is_the_log(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda log: synced.append(os.path.realpath(f"/proc/self/fd/{log}")))
    database.execute(ADD, ("one",))
    assert [Path(path).name for path in synced] == ["words.db-wal"]


def test_one_sync_serves_all_who_came_before_it_began(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    committed, syncs = Semaphore(0), count()

    class Numbers(count):  # type: ignore[type-arg]
        def __next__(self) -> int:
            number: int = super().__next__()
            committed.release()
            return number

    def sync(_: int) -> None:
        if next(syncs) == 0:
            # The first one's two numbers, and those of the three who have committed meanwhile.
            assert all(committed.acquire(timeout=10) for _ in range(5))

    monkeypatch.setattr(database._log, "_numbers", Numbers(1))
    replace_sync(monkeypatch, sync)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda word: database.execute(ADD, (word,)), "abcd"))
    assert (next(syncs), words(database)) == (2, ["a", "b", "c", "d"])


def test_a_log_that_cannot_be_synced_is_a_failure(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(DiskFull):
        database.execute(ADD, ("one",))


def test_what_a_failed_sync_left_is_in_the_file_itself_before_anything_is_acknowledged(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system writes what a sync could not write no more, and the next sync says that all is well."""
    in_the_file: list[str] = []
    replace_sync(monkeypatch, raising(OSError(errno.EIO, "lost")))
    with pytest.raises(DiskUnusable):
        database.execute(ADD, ("one",))
    replace_sync(monkeypatch, lambda _: in_the_file.append(without_its_log(tmp_path / "words.db")))
    database.execute(ADD, ("two",))
    database.execute(ADD, ("three",))
    assert in_the_file == ["2", "2"]


def test_nothing_is_acknowledged_while_a_log_that_may_have_lost_something_can_not_be_written_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0)
    patient = Database(tmp_path / "words.db", MIGRATIONS)
    replace_sync(monkeypatch, raising(OSError(errno.EIO, "lost")))
    with pytest.raises(DiskUnusable):
        patient.execute(ADD, ("one",))
    replace_sync(monkeypatch, lambda _: None)
    with closing(sqlite3.connect(tmp_path / "words.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute(ALL).fetchall()
        with pytest.raises(Unavailable, match="others use it"):
            patient.execute(ADD, ("two",))
    patient.execute(ADD, ("three",))
    assert words(patient) == ["one", "three", "two"]


def test_the_log_stays_open_so_that_what_it_lost_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells each who has a file open by then; to who opens it later, all is well."""
    assert database._log
    files: list[object] = []
    replace_sync(monkeypatch, lambda _: files.append(database._log and database._log._file))
    for word in ("one", "two"):
        database.execute(ADD, (word,))
    first, second = files
    assert first is second
    assert os.path.samestat(os.fstat(database._log._handle()), (tmp_path / "words.db-wal").stat())


def test_another_log_is_opened_when_it_is_another(database: Database, tmp_path: Path) -> None:
    database.execute(ADD, ("one",))
    database._connection().close()
    del database._local.connection
    with closing(sqlite3.connect(tmp_path / "words.db")) as other:
        other.execute(ALL)
    database.execute(ADD, ("two",))
    assert words(database) == ["one", "two"]
    assert database._log
    assert os.path.samestat(os.fstat(database._log._handle()), (tmp_path / "words.db-wal").stat())


def test_a_log_that_can_not_be_opened_for_now_has_lost_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as poor:
        poor.setattr(database._log, "_handle", raising(OSError(errno.EMFILE, "too many")))
        with pytest.raises(DiskUnusable):
            database.execute(ADD, ("one",))
    monkeypatch.setattr(database, "_write_back", raising(AssertionError("there is nothing to be written back")))
    database.execute(ADD, ("two",))
    assert words(database) == ["one", "two"]


def test_a_log_that_has_become_long_is_written_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_LOG_BYTES", 1 << 20)
    database.execute(ADD, ("long" * 400_000,))
    log = tmp_path / "words.db-wal"
    assert log.stat().st_size > 1 << 20
    database.shorten_log()
    assert (log.stat().st_size, len(words(database))) == (0, 1)
    database.execute(ADD, ("one",))
    database.shorten_log()
    assert log.stat().st_size > 0


def test_a_log_that_others_still_read_stays_for_now(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_LOG_BYTES", 1 << 20)
    monkeypatch.setattr(module, "_SHORTEN_WITHIN_MS", 0)
    database.execute(ADD, ("long" * 400_000,))
    with closing(database._connect()) as reader:
        reader.execute("BEGIN").execute(ALL).fetchall()
        database.shorten_log()
        assert (tmp_path / "words.db-wal").stat().st_size > 1 << 20
    assert database.rows("PRAGMA busy_timeout")[0][0] == module.BUSY_TIMEOUT_S * 1000
    assert len(words(database)) == 1


def test_a_log_that_can_not_be_shortened_on_a_full_disk_stays_for_now(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_LOG_BYTES", 0)
    monkeypatch.setattr(database, "_write_back", raising(DiskFull("no room")))
    database.hint(ADD, ("one",))
    database.shorten_log()
    assert database.rows("PRAGMA busy_timeout")[0][0] == module.BUSY_TIMEOUT_S * 1000


def test_a_forgetful_one_never_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = Database(tmp_path / "words.db", MIGRATIONS, forgetful=True)
    monkeypatch.delattr(os, "fdatasync")
    monkeypatch.delattr(os, "fsync")
    forgetful.execute(ADD, ("one",))
    assert words(forgetful) == ["one"]


def test_who_waits_for_the_turn_for_too_long_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.01)
    with database.transaction(), ThreadPoolExecutor(1) as other, pytest.raises(Unavailable, match="others write"):
        other.submit(database.execute, ADD, ("one",)).result()


def count_from_another_process(path: Path) -> str:
    """As whoever is the last to close the file: it takes the log away unless somebody's locks are in its way."""
    asks = f"import sqlite3; print(*sqlite3.connect({str(path)!r}).execute('SELECT count(*) FROM words').fetchone())"
    return subprocess.run([sys.executable, "-c", asks], check=True, capture_output=True, text=True).stdout.strip()


def without_its_log(path: Path) -> str:
    asks = f"import sqlite3; c = sqlite3.connect('{path.as_uri()}?immutable=1', uri=True); "
    asks += "print(*c.execute('SELECT count(*) FROM words').fetchone())"
    return subprocess.run([sys.executable, "-c", asks], check=True, capture_output=True, text=True).stdout.strip()


def test_a_second_opening_of_the_file_does_not_let_others_take_the_log_away(tmp_path: Path) -> None:
    first = Database(tmp_path / "words.db", MIGRATIONS)
    first.execute(ADD, ("one",))
    Database(tmp_path / "words.db", MIGRATIONS)

    count_from_another_process(tmp_path / "words.db")
    first.execute(ADD, ("two",))
    assert count_from_another_process(tmp_path / "words.db") == "2"


def test_a_closed_database_has_no_lock_and_is_opened_again_when_it_is_used(tmp_path: Path) -> None:
    database = Database(tmp_path / "words.db", MIGRATIONS)
    database.close()
    database.close()
    assert not (tmp_path / "words.db-wal").exists()

    database.execute(ADD, ("one",))
    assert words(database) == ["one"]


def test_nothing_is_acknowledged_whose_log_somebody_has_removed(database: Database, tmp_path: Path) -> None:
    (tmp_path / "words.db-wal").unlink()
    with pytest.raises(Unavailable, match="words"):
        database.execute(ADD, ("one",))


def test_a_transaction_that_sqlite_takes_back_by_itself_says_why(database: Database) -> None:
    database.rows("PRAGMA max_page_count = 4")
    with pytest.raises(DiskFull):
        add_in_one_transaction(database, "one", "two" * 10_000)
    database.rows("PRAGMA max_page_count = 1000")
    database.execute(ADD, ("one",))
    assert words(database) == ["one"]


def test_a_transaction_whose_commit_fails_is_over(tmp_path: Path) -> None:
    later = "CREATE TABLE uses (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED) STRICT"
    database = Database(tmp_path / "words.db", [*MIGRATIONS, later])
    with pytest.raises(Conflict), database.transaction():
        database.execute("INSERT INTO uses VALUES ('none')")
    database.execute(ADD, ("one",))
    assert count_from_another_process(tmp_path / "words.db") == "1"


def test_those_who_begin_a_database_at_once_all_have_it(tmp_path: Path) -> None:
    begin = (
        "import sys; from pathlib import Path; from sluice.adapters.local.database import Database; "
        f"print(flush=True); input(); Database(Path({str(tmp_path / 'words.db')!r}), {MIGRATIONS!r})"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as ends:
        started = [ends.enter_context(subprocess.Popen([sys.executable, "-c", begin], **pipes)) for _ in range(6)]
        for one in started:
            one.stdout.readline()
        for one in started:
            one.stdin.write(b"\n")
            one.stdin.flush()
        assert [one.communicate()[1] for one in started] == [b""] * 6


def test_where_the_folder_is_gone_no_other_database_is_begun(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = Database(folder / "words.db", MIGRATIONS)
    folder.rename(tmp_path / "away")
    with ThreadPoolExecutor(1) as newcomer, pytest.raises(Unavailable, match="is gone; put the data folder back"):
        newcomer.submit(words, database).result()
    with pytest.raises(Unavailable, match="is gone; put the data folder back"):
        database.execute(ADD, ("one",))
    assert not folder.exists()


def test_a_folder_that_is_put_back_is_gone_on_with(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / "words.db", MIGRATIONS)
    (tmp_path / "data").rename(tmp_path / "away")
    (tmp_path / "away").rename(tmp_path / "data")
    database.execute(ADD, ("one",))
    assert words(database) == ["one"]


@pytest.mark.parametrize("name", ["a b", "100%41", "what?mode=ro", "#1", "Füße", "a&b=c"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    Database(tmp_path / name / "words.db", MIGRATIONS).execute(ADD, ("one",))
    assert words(Database(tmp_path / name / "words.db", MIGRATIONS)) == ["one"]
    assert [path.name for path in tmp_path.iterdir()] == [name]
