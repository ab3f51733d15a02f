"""A real small disk that somebody else fills: uploads stop, what runs ends, and it all comes back by itself."""

import os

import pytest
import requests

from tests.e2e.running import until

from .clips import make_clips
from .place import Place

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    one = Place(tmp_path_factory.mktemp("small") / "home", disk_mb=96, reserve_mb=24)
    if not one.mounted:
        pytest.skip("no tmpfs may be mounted here; tests/unit/test_room.py goes by an injected disk")
    yield one.start()
    one.stop()
    one.clean_up()


@pytest.fixture(scope="module")
def ann(place):
    return place.running.user()


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return make_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def filled(place):
    """Fills the disk but for so many megabytes, until the test is over."""
    filler = place.data / ".somebody-else"

    def fill_but(megabytes):
        filler.unlink(missing_ok=True)
        usage = os.statvfs(place.data)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, usage.f_bavail * usage.f_frsize - int(megabytes * (1 << 20)))

    yield fill_but
    filler.unlink(missing_ok=True)


def test_uploads_are_refused_while_an_encode_that_runs_still_ends(place, ann, clips, filled):
    early = ann.ticket(filename="short.mp4")
    running = ann.upload(clips["long"].path)
    filled(18)
    refused = ann.call("POST", "/uploads", json={"filename": "short.mp4"})
    late = ann.post_file(early, clips["short"].path)
    ready = requests.get(f"{place.running.url}/api/ready", timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (507, "no_space")
    assert late.status_code == 507
    assert ready.json()["parts"]["disk"] == "no_space"
    assert ann.wait_end(running)["status"] == "done"


def test_an_encode_that_would_eat_the_databases_room_fails_with_that_reason_and_can_be_tried_again(ann, clips, filled):
    running = ann.upload(clips["long"].path)
    filled(6)
    failed = ann.wait_end(running)
    filled(40)
    again = ann.call("POST", f"/videos/{running}/retry")
    assert (failed["status"], failed["error"]["code"]) == ("failed", "no_space")
    assert again.status_code == 202
    assert ann.wait_end(running)["status"] == "done"


def test_without_any_room_all_waits_and_goes_on_once_there_is_some(place, ann, clips, filled):
    def complaints():
        # Of whoever wanted to write first: the database, or an ffmpeg.
        return place.running.words("disk is full") + place.running.words("No space left on device")

    before = complaints()
    waiting = ann.upload(clips["short"].path)
    filled(0)
    until(lambda: complaints() > before, 30, "it finds the disk full")
    filled(40)
    assert ann.wait_end(waiting)["status"] in ("done", "failed")
    assert ann.wait_end(ann.upload(clips["short"].path))["status"] == "done"
