"""Orders in their lane: at once a job, once each, and an end that can be asked for."""

import json
import os
from types import SimpleNamespace

import pytest

from sluice.adapters.local.job import Job
from sluice.adapters.local.orders import COMPLETE, LANE, LocalEncoder, dumps, loads
from sluice.errors import Unavailable
from sluice.layout import media_key
from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from sluice.wiring.local import local_home
from tests.making import FACTS, NOW, a_video
from tests.orders import ORDER

JOB = f"{ORDER.video_id}/{ORDER.attempt}"


@pytest.fixture
def home(tmp_path):
    return local_home(Settings(data=tmp_path), now=lambda: NOW)


@pytest.fixture
def left(home):
    """Folders in the work folder that nobody has touched for long: an attempt's own, and what is kept for the next."""
    folders = [home.work / f"{ORDER.video_id}-{ORDER.attempt}-1", home.work / ORDER.video_id]
    for folder in folders:
        folder.mkdir(parents=True)
        os.utime(folder, (0, 0))
    return folders


@pytest.fixture
def encoder(home):
    return LocalEncoder(home.queue, home.media)


def test_an_order_survives_its_lane():
    assert loads(dumps(ORDER)) == ORDER


def test_an_order_of_an_earlier_release_names_no_request():
    old = json.loads(dumps(ORDER))
    del old["request"]
    assert loads(json.dumps(old)) == ORDER


def test_an_order_waits_for_a_worker(home, encoder):
    assert encoder.submit(ORDER) == JOB
    assert loads(home.queue.lease(LANE, 30).body) == ORDER


def test_the_same_order_twice_is_one_job(home, encoder):
    assert encoder.submit(ORDER) == encoder.submit(ORDER)
    home.queue.ack(home.queue.lease(LANE, 30))
    assert home.queue.lease(LANE, 30) is None


def test_a_job_that_waits_or_runs_has_no_end(home, encoder):
    encoder.submit(ORDER)
    assert encoder.end_of(ORDER.video_id, 1, JOB) is None
    home.queue.lease(LANE, 30)
    assert encoder.end_of(ORDER.video_id, 1, JOB) is None


def test_a_cancelled_job_is_taken_from_the_worker_that_runs_it(home, encoder):
    encoder.submit(ORDER)
    lease = home.queue.lease(LANE, 30)
    encoder.cancel(JOB)
    assert not home.queue.holds(lease)


def test_cancelling_what_never_was_is_fine(encoder):
    encoder.cancel(JOB)
    assert encoder.end_of(ORDER.video_id, 1, JOB) == EncodeLost(ORDER.video_id, 1)


def test_a_job_that_is_gone_and_left_everything_succeeded(home, encoder):
    home.media.put(media_key(ORDER.video_id, 1, COMPLETE), b"{}", "application/json")
    assert encoder.end_of(ORDER.video_id, 1, JOB) == EncodeSucceeded(ORDER.video_id, 1)


def test_a_job_that_is_gone_and_left_less_was_lost(home, encoder):
    home.media.put(media_key(ORDER.video_id, 1, "360/init.mp4"), b"x", "video/mp4")
    assert encoder.end_of(ORDER.video_id, 1, JOB) == EncodeLost(ORDER.video_id, 1)


def test_what_is_left_of_an_order_that_is_no_more_is_swept(home, left):
    home.sweep_leftovers()
    assert [folder.exists() for folder in left] == [False, False]


def test_what_a_lost_attempt_left_is_kept_for_the_next_one(home, left):
    video = home.app.videos.add(a_video())
    home.app.videos.save(video.start(FACTS, NOW))
    home.sweep_leftovers()
    assert [folder.exists() for folder in left] == [False, True]


def test_what_is_kept_for_a_deleted_video_is_swept(home, left):
    video = home.app.videos.add(a_video())
    home.app.videos.save(video.start(FACTS, NOW).delete(NOW))
    home.sweep_leftovers()
    assert [folder.exists() for folder in left] == [False, False]


def test_an_order_that_waits_keeps_its_folder(home, encoder, left):
    encoder.submit(ORDER)
    home.sweep_leftovers()
    assert left[0].exists()


def test_an_encode_begins_no_folder_where_its_own_was_taken_away(tmp_path):
    job = SimpleNamespace(work=tmp_path / "data" / "work" / "v1-1-1")
    with pytest.raises(Unavailable):
        Job.folder(job, "720")
    assert list(tmp_path.iterdir()) == []
