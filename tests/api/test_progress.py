"""How far a video is, and asking again."""

from typing import Any

import pytest

from sluice.api.schemas import VideoStatus
from sluice.api.wire import read
from sluice.ports import App
from sluice.video import Failure, Progress, Status


def stage(caller: Any, video: Any) -> tuple[Any, ...]:
    progress = read(VideoStatus, caller("GET", f"/api/videos/{video.id}/status").json).progress
    return progress.stage, progress.percent, progress.seconds_left


def test_a_video_without_a_file_is_uploading(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.ticket()) == ("uploading", 0.0, None)


def test_a_video_with_a_file_is_queued(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.draft()) == ("queued", 0.0, None)


def test_a_video_that_no_encoder_took_is_queued(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.published(status=Status.PROCESSING, attempt=1)) == ("queued", 0.0, None)


def test_a_video_that_is_being_encoded_tells_how_far_it_is(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.PROCESSING, attempt=1, job="job-1")
    app.videos.note(video.id, 1, Progress(41.26, 17.04), playable=False)

    assert stage(ann, video) == ("encoding", 41.3, 17.0)


def test_a_finished_video_is_at_100(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.done()) == ("done", 100.0, None)


def test_a_failed_video_says_so(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.draft(status=Status.FAILED, failure=Failure("x", "y"))) == ("failed", 0.0, None)


def test_a_video_may_be_watched_before_it_is_done(anybody: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.PROCESSING, attempt=2, job="job-1")
    app.videos.note(video.id, 2, Progress(10.0), playable=True)

    shown = anybody("GET", f"/api/videos/{video.id}").json

    assert shown["playable"] is True
    assert shown["playback"] == {
        "hls": f"https://sluice.example.org/media/{video.id}/2/master.m3u8",
        "thumbnail": None,
    }


@pytest.mark.parametrize("suffix", ["", "/status"])
def test_an_unchanged_video_is_not_sent_again(ann: Any, shelf: Any, suffix: str) -> None:
    path = f"/api/videos/{shelf.done().id}{suffix}"
    first = ann("GET", path)

    again = ann("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")


def test_a_changed_video_is_sent_again(ann: Any, shelf: Any) -> None:
    path = f"/api/videos/{shelf.done().id}"
    first = ann("GET", path)
    ann("PATCH", path, json={"title": "Another"})

    again = ann("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.json["title"]) == (200, "Another")


def test_owner_and_viewer_have_different_etags(ann: Any, bob: Any, shelf: Any) -> None:
    path = f"/api/videos/{shelf.done().id}"

    assert ann("GET", path).headers["ETag"] != bob("GET", path).headers["ETag"]


def test_answers_are_for_their_caller_alone(ann: Any, shelf: Any) -> None:
    answer = ann("GET", f"/api/videos/{shelf.done().id}")

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
