"""Which keys files have, and where these may lead."""

import errno
import os
from pathlib import Path

import pytest

from sluice.adapters.local.durable import DiskUnusable
from sluice.adapters.local.files import LocalObjects
from sluice.errors import Refused

HOSTILE_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../x",
    "a/./x",
    "a//x",
    "a/",
    ".metadata/x",
    "a/.hidden",
    "a\\..\\x",
    "a\0b",
    "a\nb",
    "\ud800",
    "x" * 256,
    "é" * 128,
    "/".join(["x" * 200] * 6),
]


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_key_that_is_not_safe_is_refused(local: LocalObjects, key: str) -> None:
    with pytest.raises(Refused):
        local.put(key, b"1", "text/plain")
    with pytest.raises(Refused):
        local.head(key)


def test_a_key_outside_the_buckets_prefix_is_refused(tmp_path: Path) -> None:
    media = LocalObjects(tmp_path / "media", prefix="media/")
    with pytest.raises(Refused):
        media.put("raw/x", b"1", "text/plain")
    with pytest.raises(Refused):
        media.delete_prefix("media/")


def test_a_prefix_is_no_folder_of_its_own(tmp_path: Path) -> None:
    media = LocalObjects(tmp_path / "media", prefix="media/")
    media.put("media/v/1/x", b"1", "text/plain")
    assert (tmp_path / "media/v/1/x").read_bytes() == b"1"
    assert list(media.list("media/v/")) == [("media/v/1/x", 1)]


def test_links_lead_nowhere(local: LocalObjects, folder: Path, tmp_path: Path) -> None:
    local.put("a/b", b"1", "text/plain")
    (tmp_path / "secret").write_text("secret")
    (folder / "file-link").symlink_to(tmp_path / "secret")
    (folder / "folder-link").symlink_to(tmp_path)
    (folder / "a" / "link").symlink_to(tmp_path)
    with pytest.raises(Refused):
        local.read("file-link")
    with pytest.raises(Refused):
        local.read("folder-link/secret")
    assert list(local.list("a/")) == [("a/b", 1)]
    local.delete_prefix("a/")
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_folder_that_can_not_be_read_is_the_disk_s_trouble(
    local: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(path: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "is_symlink", unreadable)
    with pytest.raises(DiskUnusable):
        local.head("a/b")


def test_an_object_can_not_be_a_folder_too(local: LocalObjects) -> None:
    local.put("a/b", b"1", "text/plain")
    with pytest.raises(Refused):
        local.put("a", b"1", "text/plain")
    with pytest.raises(Refused):
        local.put("a/b/c", b"1", "text/plain")
    local.delete("a")
    assert local.head("a") is None
    assert local.read("a/b") == b"1"


def test_a_folder_may_be_reached_by_a_link_of_the_operators(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    LocalObjects(tmp_path / "data").put("a", b"1", "text/plain")
    assert (tmp_path / "disk" / "a").read_bytes() == b"1"


def test_deleting_a_prefix_removes_the_folders(local: LocalObjects, folder: Path) -> None:
    local.put("v/1/deep/x", b"1", "text/plain")
    local.delete_prefix("v/")
    assert not (folder / "v").exists()
