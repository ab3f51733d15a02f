"""What is compared with the source, and what is read from the comparison."""

from dataclasses import replace
from pathlib import Path

from sluice.adapters import likeness
from sluice.ladder import Order, plan
from tests.orders import SOURCE

SMALL = replace(SOURCE, width=426, height=240)
ORDER = Order("01JD0000000000000000000001", 1, SMALL, plan(SMALL, tall=False))


def test_the_likeness_is_the_mean_over_all_frames():
    lines = "n:1 Y:0.9 U:0.9 V:0.9 All:0.900000 (10.0)\nn:2 Y:1.0 U:1.0 V:1.0 All:1.000000 (inf)\n"
    assert likeness.read(lines) == 0.95


def test_without_frames_there_is_no_likeness():
    assert likeness.read("") == 0.0


def test_a_segment_is_compared_with_the_source_at_its_own_time_and_size():
    words = likeness.ssim_argv("ffmpeg", "/film.mp4", ORDER, 200, {"240": Path("/work/240.mp4")})
    assert words[words.index("-ss") + 1] == "7.650000"
    graph = words[words.index("-filter_complex") + 1]
    assert "fps=fps=25:start_time=8.000000" in graph
    assert "scale=426:240:flags=lanczos" in graph
    assert "[d0][r0]ssim=stats_file=240.ssim[s0]" in graph
