"""The thumbnail's choice waits for what there is to choose among."""

from dataclasses import replace

import pytest

from sluice.adapters import thumbnail
from sluice.adapters.local.cover import Cover
from sluice.ladder import plan
from tests.orders import SOURCE


def looks(*frames):
    names = ("YLOW", "YAVG", "YHIGH")
    return "".join(
        f"lavfi.signalstats.{name}={value}\n" for frame in frames for name, value in zip(names, frame, strict=True)
    )


TELLING = looks((16, 20, 30), (16, 80, 200))
DARK, WHITE = looks((16, 16, 16), (16, 20, 30)), looks((230, 235, 240))


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
    found = {first: tmp_path / str(first) for first in (0, 100, 200)}
    return Cover("ffmpeg", plan(replace(SOURCE, duration_s=12.0), tall=False), Published(), lambda: found, tmp_path)


def test_it_waits_for_the_looks_at_most_of_the_film(cover, taken, tmp_path):
    (tmp_path / "0").write_text(TELLING)
    (tmp_path / "200").write_text(TELLING)
    cover.look_ahead()
    assert taken == []

    (tmp_path / "100").write_text(TELLING)
    cover.look_ahead()
    cover.look_ahead()
    assert len(taken) == 1


def test_it_does_not_wait_for_the_last_of_them(tmp_path, taken):
    found = {0: tmp_path / "0", 225: tmp_path / "225"}
    (tmp_path / "0").write_text(TELLING)
    cover = Cover("ffmpeg", plan(replace(SOURCE, duration_s=12.0), tall=False), Published(), lambda: found, tmp_path)
    cover.look_ahead()
    assert len(taken) == 1


@pytest.mark.parametrize("nothing", [DARK, WHITE])
def test_of_a_film_that_showed_nothing_so_far_it_waits_for_the_end(cover, taken, tmp_path, nothing):
    for first in (0, 100, 200):
        (tmp_path / str(first)).write_text(nothing)
    cover.look_ahead()
    assert taken == []
    assert cover.picture() == tmp_path / "thumbnail.jpg"
    assert len(taken) == 1


def test_in_the_end_it_takes_what_there_is(cover, taken, tmp_path):
    (tmp_path / "0").write_text(TELLING)
    assert cover.picture() == tmp_path / "thumbnail.jpg"
    assert len(taken) == 1
