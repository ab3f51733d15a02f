"""Finished chunks outlive crashes and attempts, and never mix with those of another order."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sluice.adapters.local import durable
from sluice.adapters.local.kept import SOUNDS, Kept
from tests.orders import ORDER


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "work" / ORDER.video_id)
    kept.open(ORDER, "chunked", 4)
    return kept


@pytest.fixture
def written(tmp_path):
    """A chunk that a process has just written."""
    folder = tmp_path / "work" / "scratch"
    (folder / "360").mkdir(parents=True)
    (folder / "360" / "00000.m4s").write_bytes(b"pictures")
    return folder


def test_a_finished_chunk_is_there_for_the_next_attempt(kept, written, tmp_path):
    kept.keep(written, "00000-360")
    again = Kept(tmp_path / "work" / ORDER.video_id)
    again.open(replace(ORDER, attempt=2), "chunked", 4)
    assert again.has("00000-360")
    assert (again.path("00000-360") / "360" / "00000.m4s").read_bytes() == b"pictures"
    assert not written.exists()


def test_all_of_a_chunk_is_on_the_disk_before_it_is_there(kept, written, monkeypatch):
    synced, at_the_move = set(), []
    (written / "360" / "init.mp4").write_bytes(b"head")
    monkeypatch.setattr(durable, "sync", synced.add)
    monkeypatch.setattr(durable, "move", lambda *_: at_the_move.extend(synced))
    kept.keep(written, "00000-360")
    assert set(at_the_move) == {written, *written.rglob("*")}


def test_a_chunk_that_two_attempts_have_made_is_kept_once(kept, written, tmp_path):
    kept.keep(written, "00000-360")
    (written / "360").mkdir(parents=True)
    kept.keep(written, "00000-360")
    assert (kept.path("00000-360") / "360" / "00000.m4s").read_bytes() == b"pictures"


def test_a_chunk_that_another_attempt_keeps_at_the_same_moment_is_kept_once(kept, written, monkeypatch):
    real = durable.move

    def second(source, target):
        shutil.copytree(source, target)
        real(source, target)

    monkeypatch.setattr(durable, "move", second)
    kept.keep(written, "00000-360")
    assert (kept.path("00000-360") / "360" / "00000.m4s").read_bytes() == b"pictures"


def test_a_film_stays_cut_as_it_was_when_it_was_begun(kept, tmp_path):
    again = Kept(tmp_path / "work" / ORDER.video_id)
    assert again.open(replace(ORDER, attempt=2), "chunked", 1) == 4
    assert again.open(ORDER, "copied", 1) == 1


def test_what_several_attempts_refuse_at_once_is_all_remembered(kept):
    ways = [f"way{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(kept.refuse, ways))
    assert all(kept.refused(way) for way in ways)


def test_what_was_not_finished_is_not_there(kept):
    assert not kept.has("00000-360")


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, source=replace(ORDER.source, duration_s=11.0)),
        replace(ORDER, facts=replace(ORDER.facts, renditions=ORDER.facts.renditions[1:])),
    ],
)
def test_chunks_of_another_order_are_not_taken_for_its_own(kept, written, other):
    kept.keep(written, "00000-360")
    kept.open(other, "chunked", 4)
    assert not kept.has("00000-360")


def test_what_was_made_in_another_way_is_not_taken_for_its_own(kept, written):
    kept.keep(written, "00000-360")
    kept.open(ORDER, "copied", 4)
    assert not kept.has("00000-360")


@pytest.mark.parametrize("sound", SOUNDS)
def test_the_sound_is_the_same_in_whichever_way_pictures_are_encoded(kept, written, sound):
    kept.keep(written, sound)
    kept.open(replace(ORDER, attempt=2), "copied", 4)
    assert kept.has(sound)


def test_no_sound_of_another_order_is_taken_for_its_own(kept, written):
    kept.keep(written, SOUNDS[0])
    kept.open(replace(ORDER, source=replace(ORDER.source, duration_s=11.0)), "chunked", 4)
    assert not kept.has(SOUNDS[0])


def test_what_a_crash_left_half_removed_is_not_taken_for_whole(kept, written, monkeypatch):
    kept.keep(written, "00000-360")
    with monkeypatch.context() as dying:
        dying.setattr("sluice.adapters.local.kept.remove_tree", crash)
        with pytest.raises(RuntimeError):
            kept.open(ORDER, "copied", 4)
    kept.open(ORDER, "chunked", 4)
    assert not kept.has("00000-360")


def test_that_a_source_can_not_be_encoded_in_a_way_is_remembered(kept):
    kept.refuse("copied")
    kept.open(replace(ORDER, attempt=2), "chunked", 4)
    kept.refuse("chunked")
    kept.open(replace(ORDER, attempt=3), "other", 4)
    assert [way for way in ("copied", "chunked", "other") if kept.refused(way)] == ["copied", "chunked"]


def test_nothing_stays_of_what_is_removed(kept, tmp_path):
    kept.remove()
    assert list((tmp_path / "work").iterdir()) == []
    assert not kept.refused("chunked")


def crash(folder):
    raise RuntimeError("killed")
