"""The end of an encode: everything is there, or it doesn't say so."""

from types import SimpleNamespace

import pytest

from sluice.adapters.local.orders import is_complete
from sluice.messages import EncodeSucceeded
from tests.orders import ORDER, a_job


@pytest.fixture
def encoded():
    """A publisher, a cover and a receipt of a film whose last chunk was encoded."""
    publisher = SimpleNamespace(finish=lambda: None)
    return publisher, SimpleNamespace(picture=lambda: None), SimpleNamespace(write=lambda _: b"{}")


def test_what_was_finished_says_so(tmp_path, encoded):
    job = a_job(tmp_path, ORDER)
    assert job.finish(*encoded) == EncodeSucceeded(ORDER.video_id, 1)
    assert is_complete(job.media, ORDER.video_id, 1)


def test_what_nobody_wants_any_more_after_its_last_chunk_does_not_say_that_it_is_complete(tmp_path, encoded):
    job = a_job(tmp_path, ORDER, wanted=lambda: False)
    assert job.finish(*encoded) is None
    assert not is_complete(job.media, ORDER.video_id, 1)
