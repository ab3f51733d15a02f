"""Files that are being written."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from sluice.adapters.local.durable import give_up, sync, unfinished
from sluice.errors import Unavailable

MIB = 1 << 20


def test_a_large_file_goes_to_the_disk_while_it_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _, start, length, __: handed.append((start, length)))
    with unfinished(tmp_path) as file:
        list(map(file.write, [bytes(5 * MIB)] * 5))
    assert handed == [(0, 10 * MIB), (10 * MIB, 10 * MIB)]


def test_what_was_handed_over_early_is_all_there(tmp_path: Path) -> None:
    with unfinished(tmp_path) as file:
        list(map(file.write, [b"a" * 9 * MIB, b"b", b"c" * 9 * MIB]))
        file.sync()
        written = file.path.read_bytes()
    assert written == b"a" * 9 * MIB + b"b" + b"c" * 9 * MIB


def test_what_was_given_up_takes_no_more_than_a_moment_s_bytes(tmp_path: Path) -> None:
    with unfinished(tmp_path) as file:
        give_up(file.path)
        with pytest.raises(Unavailable):
            file.write(bytes(9 * MIB))


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What macOS asks of a drive, and what was asked of it."""
    asked: list[int] = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda _, order: asked.append(order))
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("the drive's own memory was left as it is"))
    return asked


def test_where_a_sync_leaves_the_drive_s_memory_as_it_is_more_is_asked_for(tmp_path: Path, drive: list[int]) -> None:
    sync(tmp_path)
    with unfinished(tmp_path) as file:
        file.sync()
    assert drive == [51, 51]


def test_a_file_system_that_can_not_do_more_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def can_not(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "not here")

    synced: list[int] = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", can_not)
    monkeypatch.setattr(os, "fsync", synced.append)
    sync(tmp_path)
    assert len(synced) == 1
