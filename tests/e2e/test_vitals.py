"""A whole Sluice seen from outside: ready or not, and numbers gathered from all its processes."""

import os
import signal

import pytest
import requests

from tests.e2e.running import until
from tests.vitals.exposition import read

pytestmark = pytest.mark.e2e


def scrape(running):
    answer = requests.get(f"{running.url}/metrics", timeout=5)
    assert answer.status_code == 200
    return read(answer.text)


def value(running, name, **labels):
    return scrape(running).get((name, frozenset(labels.items())), 0)


def test_a_video_leaves_its_traces_in_the_numbers(new_running, clips):
    running = new_running()
    ann = running.user()
    video = ann.wait_end(ann.upload(clips / "flash.mp4"))
    ann.wait_end(ann.upload(clips / "text.mp4"))

    assert value(running, "sluice_videos_ended_total", status="done", code="") == 1
    assert value(running, "sluice_videos_ended_total", status="failed", code="not_a_video") == 1
    assert value(running, "sluice_encoded_media_seconds_total") == pytest.approx(video["duration"], abs=0.01)
    assert value(running, "sluice_done_after_seconds_count") == 1
    assert value(running, "sluice_playable_after_seconds_count") == 1
    assert value(running, "sluice_http_requests_total", route="/api/uploads", method="POST", code="201") == 2
    assert value(running, "sluice_encodes_running") == 0


def test_a_count_is_the_same_whichever_process_answers(running):
    before = value(running, "sluice_http_requests_total", route="/api/videos", method="GET", code="200")
    for_each = [requests.get(f"{running.url}/api/videos", timeout=5).status_code for _ in range(40)]
    seen = {
        value(running, "sluice_http_requests_total", route="/api/videos", method="GET", code="200") for _ in for_each
    }
    assert seen == {before + 40}


def test_it_is_ready_until_its_workers_are_gone(new_running):
    running = new_running()

    def ready():
        return requests.get(f"{running.url}/api/ready", timeout=5)

    until(lambda: ready().status_code == 200, 20, "it is ready")
    (lanes,) = running.children("worker", "sources", "tasks")
    # Otherwise the supervisor starts another one before anybody can look.
    running.process.send_signal(signal.SIGSTOP)
    os.kill(lanes, signal.SIGKILL)
    until(lambda: ready().status_code == 503, 5, "it is not ready")
    assert ready().json()["parts"]["workers"] == "nobody works on sources, encodes, tasks"
    running.process.send_signal(signal.SIGCONT)
    until(lambda: ready().status_code == 200, 20, "it is ready again")
