"""Backups: everything is in them, nothing half, and what is restored is the same service."""

import errno
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice import layout
from sluice.errors import Refused, Unavailable
from sluice.settings import Settings
from sluice.upkeep import backup as backups
from sluice.upkeep.backup import back_up, restore
from sluice.upkeep.draft import LOCK
from sluice.upkeep.place import Place, alone_in
from sluice.upkeep.seal import SEAL
from sluice.wiring.local import local_home
from tests.upkeep.conftest import Sluice, Told


def content(data: Path) -> dict[str, bytes]:
    """Every file of the buckets and keys."""
    found = [path for part in ("raw", "media", "keys") for path in (data / part).rglob("*") if path.is_file()]
    kept = [path for path in found if path.name not in (".lock", ".identity.lock")]
    return {str(path.relative_to(data)): path.read_bytes() for path in kept}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "restored"


def test_what_is_restored_is_the_same(place: Place, story: Told, data: Path, target: Path, elsewhere: Path) -> None:
    videos = [story.done(), story.failed(), story.processing()]

    saved = back_up(place, target)
    restore(target, elsewhere)

    again = local_home(Settings(data=elsewhere, external_issuer="https://issuer.example.org")).app
    assert (saved.content.videos, saved.torn) == (3, ())
    assert [again.videos.get(video.id) for video in videos] == [story.video(video) for video in videos]
    assert content(elsewhere) == content(data)
    head = again.sources.head(videos[1].id)
    assert head is not None
    assert head.metadata == {"user-id": "ann"}


def test_a_backup_may_lie_in_a_folder_of_any_name(place: Place, story: Told, tmp_path: Path) -> None:
    story.done()
    assert back_up(place, tmp_path / "100%41 what?#1 ü").content.videos == 1


def test_messages_are_restored_too(place: Place, story: Told, target: Path, elsewhere: Path) -> None:
    story.processing()
    back_up(place, target)
    restore(target, elsewhere)
    restored = Place(Settings(data=elsewhere)).queue
    assert [(lane.name, lane.waiting) for lane in restored.lanes()] == [
        (lane.name, lane.waiting) for lane in place.queue.lanes()
    ]
    assert sum(lane.waiting for lane in restored.lanes()) == 1


def test_files_on_the_same_disk_take_no_second_room(place: Place, story: Told, data: Path, target: Path) -> None:
    key = layout.media_key(story.done().id, 1, layout.MASTER)
    back_up(place, target)
    assert (data / key).samefile(target / key)


