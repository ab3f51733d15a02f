"""Whatever is sent to the API, it answers as its description says: schemathesis tries for a minute, or as told."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
SECONDS = int(os.environ.get("FUZZ_S", "20"))


@pytest.fixture
def videos(new_running, clips):
    """A user with a video in every state, and their ids."""
    running = new_running()
    ann = running.user()
    ids = [ann.upload(clips / "short.mp4"), ann.upload(clips / "text.mp4", visibility="private")]
    ended = [ann.wait_end(video_id)["status"] for video_id in ids]
    assert ended == ["done", "failed"]
    uploaded = ann.ticket(filename="short.mp4")
    ann.post_file(uploaded, clips / "short.mp4")
    return running, ann, [*ids, uploaded["id"], ann.ticket()["id"]]


@pytest.mark.skipif(SECONDS == 0, reason="FUZZ_S=0")
def test_everything_is_answered_as_described(videos, tmp_path):
    running, ann, ids = videos
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "fuzz.toml", "run"]
    # A good cursor, or a key that was not used for another request, looks like any other text: no description can tell.
    checks = ["--checks", "all", "--exclude-checks", "positive_data_acceptance", "--continue-on-failure"]
    bounds = ["--max-time", str(SECONDS), "--header", f"Authorization: Bearer {ann.token}", "--no-color"]
    done = subprocess.run(
        [*command, f"{running.url}/api/openapi.json", *checks, *bounds],
        env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "fuzz_hooks", "FUZZ_VIDEOS": " ".join(ids)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS + 300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert re.search(r"Tested: (\d+)", done.stdout)[1] == re.search(r"Selected: \d+/(\d+)", done.stdout)[1]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 100
    assert running.words("status=500") == 0
