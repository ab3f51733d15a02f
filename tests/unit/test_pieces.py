"""What the pieces of a film ask of the pool."""

from dataclasses import replace

import pytest

from sluice.adapters.chunks import even
from sluice.adapters.local import process
from sluice.adapters.local.encoding import likely_memory
from sluice.adapters.local.pieces import Pieces, _niceness
from sluice.adapters.local.pool import Band, Task
from sluice.adapters.local.single import Single
from sluice.settings import Settings
from tests.orders import a_job, order


@pytest.fixture
def tasks(tmp_path):
    """Those of a film of six segments: its first look, the other rungs of that, and a chunk for each one more."""
    pieces = pieces_of(tmp_path)
    pieces.cut(even(pieces.job.order, 100), 100)
    return pieces.tasks_of_chunks()


def test_a_film_begins_with_its_first_look_and_its_rest_is_least_urgent(tasks):
    assert [task.band for task in tasks] == [Band.FIRST, *[Band.BEGINNING] * 3, *[Band.REST] * 3]


def test_the_beginning_of_a_film_is_begun_in_the_order_of_time(tasks):
    assert [task.rank for task in tasks] == [0, 1, 2, 3, 0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "slow"),
    [({}, False), ({"frame_rate": "30"}, False), ({"frame_rate": "50"}, True), ({"width": 1920, "height": 1080}, True)],
)
def test_larger_films_than_one_thread_makes_as_fast_as_they_are_watched_are_slow(tmp_path, changes, slow):
    wanted = order(duration_s=24.0, **changes)
    pieces = Pieces(a_job(tmp_path, wanted), wanted.facts.renditions, top_copied=False, begun=lambda: None)
    pieces.cut(even(wanted, 100), 100)
    assert {task.slow for task in pieces.tasks_of_chunks()} == {slow}


def test_every_process_is_reckoned_with_the_memory_that_it_is_likely_to_take(tasks):
    wanted = order(duration_s=24.0, frames=600)
    first = [one for one in wanted.facts.renditions if one.height == 360]
    others = [one for one in wanted.facts.renditions if one.height != 360]
    likely = [likely_memory(wanted.source, rungs, threads=False) for rungs in (first, others, wanted.facts.renditions)]
    assert [task.memory_bytes for task in tasks] == [*likely[:2], *[likely[2]] * 5]
    assert 0 < likely[0] < likely[1] < likely[2]


def test_what_is_more_urgent_has_the_kernels_preference_and_a_rest_that_fills_idle_cores_the_least():
    bands = [(Band.FIRST, 4), (Band.SOUND, 1), (Band.BEGINNING, 2), (Band.REST, 1), (Band.REST, 2)]
    niceness = [_niceness(a_task(band, threads)) for band, threads in bands]
    assert niceness == sorted(set(niceness))
    assert niceness[-1] == 19


@pytest.mark.parametrize(("hurry_s", "given"), [(0.0, {14}), (60.0, set())])
def test_a_sound_that_takes_long_is_no_more_urgent_than_a_rest(tmp_path, monkeypatch, hurry_s, given):
    seen = set()
    monkeypatch.setattr(process, "_HURRY_S", hurry_s)
    monkeypatch.setattr(process, "_LOOK_SELDOM_S", 0.0)
    monkeypatch.setattr(process.child, "renice", lambda _, niceness: seen.add(niceness))
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\nyes frame=1 | head -c 200000\n")
    ffmpeg.chmod(0o755)
    (task,) = pieces_of(tmp_path, settings=Settings(copy_sound=False, ffmpeg=str(ffmpeg))).tasks_of_sound()
    task.work(task)
    assert seen == given


def test_what_an_earlier_run_has_made_took_as_long_as_it_did_then(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "run", lambda *_, **__: 12.5)
    first = pieces_of(tmp_path)
    first.job.kept.open(first.job.order, "chunked", 4)
    (task,) = first.tasks_of_sound()
    task.work(task)
    again = pieces_of(tmp_path)
    assert again.tasks_of_sound() == []
    assert (first.cpu_s, again.cpu_s) == (12.5, 12.5)


def test_of_what_an_earlier_release_has_made_nothing_is_known(tmp_path):
    made = pieces_of(tmp_path).job.kept
    made.path("audio").mkdir(parents=True)
    again = pieces_of(tmp_path)
    assert (again.tasks_of_sound(), again.cpu_s) == ([], 0.0)


@pytest.mark.parametrize(("duration_s", "is_long"), [(600.0, False), (601.0, True)])
def test_the_sound_of_a_film_beyond_ten_minutes_has_a_place_as_such(tmp_path, duration_s, is_long):
    (task,) = pieces_of(tmp_path, duration_s).tasks_of_sound()
    assert task.of_long_film is is_long


@pytest.mark.parametrize(("duration_s", "is_long"), [(600.0, False), (601.0, True)])
def test_so_has_a_film_that_is_encoded_whole(tmp_path, monkeypatch, duration_s, is_long):
    job = pieces_of(tmp_path, duration_s).job
    asked = []
    monkeypatch.setattr(job.pool, "submit", asked.extend)
    assert Single(replace(job, stopping=lambda: True)).to_its_end() is None
    assert [(task.band, task.of_long_film) for task in asked] == [(Band.WHOLE, is_long)]


def test_the_sound_of_a_longer_film_takes_more(tmp_path):
    minute, hours = (pieces_of(tmp_path, duration_s).tasks_of_sound()[0] for duration_s in (60.0, 7200.0))
    assert 20 << 20 < hours.memory_bytes - minute.memory_bytes < 40 << 20


def pieces_of(folder, duration_s=24.0, **changes):
    wanted = order(duration_s=duration_s, frames=round(25 * duration_s))
    job = a_job(folder, wanted, **changes)
    job.work.mkdir(exist_ok=True)
    return Pieces(job, wanted.facts.renditions, top_copied=False, begun=lambda: None)


def a_task(band, threads):
    return Task("a film", band, 0, 1, lambda _: None, threads)
