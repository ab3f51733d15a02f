"""The `sluice` command as a process of its own, against a whole Sluice."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.client.line import Line
from tests.e2e.running import PASSWORD, until

pytestmark = pytest.mark.e2e


class Command:
    """`python -m sluice` with a folder of settings of its own."""

    def __init__(self, running, folder):
        self.running = running
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
        self.environment = {**kept, "XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "TERM": "xterm"}

    def __call__(self, *words, typed="", **environ):
        """Run it to its end."""
        return subprocess.run(
            self._argv(words), env=self._env(environ), input=typed, capture_output=True, text=True, timeout=90
        )

    def start(self, *words, **environ):
        """Run it and leave it running; it gets a terminal for its words."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            self._argv(words), env=self._env(environ), stdout=subprocess.PIPE, stderr=slave, stdin=subprocess.DEVNULL
        )
        os.close(slave)
        return process, Words(master)

    def _argv(self, words):
        return [sys.executable, "-m", "sluice", *words]

    def _env(self, environ):
        return {**self.environment, "SLUICE_SERVER": self.running.url, **environ}


class Words:
    """What comes out of a terminal, as it comes."""

    def __init__(self, terminal):
        self._terminal = terminal
        self._text = b""
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        try:
            while piece := os.read(self._terminal, 4096):
                self._text += piece
        except OSError:
            # This is how a terminal says that its last writer has gone.
            os.close(self._terminal)

    @property
    def text(self):
        return self._text.decode()

    def all(self):
        self._thread.join(10)
        return self.text


@pytest.fixture(scope="module")
def command(running, tmp_path_factory):
    """Signed in as Ann."""
    ann = running.user("ann")
    command = Command(running, tmp_path_factory.mktemp("settings"))
    done = command("login", "--email", ann.mail, "--password-stdin", typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return command


def test_an_upload_is_waited_for_until_it_can_be_watched(command, clips):
    done = command("upload", "--wait", "--json", "--visibility", "unlisted", str(clips / "short.mp4"))
    assert (done.returncode, done.stderr) == (0, "")
    video = json.loads(done.stdout)
    assert (video["status"], video["title"], video["visibility"]) == ("done", "short", "unlisted")


def test_a_terminal_sees_the_bytes_and_then_the_encode(command, clips):
    process, words = command.start("upload", "--wait", str(clips / "long.mp4"))
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    assert len(out.decode().splitlines()) == 1
    shown = words.all()
    assert "long.mp4 [" in shown
    assert " MB of " in shown
    assert "] 100 % done" in shown


def test_what_is_no_film_ends_with_the_reason(command, clips):
    done = command("upload", "--wait", str(clips / "text.mp4"))
    assert (done.returncode, done.stdout) == (6, "")
    assert "This is not a video file" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_stopped_in_the_middle_leaves_nothing_behind(command, running, tmp_path, number):
    film = tmp_path / "large.mp4"
    film.write_bytes(b"film" * 5_000_000)
    before = command("ls", "--json", "-n", "0").stdout
    slow = Line(running.port, stall_at=2_000_000)
    process, words = command.start("upload", "--server", slow.url, str(film), SLUICE_TOKEN=token(command))
    until(lambda: "large.mp4 [" in words.text, 30, "the upload has begun")
    assert command("ls", "--json", "-n", "0").stdout != before

    process.send_signal(number)
    out, _ = process.communicate(timeout=30)

    slow.close()
    assert (process.returncode, out) == (130, b"")
    assert "sluice: interrupted" in words.all()
    assert command("ls", "--json", "-n", "0").stdout == before


def token(command):
    """The kept access token."""
    (path,) = Path(command.environment["XDG_CONFIG_HOME"]).rglob("sessions.json")
    return json.loads(path.read_bytes())["sessions"][command.running.url]["access"]


def test_a_token_of_ones_own_needs_no_sign_in(command, tmp_path):
    stranger = Command(command.running, tmp_path)
    assert stranger("ls").returncode == 3
    assert stranger("ls", SLUICE_TOKEN=token(command)).returncode == 0


def test_half_a_list_is_no_failure_of_ours(command, clips):
    command("upload", str(clips / "short.mp4"))
    argv = f"{sys.executable} -m sluice ls | head -c 1"
    done = subprocess.run(
        argv, shell=True, env=command._env({}), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stderr == ""
