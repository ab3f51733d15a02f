"""The client's commands: what they print where, and the exit codes they end with."""

import json
from pathlib import Path

import pytest

from sluice.client.command_line import coloured
from sluice.entry.cli import USE
from sluice.video import Failure, Status
from tests.client.conftest import Running, Sluice, ended


def test_videos_are_listed_with_their_state(ann: Sluice, uploaded: str) -> None:
    line = ann("ls").stdout
    assert line.startswith(f"{uploaded}  queued ")
    assert line.rstrip().endswith("a walk")
    assert "\x1b" not in line


def test_a_list_as_json_is_one_object_a_line(ann: Sluice, uploaded: str, film: Path) -> None:
    ann("upload", str(film))
    lines = ann("ls", "--json").stdout.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["a walk", "a walk"]
    assert json.loads(lines[1])["id"] == uploaded


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_list_that_is_cut_short_says_so(ann: Sluice, uploaded: str, film: Path, form: list[str]) -> None:
    ann("upload", str(film))
    end = ann("ls", "-n", "1", *form)
    assert len(end.stdout.splitlines()) == 1
    assert end.stderr == "There are more; `sluice ls -n 0` lists all.\n"


@pytest.mark.parametrize("limit", ["2", "0"])
def test_a_list_that_is_whole_says_nothing(ann: Sluice, uploaded: str, film: Path, limit: str) -> None:
    ann("upload", str(film))
    end = ann("ls", "-n", limit)
    assert (len(end.stdout.splitlines()), end.stderr) == (2, "")


def test_public_videos_are_listed_for_those_whose_session_is_over(ann: Sluice, tmp_path: Path) -> None:
    kept = tmp_path / "sluice" / "sessions.json"
    content = json.loads(kept.read_text())
    over = {at: {**one, "refresh": "r", "expires_at": 1} for at, one in content["sessions"].items()}
    kept.write_text(json.dumps({**content, "sessions": over}))
    assert ann("ls").exit_code == 3
    assert ann("ls", "--public").exit_code == 0


def test_a_video_is_found_by_its_page_too(ann: Sluice, uploaded: str, running: Running) -> None:
    assert ann("show", f"{running.url}/watch/?v={uploaded}").stdout.startswith(f"id           {uploaded}\n")


def test_what_is_no_id_is_wrong_usage(ann: Sluice) -> None:
    assert ann("show", "walk").exit_code == 2


def test_a_video_that_is_not_there(ann: Sluice) -> None:
    end = ann("show", "01JD0000000000000000000001")
    assert (end.exit_code, end.stdout) == (4, "")


def test_edits_are_kept_and_shown(ann: Sluice, uploaded: str, running: Running) -> None:
    shown = json.loads(ann("edit", uploaded, "--title", "Snow", "--visibility", "private", "--json").stdout)
    assert (shown["title"], shown["visibility"]) == ("Snow", "private")
    assert running.home.app.videos.get(uploaded).title == "Snow"


def test_an_edit_of_nothing_is_wrong_usage(ann: Sluice, uploaded: str) -> None:
    assert ann("edit", uploaded).exit_code == 2


def test_nothing_is_deleted_unasked(ann: Sluice, uploaded: str) -> None:
    assert ann("rm", uploaded).exit_code == 2
    assert ann("show", uploaded).exit_code == 0


def test_yes_deletes(ann: Sluice, uploaded: str) -> None:
    assert ann("rm", "--yes", uploaded).stdout == f"{uploaded}\n"
    assert ann("show", uploaded).exit_code == 4


def test_one_that_can_not_be_deleted_is_named_and_does_not_hold_up_the_others(ann: Sluice, uploaded: str) -> None:
    missing = "01JD0000000000000000000001"
    end = ann("rm", "--yes", missing, uploaded)
    assert (end.exit_code, end.stdout) == (4, f"{uploaded}\n")
    assert end.stderr == f"sluice: {missing}: there is no such video, or it is not yours to see\n"


def test_a_failed_video_is_tried_again(ann: Sluice, uploaded: str, running: Running) -> None:
    ended(running.home.app, uploaded, failure=Failure("damaged", "It is damaged."))
    assert "It is damaged. (damaged)" in ann("show", uploaded).stdout
    assert ann("retry", uploaded).exit_code == 0
    assert running.home.app.videos.get(uploaded).status is Status.PENDING


def test_a_retry_of_what_did_not_fail_is_refused(ann: Sluice, uploaded: str) -> None:
    end = ann("retry", uploaded)
    assert end.exit_code == 1
    assert "Only a video that failed can be tried again." in end.stderr


def test_titles_can_not_steer_the_terminal(ann: Sluice, uploaded: str, running: Running) -> None:
    app = running.home.app
    app.videos.save(app.videos.get(uploaded).edit("a\x1b[2Jb", None, None))
    assert "a\N{REPLACEMENT CHARACTER}[2Jb" in ann("ls").stdout


def test_the_page_opens_in_the_browser(ann: Sluice, uploaded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda page: opened.append(page) or True)
    assert ann("open", uploaded).stdout.rstrip() == opened[0]


@pytest.mark.parametrize("name", USE)
def test_every_command_has_help_of_its_own(sluice: Sluice, name: str) -> None:
    assert f"{name} [OPTIONS]" in sluice(name, "--help").stdout
    assert f"  {name} " in sluice("--help").stdout


def test_the_help_tells_the_exit_codes(sluice: Sluice) -> None:
    assert "3 not signed in" in sluice("--help").stdout


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_shells_learn_to_complete(sluice: Sluice, shell: str) -> None:
    assert "_SLUICE_COMPLETE" in sluice("completion", shell).stdout


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({"TERM": "xterm"}, "\x1b[32mdone\x1b[0m"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "done"),
        ({"TERM": "dumb"}, "done"),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    environ: dict[str, str], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert coloured("done", "green") == shown


def test_no_colour_where_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert coloured("done", "green") == "done"


def test_no_colour_where_standard_output_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert coloured("done", "green") == "done"
