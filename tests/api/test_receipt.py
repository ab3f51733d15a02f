"""What an encode took, for the owner's eyes alone."""

import json
from typing import Any

import pytest

from sluice import layout
from sluice.ports import App
from sluice.video import Status

RECEIPT = {
    "method": "chunks",
    "chunks": 5,
    "chunksReused": 1,
    "cpuSeconds": 12.5,
    "durationSeconds": 8.0,
    "settings": {
        "codec": "h264",
        "preset": "veryfast",
        "crf": 23,
        "keyframeFrames": 50,
        "segmentSeconds": 4.0,
        "audioBitrate": 128000,
    },
    "sourceBitrate": 2000000,
    "renditions": [
        {
            "name": "360",
            "width": 640,
            "height": 360,
            "copied": True,
            "maxBitrate": 800000,
            "bytes": 400000,
            "ssim": 0.98,
        },
        {
            "name": "240",
            "width": 426,
            "height": 240,
            "copied": False,
            "maxBitrate": 400000,
            "bytes": 200000,
            "ssim": None,
        },
    ],
    "audioCopied": True,
    "audioBytes": 120000,
}


@pytest.fixture
def video(shelf: Any, app: App) -> Any:
    """A finished video of Ann's with its receipt."""
    video = shelf.done()
    key = layout.media_key(video.id, video.attempt, layout.RECEIPT)
    app.media.put(key, json.dumps(RECEIPT).encode(), "application/json")
    return video


def test_the_owner_sees_what_the_encode_took(ann: Any, video: Any) -> None:
    assert ann("GET", f"/api/videos/{video.id}/receipt").json == RECEIPT


def test_nobody_else_does(bob: Any, anybody: Any, video: Any) -> None:
    assert bob("GET", f"/api/videos/{video.id}/receipt").status_code == 404
    assert anybody("GET", f"/api/videos/{video.id}/receipt").status_code == 401


def test_there_is_none_before_the_video_is_done(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.PROCESSING, attempt=1, job="job-1")
    # An encode writes it a moment before its end is known.
    app.media.put(layout.media_key(video.id, 1, layout.RECEIPT), json.dumps(RECEIPT).encode(), "application/json")
    assert ann("GET", f"/api/videos/{video.id}/receipt").status_code == 404


def test_there_is_none_of_a_video_that_was_encoded_elsewhere(ann: Any, shelf: Any) -> None:
    assert ann("GET", f"/api/videos/{shelf.done().id}/receipt").status_code == 404
