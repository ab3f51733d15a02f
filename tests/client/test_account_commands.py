"""Signing in and out, and the servers and tokens that are no good for it."""

from pathlib import Path

import click
import pytest

from tests.client.conftest import PASSWORD, Running, Sluice


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


def test_a_page_has_its_address_while_the_server_is_down(sluice: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda page: True)
    page = "http://127.0.0.1:1/watch/?v=01JD0000000000000000000001"
    assert sluice("open", page, "--server", "http://127.0.0.1:1").stdout == f"{page}\n"


def test_giving_up_at_the_prompt_is_an_interruption(sluice: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr("sluice.client.account_commands._asked", give_up)
    assert sluice("login").exit_code == 130
