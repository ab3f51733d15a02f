"""Who gets the machine next: beginnings ahead of rests, films in turns, and no more than there are cores."""

import threading

import pytest

from sluice.adapters.local.pool import Band, Pool, Task
from tests.unit.conftest import AT_LAST_S, WITHIN_S


def test_no_more_tasks_of_a_band_run_than_it_has_slots(films):
    Pool(2, 100).submit([films.task("a1"), films.task("a2"), films.task("a3")])
    assert films.several(2) == {"a1", "a2"}
    assert films.nobody_begins()
    films.end("a1")
    assert films.next() == "a3"


def test_the_beginning_of_a_film_does_not_wait_for_the_rest_of_another(films):
    pool = Pool(1, 100)
    pool.submit([films.task("a1"), films.task("a2")])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.BEGINNING)])
    assert films.next() == "b1"


def test_what_is_less_urgent_does_not_begin_beside_as_many_beginnings_as_there_are_slots(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", Band.BEGINNING), films.task("b1", Band.BEGINNING)])
    assert films.several(2) == {"a1", "b1"}
    pool.submit([films.task("c1"), films.task("c2")])
    # One goes on, however many beginnings there are.
    assert films.next() == "c1"
    pool.submit([films.task("d1", Band.FIRST)])
    assert films.next() == "d1"
    assert films.nobody_begins()
    films.end("a1", "b1", "d1")
    assert films.next() == "c2"


def test_a_film_that_is_encoded_whole_does_not_wait_for_the_beginnings_of_others(films):
    pool = Pool(2, 100)
    pool.submit([films.task(f"{film}1", Band.BEGINNING) for film in "ab"])
    assert films.several(2) == {"a1", "b1"}
    pool.submit([films.task("c1", Band.WHOLE), films.task("d1", Band.WHOLE), films.task("e1", Band.WHOLE)])
    assert films.several(2) == {"c1", "d1"}
    assert films.nobody_begins()


def test_the_first_look_at_a_film_does_not_wait_for_the_beginning_of_another(films):
    pool = Pool(1, 100)
    pool.submit([films.task("a1", Band.BEGINNING), films.task("a2", Band.BEGINNING)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.FIRST)])
    assert films.next() == "b1"


@pytest.mark.parametrize(("band", "at_once"), [(Band.SOUND, 4), (Band.WHOLE, 1)])
def test_what_takes_as_long_as_its_film_does_not_wait_for_that_of_long_ones(films, band, at_once):
    pool = Pool(1, 100)
    pool.submit([films.task(f"{film}1", band, of_long_film=True) for film in "abcdef"])
    assert films.several(at_once) == {f"{film}1" for film in "abcdef"[:at_once]}
    pool.submit([films.task("g1", band), films.task("h1")])
    assert films.several(2) == {"g1", "h1"}
    assert films.nobody_begins()


