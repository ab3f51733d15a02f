"""Pictures that are placed, coloured, timed or joined in odd ways look alike at every size, and as they were meant."""

import pytest

from sluice.messages import EncodeSucceeded
from tests.e2e.encoding import CONFORMANT, VIDEO_ID, Encode, copied, make
from tests.hls import checker, measuring
from tests.media.make import moved_by

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)
TOP_LEFT_WHITE = ("-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=5,drawbox=w=320:h=180:c=white:t=fill")


def encoded(folder, clip):
    run = Encode(folder, clip)
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    return run


def quarters(run, name):
    """Which quarters of the first picture are bright."""
    return [sum(colour) > 380 for colour in measuring.corners(run.playlist(name))]


@pytest.mark.parametrize(
    ("matrix", "bright"), [((1, 0, 0, -1), 2), ((-1, 0, 0, 1), 1), ((-1, 0, 0, -1), 3), ((1, 0, 0, 1), 0)]
)
def test_a_mirrored_film_is_so_at_every_size(tmp_path, matrix, bright):
    clip = make(tmp_path / "film.mp4", *TOP_LEFT_WHITE, *CONFORMANT, "-g", "50")
    clip.write_bytes(moved_by(*matrix)(clip.read_bytes()))
    run = encoded(tmp_path, clip)
    expected = [place == bright for place in range(4)]
    assert [quarters(run, "360"), quarters(run, "240")] == [expected, expected]
    assert copied(run)["360"] == (matrix == (1, 0, 0, 1))
