"""The thumbnail's choice waits for what there is to choose among."""

from dataclasses import replace

import pytest

from sluice.adapters import thumbnail
from sluice.adapters.local.cover import Cover
from sluice.ladder import plan
from tests.orders import SOURCE

LOOKS = "".join(
    f"lavfi.signalstats.YLOW=10\nlavfi.signalstats.YAVG={average}\nlavfi.signalstats.YHIGH={high}\n"
    for average, high in ((20, 30), (80, 200))
)


class Published:
    """Three segments of four seconds, of all rungs."""

    segments = 3
    lengths_s = (4.0, 4.0, 4.0)

    def segment(self, folder, number):
        return b"a segment"


@pytest.fixture
def taken(monkeypatch):
    """The times at which pictures were taken."""
    times = []
    monkeypatch.setattr(thumbnail, "extract", lambda program, segment, at, target: times.append(at) or True)
    return times


@pytest.fixture
def cover(tmp_path):
    looks = {0: tmp_path / "first", 100: tmp_path / "second"}
    (tmp_path / "first").write_text(LOOKS)
    return Cover("ffmpeg", plan(replace(SOURCE, duration_s=12.0), tall=False), Published(), lambda: looks, tmp_path)


def test_it_waits_for_the_looks_at_all_that_is_published(cover, taken, tmp_path):
    cover.look_ahead(3)
    assert taken == []

    (tmp_path / "second").write_text(LOOKS)
    cover.look_ahead(3)
    cover.look_ahead(3)
    assert len(taken) == 1


def test_in_the_end_it_takes_what_there_is(cover, taken, tmp_path):
    assert cover.picture() == tmp_path / "thumbnail.jpg"
    assert len(taken) == 1
