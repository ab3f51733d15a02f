"""How files are published, shared and synced, and what a disk may do to them."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sluice.adapters.local.durable import DiskFull
from sluice.adapters.local.files import LocalObjects
from sluice.errors import Unavailable
from tests.contract.objects.conftest import files_in, upload


def test_a_published_file_moves(local: LocalObjects, tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.publish(source, "v/1/segment")
    assert local.read("v/1/segment") == b"12345"
    assert not source.exists()


def test_a_shared_file_stays_where_it_is(local: LocalObjects, tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    local.delete_prefix("v/1/")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["segment"]
    assert source.read_bytes() == b"12345"


def test_a_shared_file_takes_the_place_of_another(local: LocalObjects, tmp_path: Path) -> None:
    local.put("v/1/segment", b"an older one", "video/mp4")
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    assert local.read("v/1/segment") == b"12345"


def test_a_shared_file_is_synced_before_it_gets_its_second_name(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.put("v/0", b"", "text/plain")
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append(os.path.realpath(f"/proc/self/fd/{handle}")))
    monkeypatch.setattr(Path, "hardlink_to", lambda name, file: steps.append(f"{file} as {name}"))
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1")
    assert steps == [f"{source}", f"{source} as {tmp_path}/raw/v/1", f"{tmp_path}/raw/v"]


def test_where_files_can_not_be_linked_a_shared_one_is_copied(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    assert local.read("v/1/segment") == source.read_bytes()


def test_file_and_folder_are_synced_around_the_move(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.put("v/0", b"", "text/plain")
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append(os.path.realpath(f"/proc/self/fd/{handle}")))
    monkeypatch.setattr(Path, "rename", lambda a, b: steps.append(f"{a} to {b}"))
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.publish(source, "v/1")
    assert steps == [f"{source}", f"{source} to {tmp_path}/raw/v/1", f"{tmp_path}/raw/v"]


def test_a_reader_keeps_the_object_it_opened(local: LocalObjects) -> None:
    local.put("a", b"first", "text/plain")
    with local.open("a") as file:
        local.put("a", b"second", "text/plain")
        assert file.read() == b"first"


def test_a_full_disk_says_so_and_leaves_nothing(
    local: LocalObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    folder.mkdir()
    (folder / ".unfinished").mkdir()
    with pytest.raises(DiskFull, match="full"):
        upload(local, "a", b"123")
    assert files_in(folder) == []


def test_more_than_the_disk_holds_has_no_room(local: LocalObjects) -> None:
    local.require_room(1)
    with pytest.raises(DiskFull):
        local.require_room(1 << 60)


def test_a_folder_that_can_not_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        LocalObjects(tmp_path / "file").require_room(1)
