"""What was uploaded, and where a download puts it."""

import os
from pathlib import Path

import pytest

from sluice.client.exchange import Answer
from tests.client.conftest import Running, Sluice


def test_the_uploaded_file_is_downloaded_under_its_own_name(
    ann: Sluice, uploaded: str, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert ann("download", uploaded).stdout == f"{film.name}\n"
    assert Path(film.name).read_bytes() == film.read_bytes()


def test_a_download_leaves_alone_what_is_there(ann: Sluice, uploaded: str, tmp_path: Path) -> None:
    there = tmp_path / "mine.mp4"
    there.write_text("mine")
    end = ann("download", uploaded, "-o", str(there))
    assert (end.exit_code, end.stderr) == (1, f"sluice: {there} is there already; give another name with -o\n")
    assert there.read_text() == "mine"


def test_a_download_to_a_folder_keeps_its_name(ann: Sluice, uploaded: str, film: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    there = tmp_path / "here" / film.name
    assert ann("download", uploaded, "-o", str(there.parent)).stdout == f"{there}\n"
    assert there.read_bytes() == film.read_bytes()


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_a_download_to_standard_output_is_the_file_and_nothing_else(
    ann: Sluice, uploaded: str, film: Path, output: str
) -> None:
    end = ann("download", uploaded, "-o", output)
    assert (end.exit_code, end.stdout_bytes) == (0, film.read_bytes())


def test_a_download_may_have_any_name(ann: Sluice, uploaded: str, tmp_path: Path) -> None:
    there = tmp_path / "caf\udce9.mp4"
    assert ann("download", uploaded, "-o", str(there)).stdout_bytes == os.fsencode(there) + b"\n"


@pytest.mark.parametrize(
    ("given", "kept"), [("../../walk.mp4", "walk.mp4"), ("..", "Untitled"), ("a\nb", "a\N{REPLACEMENT CHARACTER}b")]
)
def test_the_server_s_name_for_a_download_leads_out_of_no_folder(
    ann: Sluice, uploaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    real = Answer.json
    monkeypatch.setattr(Answer, "json", lambda answer: {**real(answer), "fileName": given})
    (tmp_path / "here").mkdir()
    assert ann("download", uploaded, "-o", str(tmp_path / "here")).exit_code == 0
    assert [path.name for path in (tmp_path / "here").iterdir()] == [kept]


def test_a_download_that_fails_leaves_nothing(
    ann: Sluice, uploaded: str, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.home.downloads, "file_name", lambda key, query: None)
    end = ann("download", uploaded, "-o", str(tmp_path / "walk.mp4"))
    assert (end.exit_code, end.stdout) == (5, "")
    assert not (tmp_path / "walk.mp4").exists()


def test_what_was_uploaded_may_be_gone(ann: Sluice, uploaded: str, running: Running) -> None:
    running.home.sources.delete(uploaded)
    end = ann("download", uploaded)
    assert end.exit_code == 1
    assert "The uploaded file is no longer kept." in end.stderr
