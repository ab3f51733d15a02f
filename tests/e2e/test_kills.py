"""Killed at a bad moment: nothing is lost, nothing stays behind, everything ends."""

import os
import signal
import socket
from urllib.parse import urlsplit

import pytest

from tests.e2e.running import is_alive, until

pytestmark = pytest.mark.e2e


@pytest.fixture
def home(new_running):
    return new_running()


@pytest.fixture
def ann(home):
    return home.user()


@pytest.fixture
def encoding(ann, clips):
    """A video whose encode has just become playable."""
    video_id = ann.upload(clips / "long.mp4")
    ann.wait(video_id, lambda video: video["playable"])
    return video_id


def encoding_processes(home):
    """Its ffmpegs; when a first look has just ended, the next ones are about to begin."""
    return until(lambda: home.children("ffmpeg ", "libx264"), 5, "it encodes on")


def kill(pids, number=signal.SIGKILL):
    assert pids
    for pid in pids:
        os.kill(pid, number)


def assert_done_in_attempt(home, ann, video_id, attempt):
    video = ann.wait_end(video_id)
    assert (video["status"], video["error"]) == ("done", None)
    assert video["playback"]["hls"].endswith(f"/{attempt}/master.m3u8")
    media = home.folder / "data" / "media" / video_id
    until(lambda: [path.name for path in media.iterdir()] == [str(attempt)], 5, "only this attempt's media is left")
    assert home.files("work") == []
    # `done` is stored first, then the source goes.
    until(lambda: [path.name for path in home.files("raw")] == [".lock"], 5, "the source is gone with its metadata")
    assert home.children("ffmpeg ", "libx264") == []


def test_a_killed_encoder_worker_is_replaced_and_the_video_done_in_another_attempt(home, ann, encoding):
    ffmpeg = encoding_processes(home)
    kill(home.children("worker encoder"))
    until(lambda: not any(is_alive(pid) for pid in ffmpeg), 2, "its ffmpeg is gone as well")
    assert_done_in_attempt(home, ann, encoding, 2)


def test_a_killed_ffmpeg_is_started_again_in_another_attempt(home, ann, encoding):
    kill(encoding_processes(home))
    assert_done_in_attempt(home, ann, encoding, 2)


def test_killed_lane_workers_lose_no_message(home, ann, clips):
    first = ann.upload(clips / "short.mp4")
    kill(home.children("worker sources"))
    second = ann.upload(clips / "short.mp4")
    assert ann.wait_end(first)["status"] == "done"
    assert ann.wait_end(second)["status"] == "done"


def test_an_interrupt_in_the_middle_of_an_encode_is_quick_and_loses_nothing(home, ann, encoding):
    family = home.family()
    assert home.stop(signal.SIGINT) < 5
    assert not any(is_alive(pid) for pid in family)
    home.start()
    assert_done_in_attempt(home, ann, encoding, 2)


def test_a_killed_supervisor_takes_everything_along_and_the_next_start_goes_on(home, ann, encoding):
    family = home.family()
    home.stop(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in family), 5, "no process outlives it")
    home.start()
    assert_done_in_attempt(home, ann, encoding, 2)


def test_everything_killed_at_once_goes_on_at_the_next_start(home, ann, encoding):
    kill(home.family())
    home.process.wait(5)
    home.start()
    assert_done_in_attempt(home, ann, encoding, 2)


def test_a_web_server_killed_in_the_middle_of_an_upload_keeps_nothing_of_it(home, ann, clips):
    ticket = ann.ticket(filename="film.mp4", title="A film")
    with half_sent(ticket, (clips / "short.mp4").read_bytes()):
        until(lambda: home.files("raw", ".unfinished"), 5, "the upload has begun")
        kill(home.children("sluice serve"))
    until(home.answers, 30, "the web server is back")
    assert not (home.folder / "data" / "raw" / ticket["id"]).exists()
    assert ann.video(ticket["id"])["status"] == "pending"
    assert ann.post_file(ticket, clips / "short.mp4").status_code == 204
    assert ann.wait_end(ticket["id"])["status"] == "done"


def test_what_a_killed_upload_left_behind_is_swept(home, ann, clips):
    with half_sent(ann.ticket(), (clips / "short.mp4").read_bytes()):
        (left,) = until(lambda: home.files("raw", ".unfinished"), 5, "the upload has begun")
        servers = home.children("sluice serve")
        kill(servers)
        until(lambda: not any(is_alive(pid) for pid in servers), 5, "nobody writes any more")
    # The sweep takes what is older than a minute; a worker that starts sweeps at once.
    os.utime(left, (0, 0))
    kill(home.children("worker sources"))
    until(lambda: not left.exists(), 10, "it is swept")


def half_sent(ticket, body):
    """A connection that has sent the form and half of the file, and then nothing more."""
    boundary = "b0undary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in ticket["fields"].items()
    ]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    head = "".join([*parts, file]).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    url = urlsplit(ticket["url"])
    request = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: multipart/form-data; boundary={boundary}\r\n"
        f"Content-Length: {len(head) + len(body) + len(tail)}\r\n\r\n"
    )
    connection = socket.create_connection((url.hostname, url.port), timeout=10)
    connection.sendall(request.encode() + head + body[: len(body) // 2])
    return connection
