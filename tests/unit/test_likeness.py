"""What is compared with its reference, and what is read from the comparison."""

from sluice.adapters import likeness
from tests.orders import ORDER


def test_the_likeness_is_the_mean_over_all_frames(tmp_path):
    lines = "n:1 Y:0.9 U:0.9 V:0.9 All:0.900000 (10.0)\nn:2 Y:1.0 U:1.0 V:1.0 All:1.000000 (inf)\n"
    (tmp_path / "ssim").write_text(lines)
    assert likeness.found(tmp_path) == 0.95


def test_without_frames_there_is_no_likeness(tmp_path):
    (tmp_path / "ssim").write_text("")
    assert likeness.found(tmp_path) is None


def test_where_nothing_was_compared_there_is_no_likeness(tmp_path):
    assert likeness.found(tmp_path) is None


def test_each_rung_is_compared_at_its_own_size():
    words = likeness.ssim_argv("ffmpeg", ORDER.facts.renditions)
    assert words[words.index("file:480/reference.yuv") - 2] == "854x480"
    graph = words[words.index("-filter_complex") + 1]
    assert "[2:0]trim=end_frame=3,settb=1/25,setpts=N,setparams=range=tv:colorspace=bt709[e1]" in graph
    assert "[e1][r1]ssim=stats_file=480/ssim[s1]" in graph


def test_where_the_comparison_fails_nothing_is_left_of_it(tmp_path):
    rung = ORDER.facts.renditions[-1]
    (tmp_path / rung.name).mkdir()
    for name in ("init.mp4", "00001.m4s", "reference.yuv"):
        (tmp_path / rung.name / name).write_bytes(b"")
    likeness.compare("/bin/false", tmp_path, [rung], "00001.m4s")
    assert sorted(file.name for file in (tmp_path / rung.name).iterdir()) == ["00001.m4s", "init.mp4"]
