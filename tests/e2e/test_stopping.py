"""Told to stop, as systemd does it: an upload that is under way is finished, encodes go back to their queue."""

import http.client
import signal
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.e2e.running import is_alive, until

pytestmark = pytest.mark.e2e

PATIENT_S = "60"


@pytest.fixture
def home(new_running):
    return new_running(STOP_S=PATIENT_S)


@pytest.fixture
def ann(home):
    return home.user()


class HalfAnUpload:
    """An upload of which the server has only the first half."""

    def __init__(self, home, ann, file):
        self.ticket = ann.ticket(filename="film.mp4", title="Under way")
        files = {"file": (file.name, file.read_bytes())}
        ready = requests.Request("POST", self.ticket["url"], data=self.ticket["fields"], files=files).prepare()
        self._rest = ready.body[len(ready.body) // 2 :]
        self._connection = http.client.HTTPConnection("localhost", home.port, timeout=30)
        self._connection.putrequest("POST", urlsplit(self.ticket["url"]).path)
        self._connection.putheader("Content-Type", ready.headers["Content-Type"])
        self._connection.putheader("Content-Length", str(len(ready.body)))
        self._connection.endheaders(ready.body[: len(ready.body) // 2])
        until(lambda: home.files("raw", ".unfinished"), 10, "the upload has begun")

    def finish(self):
        self._connection.send(self._rest)
        status = self._connection.getresponse().status
        self._connection.close()
        return status

    def drop(self):
        self._connection.close()


@pytest.fixture
def half(home, ann, clips):
    """An upload that has begun while an encode runs."""
    encoding = ann.upload(clips / "long.mp4")
    ann.wait(encoding, lambda video: video["status"] == "processing" and home.children("ffmpeg ", "libx264"))
    upload = HalfAnUpload(home, ann, clips / "short.mp4")
    upload.encoding = encoding
    yield upload
    upload.drop()


def takes_connections(home):
    try:
        socket.create_connection(("127.0.0.1", home.port), timeout=2).close()
    except OSError:
        return False
    return True


def test_a_running_upload_is_finished_and_an_encode_goes_back(home, ann, half):
    workers = home.children("sluice worker")
    home.process.send_signal(signal.SIGTERM)
    until(lambda: not any(is_alive(pid) for pid in workers), 5, "the workers are gone at once")
    until(lambda: not takes_connections(home), 5, "nobody new is let in")
    assert home.process.poll() is None
    assert half.finish() == 204
    home.process.wait(10)
    assert home.process.returncode == 0

    home.start()
    assert ann.wait_end(half.ticket["id"])["status"] == "done"
    resumed = ann.wait_end(half.encoding)
    assert (resumed["status"], resumed["playback"]["hls"].split("/")[-2]) == ("done", "2")


def test_a_second_signal_cuts_it_short_and_the_form_can_be_used_again(home, ann, half, clips):
    family = home.family()
    home.process.send_signal(signal.SIGTERM)
    until(lambda: not takes_connections(home), 5, "it is stopping")
    assert home.stop(signal.SIGTERM) < 5
    assert not any(is_alive(pid) for pid in family)

    home.start()
    assert ann.post_file(half.ticket, clips / "short.mp4").status_code == 204
    assert ann.wait_end(half.ticket["id"])["status"] == "done"


def test_without_anything_under_way_it_stops_at_once(home):
    assert home.stop(signal.SIGTERM) < 5
    assert home.process.returncode == 0
