"""What `make bench` takes, and what it writes down."""

import pytest

from tests.bench import __main__ as bench
from tests.bench import films
from tests.orders import order


@pytest.fixture(autouse=True)
def page(tmp_path, monkeypatch):
    """Where the page is kept. Nothing is measured, on a machine that has an ffmpeg of the future."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho ffmpeg version 99.1-next Copyright\n")
    program.chmod(0o755)
    monkeypatch.setenv("SLUICE_FFMPEG", str(program))
    # What is set while the test runs is taken back.
    monkeypatch.setenv(films.YOURS, "")
    monkeypatch.setattr(bench, "SECTIONS", {})
    monkeypatch.setattr(bench, "WRITTEN", tmp_path / "BENCH.md")
    return tmp_path / "BENCH.md"


@pytest.fixture
def yours(tmp_path, monkeypatch):
    """A folder with a conformant film, for all that is known of it."""
    monkeypatch.setattr(bench.ours, "order_of", lambda _: order(profile="High", regular=True, bitrate=2_000_000))
    film = tmp_path / "yours" / f"{films.CONFORMANT}.mkv"
    film.parent.mkdir()
    film.touch()
    return film.parent


@pytest.fixture
def run(monkeypatch):
    def run(*words):
        monkeypatch.setattr("sys.argv", ["bench", *map(str, words)])
        bench.main()

    return run


def test_all_of_it_is_written_down_with_the_machine_it_is_of(run, page):
    run()
    assert "ffmpeg 99.1-next. Every row" in page.read_text()


def test_what_people_remark_stays(run, page):
    page.write_text(f"old{bench.REMARKS}It was warm.\n")
    run()
    assert page.read_text().startswith("# How we stand")
    assert page.read_text().endswith(f"{bench.REMARKS}It was warm.\n")


def test_what_comes_of_films_of_yours_is_only_printed(run, page, yours, capsys):
    run("--films", yours)
    assert f"99.1-next, with films of {yours}." in capsys.readouterr().out
    assert not page.exists()


def test_a_folder_without_any_film_for_it_is_refused(run, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run("--films", tmp_path / "nowhere")
    assert f"there is no film in {tmp_path / 'nowhere'}" in capsys.readouterr().err


def test_a_conformant_film_that_can_not_be_copied_is_refused(run, yours, monkeypatch, capsys):
    monkeypatch.setattr(bench.ours, "order_of", lambda _: order(profile="High", regular=True, bitrate=90_000_000))
    with pytest.raises(SystemExit):
        run("--films", yours)
    assert f"{films.CONFORMANT}.mkv can't be copied: its bitrate is high" in capsys.readouterr().err
