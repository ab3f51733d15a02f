"""What files make of uploads: whole ones with their metadata, or none."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from sluice.adapters.local import sidecars
from sluice.adapters.local.files import LocalObjects
from sluice.errors import NotFound, Unavailable
from tests.contract.objects.conftest import crash, files_in, upload, upload_and_crash


def test_an_upload_has_its_metadata(local: LocalObjects) -> None:
    upload(local, "a", b"12345", **{"user-id": "änn"})
    head = local.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {"user-id": "änn"})


def test_the_location_is_the_file(local: LocalObjects) -> None:
    upload(local, "a", b"12345")
    with local.location("a") as path:
        assert Path(path).read_bytes() == b"12345"


def test_nothing_has_no_location(local: LocalObjects) -> None:
    with pytest.raises(NotFound), local.location("a"):
        pass


def test_without_a_commit_nothing_stays(local: LocalObjects, folder: Path) -> None:
    with local.receive("a", {"user-id": "ann"}) as incoming:
        incoming.write(b"123")
    assert files_in(folder) == []


def test_a_failure_while_receiving_leaves_nothing(local: LocalObjects, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        upload_and_crash(local, "a", b"123")
    assert files_in(folder) == []


def test_an_upload_that_is_not_allowed_in_the_end_changes_nothing(local: LocalObjects) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with local.receive("a", {"user-id": "bob"}) as incoming:
        incoming.write(b"second")
        assert not incoming.commit(lambda: False)
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "ann"}
    assert local.read("a") == b"first"


def test_of_two_uploads_that_are_allowed_once_the_first_to_end_stays(local: LocalObjects) -> None:
    def allowed() -> bool:
        return local.head("a") is None

    with local.receive("a", {}) as slow, local.receive("a", {}) as quick:
        slow.write(b"slow")
        quick.write(b"quick")
        assert quick.commit(allowed)
        assert not slow.commit(allowed)
    assert local.read("a") == b"quick"


def test_of_many_that_come_for_one_key_the_last_few_go_on(local: LocalObjects, folder: Path) -> None:
    with ExitStack() as others:
        older = [others.enter_context(local.receive("a", {}, expected=1 << 20)) for _ in range(5)]
        upload(local, "b", b"another")
        assert sum(path.stat().st_blocks for path in (folder / ".unfinished").iterdir()) * 512 < 4 << 20
        with pytest.raises(Unavailable):
            older[0].commit()
        older[-1].write(b"again")
        assert older[-1].commit()
    assert (local.read("a"), local.read("b")) == (b"again", b"another")


def test_a_replaced_upload_has_the_new_metadata(local: LocalObjects) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    upload(local, "a", b"second", **{"user-id": "bob"})
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "bob"}


def test_metadata_goes_with_its_object(local: LocalObjects, folder: Path) -> None:
    upload(local, "a", b"1", **{"user-id": "ann"})
    upload(local, "v/b", b"1", **{"user-id": "ann"})
    local.delete("a")
    local.delete_prefix("v/")
    assert files_in(folder) == []


def test_a_crash_between_metadata_and_object_leaves_the_old_object_with_its_own(
    local: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "a", b"second!", **{"user-id": "bob"})
    head = local.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {"user-id": "ann"})


def test_after_such_a_crash_the_next_upload_is_whole(local: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "a", b"second!", **{"user-id": "bob"})
    upload(local, "a", b"third..", **{"user-id": "cyd"})
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "cyd"}


def test_the_sweep_removes_metadata_whose_object_never_came(
    local: LocalObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(local, "kept", b"1", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "lost", b"1", **{"user-id": "ann"})
    local.sweep_leftovers(-1)
    head = local.head("kept")
    assert head is not None
    assert head.metadata == {"user-id": "ann"}
    assert len(files_in(folder / ".metadata")) == 1


def test_the_sweep_reads_no_metadata_of_what_is_there(local: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(local, "kept", b"1", **{"user-id": "ann"})
    monkeypatch.setattr(sidecars, "_load", lambda path: pytest.fail(f"{path} was read"))
    local.sweep_leftovers(-1)


def test_the_sweep_leaves_what_is_being_written(local: LocalObjects) -> None:
    with local.receive("a", {}) as incoming:
        incoming.write(b"123")
        local.sweep_leftovers(3600)
        assert incoming.commit()
    assert local.read("a") == b"123"


def test_the_sweep_removes_old_unfinished_files(local: LocalObjects, folder: Path) -> None:
    (folder / ".unfinished").mkdir(parents=True)
    (folder / ".unfinished" / "0123").write_bytes(b"left by a crash")
    local.sweep_leftovers(-1)
    assert files_in(folder) == []


def test_the_sweep_of_an_empty_bucket_is_fine(local: LocalObjects, folder: Path) -> None:
    local.sweep_leftovers(0)
    assert not folder.exists()
