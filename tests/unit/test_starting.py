"""How commands begin: the log in the form that was asked for, and tools that can do their work."""

import errno
import io
import json
import logging

import pytest
from gunicorn.config import Config

from sluice.entry.cli import main
from sluice.entry.processes import greeting
from sluice.entry.serve import ServerLog
from sluice.entry.starting import ready, remedies, try_tools
from sluice.settings import BadSettings, Settings
from tests.making import an_id


@pytest.fixture
def line(monkeypatch, capsys):
    """What one line of the log looks like under these settings."""
    root = logging.getLogger()
    level = root.level

    def line(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"SLUICE_{name}", value)
        # Those of the test's own runner are there by now.
        monkeypatch.setattr(root, "handlers", [])
        ready()
        logging.getLogger("sluice.changes").info("video=%s request=%s pending->processing", an_id(1), "r-1")
        return capsys.readouterr().err

    yield line
    root.setLevel(level)


def test_lines_are_text_for_people_unless_asked_otherwise(line):
    assert line().endswith(f"INFO sluice.changes video={an_id(1)} request=r-1 pending->processing\n")


def test_lines_are_json_for_machines(line):
    found = json.loads(line(LOG_FORMAT="json"))
    assert (found["level"], found["logger"]) == ("INFO", "sluice.changes")
    assert (found["video"], found["request"]) == (an_id(1), "r-1")


def test_the_web_server_s_own_lines_are_text_like_ours(line, capsys):
    line()
    ServerLog(Config()).warning("Invalid request from ip=%s", "::1")
    assert capsys.readouterr().err.endswith("WARNING gunicorn.error Invalid request from ip=::1\n")


def test_the_web_server_s_own_lines_are_json_like_ours(line, capsys):
    line(LOG_FORMAT="json")
    ServerLog(Config()).warning("Invalid request from ip=%s", "::1")
    found = json.loads(capsys.readouterr().err)
    assert (found["level"], found["message"]) == ("WARNING", "Invalid request from ip=::1")


def test_a_misspelt_setting_is_told_in_the_log(line):
    assert "WARNING sluice.entry.starting SLUICE_WORKER is not a setting of Sluice; SLUICE_WORKERS is one" in line(
        WORKER="2"
    )


def test_lines_below_the_level_are_left_out(line):
    assert line(LOG_LEVEL="WARNING") == ""


def test_who_interrupts_a_command_is_told_so(capsys):
    @remedies
    def command():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as end:
        command()
    assert (end.value.code, capsys.readouterr().err) == (130, "sluice: interrupted\n")


class Full(io.StringIO):
    """Standard output on a disk without room."""

    def write(self, _):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("words", [["openapi"], ["completion", "bash"]])
def test_output_that_finds_no_room_is_told_in_one_line(words, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout", Full())
    with pytest.raises(SystemExit) as end:
        main(words)
    assert (end.value.code, capsys.readouterr().err) == (1, "sluice: [Errno 28] No space left on device\n")


def tried(folder, **bodies):
    """What is said of tools that do this, and leave their work undone."""
    tools = {}
    for name, body in bodies.items():
        tools[name] = str(folder / name)
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    with pytest.raises(BadSettings) as bad:
        try_tools(Settings(data=folder / "data", **tools))
    (problem,) = bad.value.problems
    return problem.removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exit 1", "ffmpeg can't encode (exit code 1)"),
        ("exit 0", "ffmpeg can't encode (exit code 0)"),
        ("echo \"Unknown encoder 'libx264'\" >&2; exit 1", "ffmpeg can't encode (Unknown encoder 'libx264')"),
        ("echo 'libavutil.so.57: file too short' >&2; exit 127", "libavutil.so.57: file too short"),
    ],
)
def test_an_ffmpeg_that_cannot_encode_is_told_with_the_remedy(tmp_path, body, words):
    assert tried(tmp_path, ffmpeg=body, ffprobe="exit 0") == (
        f"{words}; install ffmpeg (apt-get install ffmpeg, or brew install ffmpeg) or set SLUICE_FFMPEG"
    )


MAKES_A_FILM = "touch film.mp4"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exit 1", "ffprobe can't read what"),
        ("exit 0", "ffprobe can't read what"),
        ("echo 'libavutil.so.57: file too short' >&2; exit 127", "libavutil.so.57: file too short"),
    ],
)
def test_an_ffprobe_that_cannot_read_is_told_with_the_remedy(tmp_path, body, words):
    problem = tried(tmp_path, ffmpeg=MAKES_A_FILM, ffprobe=body)
    assert problem.startswith(words)
    assert problem.endswith("or set SLUICE_FFPROBE")


@pytest.mark.parametrize("trouble", ["echo 'film.mp4: No space left on device' >&2; exit 1", "kill -KILL $$"])
def test_a_full_disk_or_a_killed_try_keeps_nobody_from_starting(tmp_path, trouble):
    (tmp_path / "ffmpeg").write_text(f"#!/bin/sh\n{trouble}\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    try_tools(Settings(data=tmp_path, ffmpeg=str(tmp_path / "ffmpeg")))
    assert [path.name for path in tmp_path.iterdir()] == ["ffmpeg"]


def test_the_greeting_tells_of_the_outbox_where_there_is_one():
    assert "http://127.0.0.1:8000/cognito/outbox" in greeting(Settings(public_url="http://127.0.0.1:8000"))
    assert "outbox" not in greeting(Settings(public_url="https://localhost.example.org"))
