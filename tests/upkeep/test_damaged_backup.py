"""Backups that something happened to are not restored; those of the first versions, which said less, are."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sluice import layout
from sluice.errors import Refused
from sluice.settings import Settings
from sluice.upkeep.backup import back_up, restore
from sluice.upkeep.place import Place
from sluice.upkeep.seal import SEAL
from sluice.wiring.local import local_home
from tests.making import an_id
from tests.upkeep.conftest import Sluice, Told


@pytest.fixture
def backup(place: Place, story: Told, settings: Settings, tmp_path: Path) -> Path:
    """One with a film, a source and accounts."""
    story.done()
    story.failed()
    local_home(settings)
    back_up(place, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "restored"


def cut(path: Path, size: int) -> None:
    """Anew, as its blocks are the living service's too."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:size])


def write(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(sql)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no database": (lambda folder: (folder / "sluice.db").unlink(), "sluice.db: unable to open"),
    "a cut database": (lambda folder: cut(folder / "sluice.db", 4096), "sluice.db: database disk image is malformed"),
    "an empty database": (lambda folder: cut(folder / "sluice.db", 0), "sluice.db: no such table"),
    "a newer database": (lambda folder: write(folder / "sluice.db", "PRAGMA user_version = 99"), "a newer Sluice"),
    "newer accounts": (lambda folder: write(folder / "identity.db", "PRAGMA user_version = 99"), "a newer Sluice"),
    "fewer rows": (lambda folder: write(folder / "sluice.db", "DELETE FROM videos"), "0 of 2 videos"),
    "no accounts": (lambda folder: (folder / "identity.db").unlink(), "identity.db: unable to open"),
    "cut accounts": (lambda folder: cut(folder / "identity.db", 5000), "identity.db: database disk image is malformed"),
    "no media": (lambda folder: shutil.rmtree(folder / "media"), r"\d+ of \d+ files"),
    "no keys": (lambda folder: shutil.rmtree(folder / "keys"), r"\d+ of \d+ files"),
    "a cut film": (lambda folder: cut(folder / "raw" / an_id(2), 1), r"it has \d+ of \d+ bytes"),
    "an empty seal": (lambda folder: cut(folder / SEAL, 0), "can't be read"),
    "a strange seal": (lambda folder: (folder / SEAL).write_text("[]"), "can't be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_begun(
    backup: Path, elsewhere: Path, sluice: Sluice, damage: str
) -> None:
    do, words = DAMAGES[damage]
    do(backup)
    with pytest.raises(Refused, match=words):
        restore(backup, elsewhere)
    assert sluice("restore", str(backup), SLUICE_DATA=str(elsewhere)).exit_code == 1
    assert not elsewhere.exists()


def test_a_seal_says_how_much_there_is(backup: Path) -> None:
    said = json.loads((backup / SEAL).read_text())
    sealed = [path for path in backup.rglob("*") if path.is_file() and path.name != SEAL]
    there = {"videos": 2, "files": len(sealed), "bytes": sum(map(os.path.getsize, sealed)), "accounts": True}
    assert {name: said[name] for name in there} == there


def test_a_seal_of_the_first_versions_is_enough(backup: Path, elsewhere: Path) -> None:
    said = json.loads((backup / SEAL).read_text())
    (backup / SEAL).write_text(json.dumps({name: said[name] for name in ("madeAt", "videos", "files")}))
    restore(backup, elsewhere)
    assert (elsewhere / "identity.db").is_file()


def test_files_of_somebody_else_make_up_for_none_that_is_missing(backup: Path, elsewhere: Path) -> None:
    (backup / layout.media_key(an_id(1), 1, layout.MASTER)).unlink()
    (backup / "note.txt").write_text("Taken on Sunday.")
    with pytest.raises(Refused, match="files"):
        restore(backup, elsewhere)


def test_a_backup_without_accounts_is_whole(place: Place, story: Told, tmp_path: Path, elsewhere: Path) -> None:
    story.done()
    back_up(place, tmp_path / "backup")
    restore(tmp_path / "backup", elsewhere)
    assert not (elsewhere / "identity.db").exists()
