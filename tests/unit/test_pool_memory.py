"""Who gets the machine next where not all fit into its memory, and how much of it there is."""

from sluice.adapters.local.pool import Band, Pool, usable_memory
from tests.unit.conftest import WITHIN_S


def test_who_waits_for_short_films_is_overtaken_by_none(films):
    pool = Pool(4, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=30)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.WHOLE, memory_bytes=60), films.task("c1", Band.WHOLE, memory_bytes=30)])
    pool.submit([films.task("d1", Band.WHOLE, memory_bytes=30, of_long_film=True)])
    assert films.nobody_begins()
    films.end("a1")
    assert films.next() == "b1"
    assert films.nobody_begins()
    films.end("b1")
    assert films.several(2) == {"c1", "d1"}


def test_who_waits_for_long_films_is_overtaken_by_short_ones_alone(films):
    pool = Pool(4, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=30, of_long_film=True)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.WHOLE, memory_bytes=80), films.task("c1", Band.WHOLE, memory_bytes=30)])
    assert films.next() == "c1"
    pool.submit([films.task("d1", Band.WHOLE, memory_bytes=10, of_long_film=True)])
    assert films.nobody_begins()
    films.end("a1", "c1")
    assert films.several(2) == {"b1", "d1"}


def test_a_long_sound_that_waits_for_a_film_that_is_encoded_whole_holds_up_no_short_one(films):
    pool = Pool(4, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=70), films.task("b1", Band.SOUND, of_long_film=True)])
    assert films.several(2) == {"a1", "b1"}
    pool.submit([films.task("c1", Band.SOUND, memory_bytes=8, of_long_film=True)])
    assert films.nobody_begins()
    pool.submit([films.task("d1", Band.SOUND, memory_bytes=8)])
    assert films.next() == "d1"


def test_what_takes_as_long_as_its_film_leaves_memory_to_others_and_long_films_to_short_ones(films):
    pool = Pool(4, 100)
    pool.submit([films.task(f"{film}1", Band.SOUND, memory_bytes=20, of_long_film=True) for film in "abc"])
    assert films.several(2) == {"a1", "b1"}
    pool.submit([films.task(f"{film}1", Band.SOUND, memory_bytes=20) for film in "def"])
    assert films.next() == "d1"
    pool.submit([films.task("g1", Band.FIRST, memory_bytes=20)])
    assert films.next() == "g1"
    assert films.nobody_begins()
    films.end("a1", "b1")
    assert films.several(2) == {"c1", "e1"}
    assert films.nobody_begins()


def test_the_first_of_its_kind_may_take_more_than_the_next_one(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=120, of_long_film=True)])
    assert films.next() == "a1"
    films.end("a1")
    pool.submit([films.task("b1", Band.WHOLE, memory_bytes=60, of_long_film=True)])
    assert films.next() == "b1"
    pool.submit([films.task(f"{film}1", Band.SOUND, memory_bytes=20, of_long_film=True) for film in "cd"])
    assert films.next() == "c1"
    assert films.nobody_begins()


def test_what_has_no_place_beside_a_long_film_holds_nobody_else_up(films):
    pool = Pool(1, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=60, of_long_film=True)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.WHOLE, memory_bytes=60), films.task("c1", memory_bytes=30)])
    assert films.next() == "c1"
    films.end("a1", "c1")
    assert films.next() == "b1"


def test_what_does_not_fit_into_the_memory_waits(films):
    Pool(2, 100).submit([films.task("a1", memory_bytes=60), films.task("a2", memory_bytes=60)])
    assert films.next() == "a1"
    assert films.nobody_begins()
    films.end("a1")
    assert films.next() == "a2"


def test_what_is_less_urgent_does_not_take_the_memory_that_a_beginning_waits_for(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", memory_bytes=60)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.BEGINNING, memory_bytes=60)])
    pool.submit([films.task("c1", memory_bytes=10)])
    assert films.nobody_begins()
    films.end("a1")
    assert films.several(2) == {"b1", "c1"}


def test_who_does_not_fit_beside_a_film_that_is_encoded_whole_holds_up_nobody_until_it_ends(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=60, of_long_film=True)])
    assert films.next() == "a1"
    pool.submit([films.task("b1", Band.FIRST, memory_bytes=50)])
    pool.submit([films.task("c1", Band.FIRST, memory_bytes=5), films.task("d1", Band.SOUND), films.task("e1")])
    assert films.several(3) == {"c1", "d1", "e1"}
    films.end("a1")
    assert films.next() == "b1"


def test_who_fits_once_others_have_ended_is_waited_for(films):
    pool = Pool(2, 100)
    pool.submit([films.task("a1", Band.WHOLE, memory_bytes=40), films.task("b1", memory_bytes=40)])
    assert films.several(2) == {"a1", "b1"}
    pool.submit([films.task("c1", Band.FIRST, memory_bytes=55), films.task("d1", Band.SOUND)])
    assert films.nobody_begins()
    films.end("b1")
    assert films.several(2) == {"c1", "d1"}


def test_who_does_not_fit_is_not_overtaken_for_ever_by_short_films(films):
    pool = Pool(2, 100)
    pool.submit([films.task(f"{film}1", Band.SOUND, memory_bytes=25) for film in "abc"])
    assert films.several(3) == {"a1", "b1", "c1"}
    pool.submit([films.task("d1", Band.FIRST, memory_bytes=60), films.task("e1", Band.SOUND, memory_bytes=25)])
    films.end("a1", "b1")
    assert films.next() == "d1"
    assert films.nobody_begins()


def test_a_task_too_large_for_the_machine_runs_alone(films):
    Pool(2, 100).submit([films.task("a1", memory_bytes=500)])
    assert films.next() == "a1"


def test_a_thread_more_has_to_fit_into_the_memory(films):
    pool = Pool(2, 125)
    pool.submit([films.task("a1", memory_bytes=60), films.task("b1", memory_bytes=55)])
    assert {films.begun.get(timeout=WITHIN_S) for _ in range(2)} == {("a1", 1), ("b1", 1)}


def test_what_a_thread_more_takes_of_the_memory_is_not_given_twice(films):
    pool = Pool(2, 125)
    pool.submit([films.task("a1", memory_bytes=60)])
    assert films.begun.get(timeout=WITHIN_S) == ("a1", 2)
    pool.submit([films.task("b1", memory_bytes=60)])
    pool.submit([films.task("c1", Band.SOUND)])
    assert films.next() == "c1"
    assert films.nobody_begins()
    films.end("a1")
    assert films.next() == "b1"


def test_encodes_take_a_part_of_what_there_is(monkeypatch):
    monkeypatch.setattr("sluice.machine.memory_bytes", lambda: 1 << 30)
    assert 0.5 < usable_memory() / (1 << 30) < 0.7
