"""What no video owns goes; what one owns stays."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from sluice import layout
from sluice.messages import EncodeFailed, EncodeLost
from tests.making import an_id
from tests.upkeep.conftest import Sluice, Told

STRANGER = an_id(999)


def files(data: Path) -> set[str]:
    found = [path for bucket in ("raw", "media") for path in (data / bucket).rglob("*") if path.is_file()]
    return {name for path in found if "/." not in (name := str(path.relative_to(data)))}


def test_nothing_of_living_videos_is_removed(sluice: Sluice, story: Told, data: Path) -> None:
    running = story.processing()
    story.encode(running)
    story.done()
    story.failed()
    before = files(data)

    end = sluice("gc")

    assert (end.exit_code, end.stdout, end.stderr) == (0, "", "0 bytes freed\n")
    assert files(data) == before


def test_a_source_and_media_without_a_row_are_removed(sluice: Sluice, story: Told, data: Path) -> None:
    story.app.sources.put(STRANGER, b"12345", "video/mp4")
    story.app.media.put(layout.media_key(STRANGER, 1, "360/index.m3u8"), b"123", "text/plain")

    end = sluice("gc")

    assert end.stderr == "8 bytes freed\n"
    assert [line.split("\t")[1:] for line in end.stdout.splitlines()] == [["5", "no video"], ["3", "no video"]]
    assert files(data) == set()


def test_a_dry_run_removes_nothing(sluice: Sluice, story: Told, data: Path) -> None:
    story.app.sources.put(STRANGER, b"12345", "video/mp4")
    assert sluice("gc", "--dry-run").stderr == "5 bytes would be freed\n"
    assert files(data) == {f"raw/{STRANGER}"}


def test_what_earlier_attempts_left_is_removed(sluice: Sluice, story: Told, data: Path) -> None:
    video = story.done()
    story.app.media.put(layout.media_key(video.id, 7, "late.m4s"), b"late", "video/mp4")
    assert sluice("gc").stdout.split("\t")[2] == "attempt 7 of a video at attempt 1\n"
    assert story.app.media.head(layout.media_key(video.id, 1, layout.MASTER)) is not None


def test_what_is_still_watched_of_a_lost_attempt_stays(sluice: Sluice, story: Told, data: Path) -> None:
    video = story.processing()
    story.encode(video)
    before = files(data)
    story.handle(EncodeLost(video.id, 1))
    assert sluice("gc").stdout == ""
    assert files(data) == before


def test_what_a_failed_attempt_left_is_removed(sluice: Sluice, story: Told, data: Path) -> None:
    video = story.processing()
    story.handle(EncodeFailed(video.id, 1, "damaged", "It is damaged."))
    story.encode(video)
    sluice("gc")
    assert files(data) == {f"raw/{video.id}"}


def test_the_source_of_a_finished_video_goes(sluice: Sluice, story: Told) -> None:
    story.app.sources.put(story.done().id, b"left", "video/mp4")
    assert sluice("gc", "--dry-run", SLUICE_KEEP_SOURCE="1").stdout.split("\t")[2] == "its video is done\n"


def test_a_source_that_was_kept_stays_whatever_the_setting_is_here(sluice: Sluice, story: Told, data: Path) -> None:
    story.app = replace(story.app, settings=replace(story.app.settings, keep_source=True))
    video = story.done()
    assert sluice("gc").stdout == ""
    assert f"raw/{video.id}" in files(data)


def test_links_are_cut_and_what_they_lead_to_stays(sluice: Sluice, story: Told, data: Path, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").write_bytes(b"12345")
    (data / "media").mkdir(exist_ok=True)
    (data / "raw").mkdir(exist_ok=True)
    (data / "media" / "folder").symlink_to(tmp_path / "films")
    (data / "raw" / "file").symlink_to(tmp_path / "films" / "a.mp4")
    (data / "raw" / "nothing").symlink_to(tmp_path / "nowhere")

    ends = [sluice("gc") for _ in range(2)]

    sizes = [[line.split("\t")[1] for line in end.stdout.splitlines()] for end in ends]
    assert (sizes, [end.stderr for end in ends]) == ([["0", "0", "0"], []], ["0 bytes freed\n"] * 2)
    assert (tmp_path / "films" / "a.mp4").is_file()


def test_what_can_not_be_removed_is_told_and_not_counted(
    sluice: Sluice, story: Told, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.unlink

    def denied(path: Path, missing_ok: bool = False) -> None:
        if path.name == "index.m3u8":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        real(path, missing_ok)

    story.app.media.put(layout.media_key(STRANGER, 1, "360/index.m3u8"), b"123", "text/plain")
    story.app.sources.put(STRANGER, b"12345", "video/mp4")
    monkeypatch.setattr(Path, "unlink", denied)

    end = sluice("gc")

    folder = data / "media" / STRANGER
    denial = f"[Errno 13] Permission denied: '{folder}/1/360/index.m3u8'"
    assert end.stderr == f"sluice: {folder} can't be removed: {denial}\n5 bytes freed\n"
    assert (end.exit_code, files(data)) == (1, {f"media/{STRANGER}/1/360/index.m3u8"})