def test_files_on_another_disk_are_copied_with_their_times(
    place: Place, story: Told, data: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError("Invalid cross-device link")

    video = story.failed()
    monkeypatch.setattr(os, "link", other_disk)
    back_up(place, target)
    here, there = (data / "raw" / video.id), (target / "raw" / video.id)
    assert not here.samefile(there)
    assert here.stat().st_mtime_ns == there.stat().st_mtime_ns
    assert here.read_bytes() == there.read_bytes()


def test_a_video_that_finishes_meanwhile_is_saved_whole(
    place: Place, story: Told, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files come after the first look at them, its row before the rows are taken."""
    real, made = backups.snapshot, []

    def later(*arguments: object) -> None:
        if not made:
            made.append(story.done())
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backups, "snapshot", later)
    saved = back_up(place, target)
    assert (saved.content.videos, saved.torn) == (1, ())
    assert (target / layout.media_key(made[0].id, 1, layout.MASTER)).is_file()


def test_a_video_that_is_deleted_meanwhile_is_not_half_in_it(
    place: Place, story: Told, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came after the first look and went after the rows were taken."""
    real, made = backups.snapshot, []

    def later(*arguments: object) -> None:
        fresh = story.done() if not made else None
        real(*arguments)  # type: ignore[arg-type]
        if fresh:
            made.append(fresh)
            story.app.media.delete_prefix(layout.video_prefix(fresh.id))
            story.app.videos.delete(fresh.id)

    monkeypatch.setattr(backups, "snapshot", later)
    saved = back_up(place, target)
    assert (saved.content.videos, saved.torn) == (0, ())
    assert content(target).keys() == content(place.folder).keys()


def test_a_video_without_files_is_named(place: Place, story: Told, sluice: Sluice, target: Path) -> None:
    video = story.done()
    shutil.rmtree(place.folder / "media" / video.id)
    end = sluice("backup", str(target))
    assert end.exit_code == 0
    assert f"{video.id} has no files" in end.stderr


def test_a_backup_is_its_owners_alone(place: Place, target: Path) -> None:
    back_up(place, target)
    assert target.stat().st_mode & 0o777 == 0o700
    assert (target / "sluice.db").stat().st_mode & 0o777 == 0o600


def test_a_backup_says_what_is_in_it(sluice: Sluice, story: Told, target: Path) -> None:
    story.done()
    end = sluice("backup", str(target))
    seal = json.loads((target / SEAL).read_text())
    assert end.stdout == f"1 videos, {seal['files']} files in {target}\n"


def test_a_folder_with_something_in_it_is_not_written_to(place: Place, target: Path) -> None:
    target.mkdir()
    (target / "photo.jpg").touch()
    with pytest.raises(Refused, match="not empty"):
        back_up(place, target)
    assert [path.name for path in target.iterdir()] == ["photo.jpg"]


def test_an_empty_folder_becomes_the_backup(place: Place, story: Told, target: Path) -> None:
    story.done()
    target.mkdir()
    back_up(place, target)
    assert (target / SEAL).is_file()


def test_a_link_to_an_empty_folder_is_that_folder(place: Place, story: Told, target: Path, tmp_path: Path) -> None:
    story.done()
    (tmp_path / "big" / "disk").mkdir(parents=True)
    target.symlink_to(tmp_path / "big" / "disk")
    saved = back_up(place, target)
    assert (saved.folder, target.is_symlink()) == (tmp_path / "big" / "disk", True)
    assert (target / SEAL).is_file()


def test_a_disk_is_not_filled_for_an_empty_one_that_is_mounted_there(
    place: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mounted(path: Path, _: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy", str(path))

    target.mkdir()
    monkeypatch.setattr(Path, "rename", mounted)
    monkeypatch.setattr(backups, "mirror", fill_the_disk)
    with pytest.raises(Refused, match=r"busy\); give a folder in it"):
        back_up(place, target)
    assert target.is_dir()


def fill_the_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_was_made_for_it_is_there_after_one_that_fails(
    place: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.mkdir()
    before = target.stat().st_ino
    monkeypatch.setattr(backups, "snapshot", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        back_up(place, target)
    assert (target.stat().st_ino, list(target.iterdir())) == (before, [])


def test_a_backup_that_fails_leaves_nothing(place: Place, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "snapshot", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        back_up(place, target)
    assert [path.name for path in target.parent.iterdir()] == ["data"]


@pytest.fixture
def told_to_end() -> Iterator[list[int]]:
    """Who was told so without a handler of their own."""
    told: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda number, _: told.append(number)) for number in numbers}
    yield told
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_told_to_end_leaves_nothing(
    place: Place, sluice: Sluice, target: Path, told_to_end: list[int], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(backups, "snapshot", lambda *_: os.kill(os.getpid(), number))
    end = sluice("backup", str(target))
    assert (end.exit_code, end.stderr, told_to_end) == (130, "sluice: interrupted\n", [])
    assert [path.name for path in target.parent.iterdir()] == ["data"]
    os.kill(os.getpid(), number)
    assert told_to_end == [number]


def test_a_restore_that_is_told_to_end_leaves_the_folder_empty(
    place: Place,
    sluice: Sluice,
    target: Path,
    elsewhere: Path,
    told_to_end: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back_up(place, target)
    monkeypatch.setattr(shutil, "copy2", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert sluice("restore", str(target), SLUICE_DATA=str(elsewhere)).exit_code == 130
    assert [path.name for path in elsewhere.iterdir()] == ["lock"]


def test_what_a_killed_backup_left_goes_with_the_next_one(place: Place, target: Path) -> None:
    left = target.with_name("yesterday.unfinished")
    left.mkdir()
    (left / LOCK).touch()
    back_up(place, target)
    assert sorted(path.name for path in target.parent.iterdir()) == ["backup", "data"]


def test_an_unfinished_folder_of_somebody_else_stays(place: Place, target: Path) -> None:
    target.with_name("novel.unfinished").mkdir()
    back_up(place, target)
    assert target.with_name("novel.unfinished").is_dir()


def test_two_backups_beside_each_other_are_both_whole(
    place: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one begins and ends while the first one is being written."""
    real, other = backups.snapshot, target.with_name("other")

    def later(*arguments: object) -> None:
        monkeypatch.setattr(backups, "snapshot", real)
        back_up(place, other)
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backups, "snapshot", later)
    back_up(place, target)
    assert content(target).keys() == content(other).keys() == content(place.folder).keys()


def test_two_backups_to_the_same_folder_are_one_too_many(
    place: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(*_: object) -> None:
        back_up(place, target)

    monkeypatch.setattr(backups, "snapshot", later)
    with pytest.raises(Refused, match="another backup is being written"):
        back_up(place, target)


def test_a_restore_that_fails_leaves_the_folder_empty(
    place: Place, story: Told, target: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.failed()
    back_up(place, target)
    with monkeypatch.context() as full:
        full.setattr(shutil, "copy2", fill_the_disk)
        with pytest.raises(OSError, match="No space left"):
            restore(target, elsewhere)
    restore(target, elsewhere)
    assert content(elsewhere) == content(target)


def test_a_restore_that_was_killed_is_nothing_to_go_on_with(
    place: Place, story: Told, sluice: Sluice, target: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.failed()
    back_up(place, target)
    with monkeypatch.context() as killed:
        # Who is killed cleans nothing up.
        killed.setattr(backups, "_empty", lambda _: None)
        killed.setattr(shutil, "copy2", fill_the_disk)
        with pytest.raises(OSError, match="No space left"):
            restore(target, elsewhere)
    with pytest.raises(Unavailable, match="has not come to its end; run it again"):
        local_home(Settings(data=elsewhere))
    assert not (elsewhere / "sluice.db").exists()
    told = [sluice(command, SLUICE_DATA=str(elsewhere)) for command in ("gc", "doctor")]
    assert [("come to its end" in end.output, end.exit_code) for end in told] == [(True, 1)] * 2

    restore(target, elsewhere)
    assert content(elsewhere) == content(target)
    local_home(Settings(data=elsewhere))


def test_what_can_not_be_removed_of_a_killed_restore_is_still_nothing_to_go_on_with(
    place: Place, target: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(place, target)
    (elsewhere / "raw").mkdir(parents=True)
    (elsewhere / ".restoring").touch()
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(Refused, match="not empty"):
        restore(target, elsewhere)
    with pytest.raises(Unavailable, match="has not come to its end"):
        local_home(Settings(data=elsewhere))


def test_what_is_restored_is_on_the_disk_before_it_is_whole(
    place: Place, target: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(place, target)
    there: list[set[str]] = []
    monkeypatch.setattr(os, "sync", lambda: there.append({path.name for path in elsewhere.iterdir()}))
    restore(target, elsewhere)
    (names,) = there
    assert names - {path.name for path in elsewhere.iterdir()} == {".restoring"}


def test_a_backup_is_on_the_disk_before_it_says_so(place: Place, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts: list[set[str]] = []
    draft = target.with_name(f"{target.name}.unfinished")
    monkeypatch.setattr(os, "sync", lambda: drafts.append({path.name for path in draft.glob("*")}))
    back_up(place, target)
    before, after = drafts
    assert {"sluice.db", "keys", "raw"} < before
    assert SEAL not in before
    assert after == set()


def test_a_backup_is_not_put_where_it_would_be_lost_with_the_service(
    place: Place, sluice: Sluice, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "way").symlink_to(data)
    end = sluice("backup", str(tmp_path / "way" / "backups" / "first"))
    assert (end.exit_code, (data / "backups").exists()) == (1, False)
    assert "lies in the data folder" in end.stderr


def test_a_service_is_not_restored_into_the_backup_itself(place: Place, sluice: Sluice, target: Path) -> None:
    back_up(place, target)
    end = sluice("restore", str(target), SLUICE_DATA=str(target / "raw" / "data"))
    assert (end.exit_code, (target / "raw" / "data").exists()) == (1, False)
    assert "lies in the backup; set SLUICE_DATA" in end.stderr


def test_a_backup_that_was_never_finished_is_not_restored(place: Place, target: Path, elsewhere: Path) -> None:
    back_up(place, target)
    (target / SEAL).unlink()
    with pytest.raises(Refused, match="never finished"):
        restore(target, elsewhere)
    assert not elsewhere.exists()


def test_a_service_is_not_overwritten(place: Place, data: Path, target: Path) -> None:
    back_up(place, target)
    with pytest.raises(Refused, match="not empty"):
        restore(target, data)


def test_a_running_service_is_left_alone(place: Place, target: Path, elsewhere: Path) -> None:
    back_up(place, target)
    with alone_in(elsewhere), pytest.raises(Unavailable, match="stop it first"):
        restore(target, elsewhere)
