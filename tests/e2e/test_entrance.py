"""A film entered in the middle: frame by frame the same as when it is read from its beginning."""

import subprocess
from fractions import Fraction

import ffmpeg
import pytest

from sluice.adapters.entrance import Entrance
from sluice.adapters.ffprobe import Ffprobe
from sluice.adapters.filters import on_grid, paced
from sluice.settings import Settings
from tests.e2e.encoding import AAC, make, picture, tone

pytestmark = pytest.mark.e2e

RATE = Fraction(25)
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "40", "-bf", "3")


def plain(folder, *how):
    return make(folder / "plain.mp4", *picture(9, size="160x90"), *tone(9), *X264, *AAC, *how)


def without_an_edit_list(folder):
    return plain(folder, "-x264-params", "bframes=16:b-adapt=0:ref=16:b-pyramid=strict", "-use_editlist", "0")


def with_negative_offsets(folder):
    return plain(folder, "-movflags", "negative_cts_offsets")


def cut_by_copying(folder):
    return make(folder / "film.mp4", "-ss", "2.5", "-i", plain(folder), "-c", "copy")


def with_a_late_picture(folder):
    streams = ("-i", plain(folder), "-itsoffset", "0.07", "-i", folder / "plain.mp4", "-map", "1:v", "-map", "0:a")
    return make(folder / "film.mp4", *streams, "-c", "copy")


def in_matroska(folder):
    return make(folder / "film.mkv", "-i", plain(folder), "-c", "copy")


def frames(stream, *how):
    argv = ffmpeg.output(stream, "pipe:", format="framemd5").global_args("-v", "error", "-nostdin", *how).compile()
    listed = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout
    rows = (line.split(",") for line in listed.splitlines() if not line.startswith("#"))
    return [(int(row[2]), row[5]) for row in rows]


@pytest.mark.parametrize(
    "film_in", [without_an_edit_list, with_negative_offsets, cut_by_copying, with_a_late_picture, in_matroska]
)
def test_no_frame_is_missing_or_shown_twice_after_a_keyframe(tmp_path, film_in):
    film = film_in(tmp_path)
    source = Ffprobe(Settings())(str(film))

    def entered(start):
        entrance, length_s = Entrance(source, RATE, start), 20 / RATE
        opened = ffmpeg.input(str(film), **on_grid(source, RATE), **entrance.options(length_s))
        return frames(entrance.paced(opened["v:0"], length_s), "-copyts", "-start_at_zero")

    whole = frames(paced(ffmpeg.input(str(film), **on_grid(source, RATE))["v:0"], source, RATE))
    key = source.keyframes[-2]
    assert [entered(start) for start in (key - 1, key, key + 1, key + 9)] == [
        whole[start : start + 20] for start in (key - 1, key, key + 1, key + 9)
    ]
