"""A backup taken while uploads and encodes run, restored, and compared with what it was taken from."""

import json
import threading

import pytest
import requests

from tests.e2e.running import Running

pytestmark = pytest.mark.e2e


@pytest.fixture
def first(new_running):
    return new_running("first")


@pytest.fixture
def ann(first):
    return first.user("ann")


@pytest.fixture
def ended(ann, clips):
    """A video that is done and one that failed."""
    return [ann.wait_end(ann.upload(clips / name)) for name in ("short.mp4", "text.mp4")]


@pytest.fixture
def saved(first, ann, ended, clips, tmp_path):
    """A backup from the middle of some uploads and of an encode."""
    ann.wait(ann.upload(clips / "long.mp4"), lambda video: video["progress"]["stage"] == "encoding")
    uploads = [threading.Thread(target=ann.upload, args=(clips / "long.mp4",)) for _ in range(4)]
    for upload in uploads:
        upload.start()
    first.sluice("backup", str(tmp_path / "backup"))
    for upload in uploads:
        upload.join()
    return tmp_path / "backup"


@pytest.fixture
def second(first, saved, tmp_path):
    """Another folder, with the backup in it, at the address of the first; not started yet."""
    first.stop()
    (tmp_path / "second").mkdir()
    second = Running(tmp_path / "second")
    second.port, second.url = first.port, first.url
    second.environment["SLUICE_PORT"] = str(first.port)
    second.sluice("restore", str(saved))
    yield second
    if second.process:
        second.end()


def test_what_is_restored_from_the_middle_of_the_work_goes_on_to_its_end(second, ann, ended):
    videos = [json.loads(line) for line in second.sluice("videos", "--json").splitlines()]
    assert "processing" in [video["state"] for video in videos]
    assert second.sluice("gc", "--dry-run") == ""

    second.start()

    assert [ann.video(video["id"]) for video in ended] == ended
    assert requests.get(ended[0]["playback"]["hls"], timeout=5).text.startswith("#EXTM3U")
    assert ann.sign_in()
    mine = ann.call("GET", "/me/videos").json()["items"]
    # A ticket whose file had not come yet is in the backup too; nothing will ever come for it.
    started = [video["id"] for video in mine if video["progress"]["stage"] != "uploading"]
    assert [ann.wait_end(video_id, 150)["status"] for video_id in started[:-2]] == ["done"] * (len(started) - 2)
