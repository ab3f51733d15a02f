"""What callers hear while the disk has no room for another upload."""

import shutil
from types import SimpleNamespace
from typing import Any

import pytest

from sluice.adapters.local.durable import DiskFull
from sluice.adapters.local.files import LocalObjects
from sluice.wiring.local import LocalHome

GB = 1 << 30


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large disk with the reserve left on it, and nothing more."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=100 * GB, free=GB, used=99 * GB))


def test_a_ticket_for_what_does_not_fit_is_refused_and_no_video_stays(full: None, ann: Any) -> None:
    answer = ann("POST", "/api/uploads", json={"filename": "walk.mp4", "size": 1})

    assert (answer.status_code, answer.json["code"]) == (507, "no_space")
    assert answer.json["detail"] == "There is no room to store this right now; the operator has to make some."
    assert ann("GET", "/api/me/videos").json["items"] == []


def test_a_ticket_without_a_size_is_refused_once_work_needs_what_is_left(full: None, ann: Any, home: LocalHome) -> None:
    (home.app.settings.data / "raw" / ".unfinished").mkdir(parents=True)
    (home.app.settings.data / "raw" / ".unfinished" / "abc").write_bytes(b"an upload that runs")

    assert ann("POST", "/api/uploads", json={"filename": "walk.mp4"}).status_code == 507


def test_an_upload_that_does_not_fit_is_refused_before_its_first_byte(full: None, home: LocalHome) -> None:
    with pytest.raises(DiskFull), home.sources.receive("key1", {}, expected=1):
        pytest.fail("it was let in")


def test_an_announced_upload_has_its_space_before_its_bytes_come(tmp_path: Any) -> None:
    with LocalObjects(tmp_path / "raw").receive("key1", {}, expected=1 << 20) as incoming:
        assert [path.stat().st_size for path in (tmp_path / "raw" / ".unfinished").iterdir()] == [1 << 20]
        incoming.write(b"less than announced")
        incoming.commit()

    assert (tmp_path / "raw" / "key1").read_bytes() == b"less than announced"


def test_a_running_encode_publishes_where_uploads_are_refused(full: None, home: LocalHome) -> None:
    segment = home.work / "segment"
    home.work.mkdir()
    segment.write_bytes(b"a segment")

    home.media.publish(segment, "media/v/1/240/00000.m4s")

    assert home.media.read("media/v/1/240/00000.m4s") == b"a segment"


def test_an_encode_ends_before_it_takes_what_the_database_needs(
    home: LocalHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=100 * GB, free=GB // 2 - 1, used=0))
    segment = home.work / "segment"
    home.work.mkdir()
    segment.write_bytes(b"a segment")

    with pytest.raises(DiskFull):
        home.media.publish(segment, "media/v/1/240/00000.m4s")


def test_small_writes_still_go_through_then(home: LocalHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=100 * GB, free=GB // 4, used=0))

    home.media.put("media/v/1/master.m3u8", b"#EXTM3U", "")

    assert home.media.read("media/v/1/master.m3u8") == b"#EXTM3U"
