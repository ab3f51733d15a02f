"""A short campaign: a little of every fault, and not one promise broken."""

import pytest

from .campaign import Plan, run

pytestmark = pytest.mark.e2e

SHORT = Plan(uploads=14, kills=4, ffmpeg_kills=2, full_disks=1, jumps=2, poison=3, disk_mb=256, hurry=True)


def test_nothing_that_is_done_to_it_breaks_a_promise(tmp_path):
    outcome = run(tmp_path, SHORT, seed=1)
    assert outcome.book.violations == []
    assert outcome.book.uploads >= SHORT.uploads
    assert sum(many for name, many in outcome.book.faults.items() if name.startswith("killed")) >= 4
