"""The client's commands: what they print where, and the exit codes they end with."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from sluice.client.command_line import coloured
from sluice.entry.cli import USE, main
from sluice.ports import App
from sluice.video import Failure, Status
from tests.client.conftest import PASSWORD, Running
from tests.making import FACTS

Sluice = Callable[..., Result]


@pytest.fixture
def sluice(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Sluice:
    """Runs the command at a folder of settings of its own, and never waits."""
    monkeypatch.setattr(time, "sleep", pauses.append)
    # Whatever home folder the machine's own rules lead to.
    monkeypatch.setattr(click, "get_app_dir", lambda name: str(tmp_path / name))

    def run(*words: str, typed: str | bytes = "", **environ: str) -> Result:
        return CliRunner().invoke(main, words, input=typed, env={"SLUICE_SERVER": running.url, **environ})

    return run


@pytest.fixture
def ann(sluice: Sluice, email: str) -> Sluice:
    """The same, signed in."""
    assert sluice("login", "--email", email, "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    return sluice


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "a walk.mp4"
    path.write_bytes(b"film" * 1000)
    return path


@pytest.fixture
def uploaded(ann: Sluice, film: Path) -> str:
    """The id of a video of hers."""
    return ann("upload", str(film)).stdout.split("\t")[0]


def ended(app: App, video_id: str, failure: Failure | None = None) -> None:
    """The video is as the end of its encode would leave it."""
    video = app.videos.get(video_id).start(FACTS, app.now())
    app.videos.save(video.fail(failure, app.now()) if failure else video.finish(1, FACTS, app.now()))


def test_signing_in_and_out_is_told_on_stderr(ann: Sluice, email: str, running: Running) -> None:
    out = ann("logout")
    assert (out.exit_code, out.stdout) == (0, "")
    assert out.stderr == f"Signed out from {running.url}.\n"
    assert ann("ls").exit_code == 3


def test_signing_out_needs_no_server(ann: Sluice, running: Running, tmp_path: Path, pauses: list[float]) -> None:
    kept = tmp_path / "sluice" / "sessions.json"
    gone = "http://127.0.0.1:1"
    kept.write_text(kept.read_text().replace(running.url, gone))
    out = ann("logout", "--server", gone)
    assert out.exit_code == 0
    assert "the server did not hear of it" in out.stderr
    assert out.stderr.endswith(f"Signed out from {gone}.\n")
    assert ann("logout", "--server", gone).stderr == f"Nobody was signed in at {gone}.\n"
    assert pauses == []


def test_a_wrong_password_is_not_signed_in(sluice: Sluice, email: str) -> None:
    end = sluice("login", "--email", email, "--password-stdin", typed="Wrong-horse-7\n")
    assert end.exit_code == 3
    assert "Incorrect username or password" in end.stderr


def test_signing_in_sets_a_damaged_file_aside(sluice: Sluice, email: str, tmp_path: Path) -> None:
    kept = tmp_path / "sluice" / "sessions.json"
    kept.parent.mkdir()
    kept.write_text("{")
    end = sluice("login", "--email", email, "--password-stdin", typed=f"{PASSWORD}\n")
    assert end.exit_code == 0
    assert str(kept.with_suffix(".damaged")) in end.stderr
    assert kept.with_suffix(".damaged").read_text() == "{"
    assert sluice("ls").exit_code == 0


def test_a_password_that_is_no_text_is_told(sluice: Sluice, email: str) -> None:
    end = sluice("login", "--email", email, "--password-stdin", typed=b"\xff\n")
    assert (end.exit_code, end.stderr) == (1, "sluice: the password on standard input is not UTF-8\n")


def test_a_password_is_not_asked_for_where_nobody_can_answer(sluice: Sluice) -> None:
    end = sluice("login", "--email", "ann@example.org")
    assert end.exit_code == 2
    assert "--password-stdin" in end.stderr


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


def test_a_limit_is_kept(ann: Sluice, uploaded: str, film: Path) -> None:
    ann("upload", str(film))
    assert len(ann("ls", "-n", "1").stdout.splitlines()) == 1


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
    assert ann("download", uploaded, "-o", str(there)).exit_code == 1
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


def test_a_server_that_is_not_there_is_exit_code_5(sluice: Sluice, pauses: list[float]) -> None:
    end = sluice("ls", "--server", "http://127.0.0.1:1")
    assert end.exit_code == 5
    assert "http://127.0.0.1:1 does not answer" in end.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_nobody_waits_for_a_server_of_this_machine_that_was_not_started(
    sluice: Sluice, pauses: list[float], host: str
) -> None:
    end = sluice("ls", "--server", f"http://{host}:1")
    assert (end.exit_code, pauses) == (5, [])
    assert end.stderr.endswith("; start it with `make run`, or say which: sluice login --server URL\n")


def test_a_server_that_is_no_sluice_is_told(sluice: Sluice, running: Running) -> None:
    end = sluice("ls", "--server", f"{running.url}/api")
    assert end.exit_code == 1
    assert "is not a Sluice" in end.stderr


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:abc",
        "http://localhost:99999",
        "http://localhost:0",
        "http://[::1",
        "http://.example.org",
        f"http://{'x' * 64}.example.org",
        "http://exa mple",
        "http://localhost/é",
        "http://localhost/a b",
        "http://",
        "ftp://localhost",
    ],
)
@pytest.mark.parametrize("command", ["ls", "login", "logout"])
def test_what_is_no_address_is_told_at_once(sluice: Sluice, pauses: list[float], command: str, address: str) -> None:
    end = sluice(command, SLUICE_SERVER=address)
    assert (end.exit_code, pauses) == (1, [])
    assert end.stderr.endswith("is not an address of a server; give one like https://video.example.org\n")


def test_a_bad_token_from_the_environment_is_not_signed_in(ann: Sluice) -> None:
    end = ann("ls", SLUICE_TOKEN="no.good.token")
    assert end.exit_code == 3
    assert end.stderr.endswith("the token in SLUICE_TOKEN; set one that is valid, or unset it and run `sluice login`\n")


@pytest.mark.parametrize("token", ["a\nb", "€uro"])
def test_a_token_that_can_not_travel_is_told(ann: Sluice, token: str) -> None:
    end = ann("ls", SLUICE_TOKEN=token)
    assert end.exit_code == 1
    assert end.stderr.startswith("sluice: SLUICE_TOKEN holds what is in no token")
    assert ann("logout", SLUICE_TOKEN=token).exit_code == 0


def test_titles_can_not_steer_the_terminal(ann: Sluice, uploaded: str, running: Running) -> None:
    app = running.home.app
    app.videos.save(app.videos.get(uploaded).edit("a\x1b[2Jb", None, None))
    assert "a\N{REPLACEMENT CHARACTER}[2Jb" in ann("ls").stdout


def test_the_page_opens_in_the_browser(ann: Sluice, uploaded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda page: opened.append(page) or True)
    assert ann("open", uploaded).stdout.rstrip() == opened[0]


def test_a_page_has_its_address_while_the_server_is_down(sluice: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda page: True)
    page = "http://127.0.0.1:1/watch/?v=01JD0000000000000000000001"
    assert sluice("open", page, "--server", "http://127.0.0.1:1").stdout == f"{page}\n"


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


def test_giving_up_at_the_prompt_is_an_interruption(sluice: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr("sluice.client.account_commands._asked", give_up)
    assert sluice("login").exit_code == 130
