"""Files that are being written."""

import os
from pathlib import Path

import pytest

from sluice.adapters.local.durable import unfinished

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
