"""`sluice upload`: files of any name, words that fit, and waiting for the encode."""

import json
import time
from pathlib import Path

import pytest

from sluice.video import Failure
from tests.client.conftest import Running, Sluice, ended


def test_an_upload_prints_id_and_page_and_nothing_else(ann: Sluice, film: Path, running: Running) -> None:
    end = ann("upload", str(film))
    video_id, page = end.stdout.rstrip("\n").split("\t")
    assert page == f"{running.url}/watch/?v={video_id}"
    assert (end.exit_code, end.stderr) == (0, "")
    assert running.home.app.videos.get(video_id).title == "a walk"


def test_one_bad_file_does_not_hold_up_the_others(ann: Sluice, film: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    end = ann("upload", str(tmp_path / "empty.mp4"), str(film))
    assert end.exit_code == 1
    assert "empty.mp4" in end.stderr
    assert len(end.stdout.splitlines()) == 1


def test_a_file_that_is_gone_when_its_turn_comes_does_not_hold_up_the_others(
    ann: Sluice, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = tmp_path / "doomed.mp4"
    doomed.write_bytes(b"film")
    monkeypatch.setattr("sluice.client.uploading.name_of", lambda path: doomed.unlink(missing_ok=True) or path.name)
    end = ann("upload", str(film), str(doomed), str(film))
    assert end.exit_code == 1
    assert "doomed.mp4" in end.stderr
    assert len(end.stdout.splitlines()) == 2


def test_one_title_is_not_given_to_several_files(ann: Sluice, film: Path) -> None:
    assert ann("upload", "--title", "A walk", str(film), str(film)).exit_code == 2


@pytest.mark.parametrize("words", [("--title", "x" * 201), ("--title", "a\nb"), ("--description", "x" * 5001)])
def test_words_that_do_not_fit_are_told_before_anything_is_sent(
    ann: Sluice, film: Path, words: tuple[str, str]
) -> None:
    end = ann("upload", *words, str(film))
    assert (end.exit_code, end.stdout) == (2, "")
    assert words[0] in end.stderr


def test_a_long_name_makes_a_title_that_fits(ann: Sluice, tmp_path: Path, running: Running) -> None:
    film = tmp_path / f"{'x' * 240}.mp4"
    film.write_bytes(b"film")
    end = ann("upload", str(film))
    assert end.exit_code == 0
    assert running.home.app.videos.get(end.stdout.split("\t")[0]).title == "x" * 200


@pytest.mark.parametrize("name", ["a\x1b[2Jb.mp4", "a\nb.mp4", "caf\udce9.mp4"])
def test_any_name_of_a_file_is_uploaded(ann: Sluice, tmp_path: Path, running: Running, name: str) -> None:
    (tmp_path / name).write_bytes(b"film")
    end = ann("upload", str(tmp_path / name))
    assert (end.exit_code, end.stderr) == (0, "")
    assert "\N{REPLACEMENT CHARACTER}" in str(running.home.app.videos.get(end.stdout.split("\t")[0]).filename)


def test_names_of_files_can_not_steer_the_terminal(ann: Sluice, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2Jb.mp4").touch()
    assert "a\N{REPLACEMENT CHARACTER}[2Jb.mp4: " in ann("upload", str(tmp_path / "a\x1b[2Jb.mp4")).stderr


def test_waiting_ends_with_the_encode(
    ann: Sluice, film: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: ended(running.home.app, json.loads(ann("ls", "--json").stdout)["id"]))
    end = ann("upload", "--wait", "--json", str(film))
    assert end.exit_code == 0
    assert json.loads(end.stdout)["status"] == "done"


def test_waiting_for_a_video_that_fails_is_exit_code_6(
    ann: Sluice, film: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Failure("damaged", "It is damaged.")
    monkeypatch.setattr(
        time, "sleep", lambda _: ended(running.home.app, json.loads(ann("ls", "--json").stdout)["id"], failure=bad)
    )
    end = ann("upload", "--wait", str(film))
    assert (end.exit_code, end.stdout) == (6, "")
    assert "It is damaged. (damaged)" in end.stderr