def test_what_takes_as_long_as_its_film_takes_no_slot_and_has_one_thread_of_ours(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", Band.SOUND), films.task("b1", Band.SOUND)])
    assert [films.begun.get(timeout=WITHIN_S)[1] for _ in range(2)] == [1, 1]
    pool.submit([films.task("a2"), films.task("b2")])
    assert films.several(2) == {"a2", "b2"}


def test_of_two_beginnings_the_earlier_part_goes_first(films):
    pool = Pool(1, 100)
    pool.submit([films.task(f"a{rank}", Band.BEGINNING, rank) for rank in range(3)])
    assert films.next() == "a0"
    pool.submit([films.task("b0", Band.BEGINNING, 0)])
    films.end("a0")
    assert films.next() == "b0"
    films.end("b0")
    assert films.next() == "a1"


def test_the_rests_of_films_take_turns(films):
    pool = Pool(1, 100)
    pool.submit([films.task("a1"), films.task("a2"), films.task("a3")])
    assert films.next() == "a1"
    pool.submit([films.task("b1")])
    films.end("a1")
    assert films.next() == "b1"
    films.end("b1")
    assert films.next() == "a2"


def test_a_lone_first_look_has_all_cores(films):
    Pool(4, 100).submit([films.task("a1", Band.FIRST)])
    assert films.begun.get(timeout=WITHIN_S) == ("a1", 4)


@pytest.mark.parametrize(
    ("beginnings", "slow", "threads"),
    [(1, True, {2}), (2, True, {2}), (4, True, {2, 1}), (1, False, {1}), (4, False, {1})],
)
def test_a_beginning_that_is_waited_for_has_its_share_of_the_cores_but_two_at_most(films, beginnings, slow, threads):
    Pool(4, 100).submit([films.task(f"a{rank}", Band.BEGINNING, rank, slow=slow) for rank in range(beginnings)])
    assert {films.begun.get(timeout=WITHIN_S)[1] for _ in range(beginnings)} == threads


@pytest.mark.parametrize(
    ("slots", "threads"),
    [
        (4, [4]),
        (4, [2, 2]),
        (4, [1, 2, 2]),
        (4, [1, 1, 2, 2]),
        (8, [2, 3, 3]),
        (8, [1, 1, 2, 2, 2, 2]),
        (2, [1, 2]),
        (1, [1]),
    ],
)
def test_the_last_rests_leave_no_core_idle(films, slots, threads):
    Pool(slots, 100).submit([films.task(f"a{number}") for number in range(len(threads))])
    begun = dict(films.begun.get(timeout=WITHIN_S) for _ in threads)
    assert [begun[name] for name in sorted(begun)] == threads


def test_what_can_have_no_thread_of_its_own_has_that_of_another(films, monkeypatch):
    start = threading.Thread.start

    def begin(thread):
        if thread.name.startswith("encode"):
            raise RuntimeError("can't start new thread")
        start(thread)

    pool, first = Pool(2, 100), films.task("a1")
    pool.submit([first])
    assert films.next() == "a1"
    monkeypatch.setattr(threading.Thread, "start", begin)
    pool.submit([films.task("b1"), films.task("c1")])
    assert films.nobody_begins()
    films.end("a1")
    assert first.future.result(WITHIN_S) is None
    assert films.next() == "b1"
    films.end("b1")
    assert films.next() == "c1"


def test_a_film_expects_its_share_of_the_slots(films):
    pool = Pool(4, 100)
    assert pool.share == 4
    pool.submit([films.task("a1"), films.task("a2")])
    assert pool.share == 2
    pool.submit([films.task(f"{film}1", Band.FIRST) for film in "bcdef"])
    assert pool.share == 1


def test_the_next_one_does_not_wait_for_the_disk_of_the_one_before(films):
    pool = Pool(1, 100)
    synced = threading.Event()

    def work(task):
        pool.free(task)
        synced.wait(AT_LAST_S)

    slow = Task("a", Band.REST, 0, 60, work)
    pool.submit([slow, films.task("b1", memory_bytes=60), films.task("c1")])
    assert films.next() == "b1"
    assert films.nobody_begins()
    synced.set()
    pool.leave("a")
    assert slow.future.done()


def test_who_leaves_waits_for_what_is_still_written(films):
    pool, freed, synced = Pool(1, 100), threading.Event(), threading.Event()

    def work(task):
        pool.free(task)
        freed.set()
        task.cancelled.wait(AT_LAST_S)
        synced.set()

    pool.submit([Task("a", Band.REST, 0, 1, work)])
    freed.wait(WITHIN_S)
    pool.leave("a")
    assert synced.is_set()


def test_who_leaves_gets_no_more_turns_and_what_runs_is_told_to_stop(films):
    pool = Pool(1, 100)
    first, second = Task("a", Band.REST, 0, 1, lambda task: task.cancelled.wait(AT_LAST_S)), films.task("a2")
    pool.submit([first, second, films.task("b1")])
    pool.leave("a")
    assert films.next() == "b1"
    assert first.future.done()
    assert second.future.cancelled()


def test_what_goes_wrong_in_a_task_is_its_owners_to_answer(films):
    def fail(_):
        raise ValueError("broken")

    pool, task = Pool(1, 100), Task("a", Band.REST, 0, 1, fail)
    pool.submit([task, films.task("b1")])
    assert films.next() == "b1"
    with pytest.raises(ValueError, match="broken"):
        task.future.result(WITHIN_S)
