"""`sluice run`: one command, all processes, and what it says when it can't."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sluice.entry.processes import Child
from tests.e2e.running import free_port, is_alive, until
from tests.faults.processes import living

pytestmark = pytest.mark.e2e


def run_again(home, command="run", **changes):
    """What a second `sluice run` says and how it ends; or another command."""
    environment = {**home.environment, **changes}
    return subprocess.run(
        [sys.executable, "-m", "sluice", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_says_where_to_go_and_stops_within_five_seconds(new_running):
    home = new_running()
    until(lambda: f"Sluice runs: {home.url}" in home.log.read_text(), 10, "it says where to go")
    family = home.family()
    assert len(family) >= 4
    assert home.stop(signal.SIGINT) < 5
    assert home.process.returncode == 0
    assert not any(is_alive(pid) for pid in family)
    assert list((home.folder / "data" / "run").glob("*.bell")) == []


def test_a_closed_terminal_stops_it_in_order(new_running):
    home = new_running()
    family = home.family()
    assert home.stop(signal.SIGHUP) < 5
    assert home.process.returncode == 0
    assert not any(is_alive(pid) for pid in family)


@pytest.mark.parametrize("child", ["sluice serve", "worker sources", "worker encoder"])
def test_a_child_that_dies_is_started_again(running, child):
    before = set(running.children(child))
    os.kill(min(before), signal.SIGKILL)
    until(lambda: set(running.children(child)) - before, 10, "a new one runs")
    # Those that a dead web server has left answer for a while.
    until(lambda: not any(map(is_alive, before)), 10, "the old ones are gone")
    until(running.answers, 10, "it answers")


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not tell who holds a lock")
@pytest.mark.parametrize("name", ["sluice.db", "identity.db", "run/rates.db"])
def test_every_web_process_holds_a_lock_of_its_own_on_what_it_keeps(running, name):
    """SQLite takes the log away with the last process that has one, and with it what the others write."""
    file = (running.folder / "data" / name).stat().st_ino

    def without_a_lock():
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        return set(running.children("sluice serve")) - {int(one[-4]) for one in locks if one[-3].endswith(f":{file}")}

    # Their parent has none open: what they inherited would be none of theirs.
    (parent,) = (pid for pid, one in living().items() if one.parent == running.process.pid and one.kind == "serve")
    until(lambda: without_a_lock() == {parent}, 10, "all but their parent have locked it")


def test_a_second_start_on_the_same_folder_says_so(running):
    again = run_again(running)
    assert again.returncode == 1
    assert re.search(r"another Sluice uses .*; stop it, or set SLUICE_DATA", again.stderr)


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_second_start_on_the_same_port_says_so(running, tmp_path, command):
    again = run_again(running, command, SLUICE_DATA=str(tmp_path))
    assert again.returncode == 1
    assert f"make run PORT={running.port + 1}" in again.stderr


def test_a_data_folder_that_cannot_be_one_is_told_with_the_remedy(running, tmp_path):
    (tmp_path / "file").touch()
    again = run_again(running, SLUICE_DATA=str(tmp_path / "file"))
    assert again.returncode == 1
    assert "let this account write to it, or set SLUICE_DATA" in again.stderr


def test_a_folder_that_is_not_restored_yet_is_told_with_the_remedy(running, tmp_path):
    (tmp_path / ".restoring").touch()
    again = run_again(running, SLUICE_DATA=str(tmp_path), SLUICE_PORT=str(free_port()))
    assert again.returncode == 1
    assert "has not come to its end; run it again" in again.stderr


def test_bad_settings_are_told_all_at_once(running):
    again = run_again(running, SLUICE_WORKERS="many", SLUICE_SMTP_URL="mail.example.org")
    assert again.returncode == 2
    assert len(again.stderr.splitlines()) == 2
    assert "Traceback" not in again.stderr


def test_missing_ffmpeg_is_told_with_the_remedy(running, tmp_path):
    again = run_again(running, SLUICE_FFMPEG="/nowhere/ffmpeg", SLUICE_DATA=str(tmp_path))
    assert again.returncode == 2
    assert "install ffmpeg" in again.stderr


@pytest.mark.parametrize("tool", ["FFMPEG", "FFPROBE"])
def test_a_tool_that_runs_but_cannot_work_is_told_with_the_remedy(running, tmp_path, tool):
    elsewhere = {"SLUICE_DATA": str(tmp_path), "SLUICE_PORT": str(free_port())}
    again = run_again(running, **elsewhere, **{f"SLUICE_{tool}": "/bin/false"})
    assert again.returncode == 2
    (line,) = again.stderr.splitlines()
    assert line.startswith("sluice: /bin/false can't")
    assert line.endswith(f"or set SLUICE_{tool}")


def test_a_tool_that_breaks_later_is_waited_for(new_running, clips, tmp_path):
    tool = a_tool(tmp_path, 'exec ffmpeg "$@"')
    running = new_running(FFMPEG=str(tool))
    ann = running.user()
    a_tool(tmp_path, "echo 'libavutil.so.57: file too short' >&2; exit 127")
    film = ann.upload(clips / "short.mp4")
    until(lambda: running.words("put back until"), 20, "it is put back")
    parts = requests.get(f"{running.url}/api/ready", timeout=10).json()["parts"]
    assert (parts["tools"], parts["workers"]) == ("ffmpeg can't be run", "ok")
    (worker,) = running.children("worker", "sources", "tasks")
    os.kill(worker, signal.SIGKILL)
    until(lambda: set(running.children("worker", "sources", "tasks")) - {worker}, 10, "a new one runs")
    a_tool(tmp_path, 'exec ffmpeg "$@"')
    assert ann.wait_end(film)["status"] == "done"


def a_tool(folder, body):
    """A program that may be replaced while others run it."""
    (folder / "new").write_text(f"#!/bin/sh\n{body}\n")
    (folder / "new").chmod(0o755)
    return (folder / "new").rename(folder / "tool")


def test_the_signing_key_can_be_rotated_while_it_runs(running):
    ann = running.user("ann")
    running.sluice("keys", "rotate")
    assert ann.call("GET", "/me/videos").status_code == 200
    ann.token = ann.sign_in()
    assert ann.call("GET", "/me/videos").status_code == 200


def test_a_child_that_cannot_be_started_now_is_tried_again(monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    child = Child("one", ["sleep", "60"])
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", refuse)
        child.look()
    assert child.process is None
    until(lambda: child.look() or child.process, 5, "it is started once there is a process for it")
    child.signal(signal.SIGKILL)
    assert child.process.wait(5) == -signal.SIGKILL


def test_a_start_with_too_few_files_says_so(running, tmp_path):
    command = ["sh", "-c", f'ulimit -n 64; exec "{sys.executable}" -m sluice run']
    environment = {**running.environment, "SLUICE_DATA": str(tmp_path)}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("sluice: too few files")


def test_a_worker_that_is_no_longer_whole_ends(tmp_path):
    lacking = (
        "import sys; from sluice.entry import cli, worker; worker.Doorbell = None; "
        "sys.argv = ['sluice', 'worker', 'tasks', 'sources']; cli.main()"
    )
    environment = {**os.environ, "SLUICE_DATA": str(tmp_path)}
    command = [sys.executable, "-c", lacking]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "sluice: a part of this worker failed; the lines above say why"


def test_what_cannot_stop_when_its_supervisor_is_gone_is_killed():
    deaf = (
        "import signal, time; from sluice.entry.processes import tie_to; "
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); tie_to(0, 0); time.sleep(60)"
    )
    ended = subprocess.run([sys.executable, "-c", deaf], timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL
