"""Killed at the steps of an upload's life that change the disk: a sample of them, all over its length."""

import pytest

from . import crash_points

pytestmark = pytest.mark.e2e

EVERY = 80


@pytest.mark.skipif(crash_points.missing() is not None, reason=f"{crash_points.missing()}")
def test_a_story_killed_at_any_of_its_steps_comes_to_its_end(tmp_path):
    outcome = crash_points.strike_all(tmp_path, every=EVERY)
    assert outcome.found == []
    assert outcome.struck >= 3
