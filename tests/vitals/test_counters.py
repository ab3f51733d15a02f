"""Counts of many processes and threads, read together."""

import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sluice.adapters.local import counters as module
from sluice.adapters.local.counters import Counters, clear


@pytest.fixture
def counters(tmp_path: Path) -> Counters:
    return Counters(tmp_path / "run")


def test_counts_add_up_by_name_and_labels(counters: Counters) -> None:
    counters.add("requests", code="200", route="/")
    counters.add("requests", route="/", code="200")
    counters.add("requests", 0.5, code="404", route="/")
    assert counters.totals() == {
        ("requests", (("code", "200"), ("route", "/"))): 2,
        ("requests", (("code", "404"), ("route", "/"))): 0.5,
    }


def test_nothing_counted_is_nothing(counters: Counters) -> None:
    assert counters.totals() == {}


def test_where_the_folder_was_taken_away_nothing_is_counted(counters: Counters, tmp_path: Path) -> None:
    (tmp_path / "run").rmdir()
    counters.add("n")
    assert not (tmp_path / "run").exists()


def test_its_room_is_taken_before_it_is_written_to(counters: Counters, tmp_path: Path) -> None:
    counters.add("n")
    [file] = (tmp_path / "run").iterdir()
    assert file.stat().st_blocks * 512 >= file.stat().st_size > 0


def test_where_there_is_no_room_for_it_nothing_is_counted_until_there_is(counters: Counters, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        counters.add("n")
        assert not list((tmp_path / "run").iterdir())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    counters.add("n", 2)
    assert counters.totals() == {("n", ()): 2}


def test_threads_lose_no_count(counters: Counters) -> None:
    def many() -> None:
        for _ in range(500):
            counters.add("n")

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.totals() == {("n", ()): 4000}


def test_what_a_process_counted_outlives_it(counters: Counters, tmp_path: Path) -> None:
    counters.add("n")
    words = (
        "import pathlib, sys; from sluice.adapters.local.counters import Counters as C; C(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", f"{words}.add('n', 3)", str(tmp_path / "run")], check=True)
    assert counters.totals() == {("n", ()): 4}


@pytest.mark.parametrize(("many", "files"), [(2, 1), (3, 3)])
def test_what_many_dead_have_counted_is_taken_over(
    counters: Counters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, files: int
) -> None:
    monkeypatch.setattr(module, "_MANY", many)
    counters.add("n", code="200")
    for one in (1, 2):
        with monkeypatch.context() as other:
            other.setattr(module.os, "getpid", lambda dead=one: 1 << 30 | dead)
            Counters(tmp_path / "run").add("n", one, code="200")
    before = counters.totals()
    counters.take_over()
    assert counters.totals() == before == {("n", (("code", "200"),)): 4}
    assert len(list((tmp_path / "run").iterdir())) == files


def test_text_of_any_kind_is_a_label(counters: Counters) -> None:
    counters.add("n", code='"\\\n\u00e4')
    assert counters.totals() == {("n", (("code", '"\\\n\u00e4'),)): 1}


def test_a_full_file_counts_on_what_it_knows(counters: Counters, monkeypatch: pytest.MonkeyPatch) -> None:
    counters.add("known")
    monkeypatch.setattr(module, "_FILE_BYTES", 100)
    counters.add("new", code="x" * 100)
    counters.add("known")
    monkeypatch.undo()
    assert counters.totals() == {("known", ()): 2}


def test_a_new_start_begins_at_nothing(counters: Counters, tmp_path: Path) -> None:
    counters.add("n")
    clear(tmp_path / "run")
    assert counters.totals() == {}
