"""Orders in their lane: at once a job, once each, and an end that can be asked for."""

import pytest

from sluice.adapters.local.encoder import COMPLETE, LANE, LocalEncoder, dumps, loads
from sluice.layout import media_key
from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from sluice.wiring.local import local_home
from tests.making import NOW
from tests.orders import ORDER

JOB = f"{ORDER.video_id}/{ORDER.attempt}"


@pytest.fixture
def home(tmp_path):
    return local_home(Settings(data=tmp_path), now=lambda: NOW)


@pytest.fixture
def encoder(home):
    return LocalEncoder(home.queue, home.media)


def test_an_order_survives_its_lane():
    assert loads(dumps(ORDER)) == ORDER


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
