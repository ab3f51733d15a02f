"""What the end of ffmpeg means, what it may use, and how often its progress is told."""

import signal
from dataclasses import replace
from fractions import Fraction

import pytest

from sluice.adapters import thumbnail
from sluice.adapters.child import ToolUnusable
from sluice.adapters.local import encoding
from sluice.adapters.local.encoding import Progress, encode_limits, verdict, wall_s
from sluice.messages import EncodeLost
from tests.orders import ORDER, SOURCE

LARGE = replace(ORDER, source=replace(SOURCE, width=3840, height=2160))


@pytest.mark.parametrize("returncode", [-signal.SIGKILL, -signal.SIGTERM, 255])
def test_an_ffmpeg_that_was_stopped_from_outside_is_lost(returncode):
    assert verdict(ORDER, returncode, "") == EncodeLost(ORDER.video_id, 1)


@pytest.mark.parametrize(
    "words",
    [
        "Error while opening decoder for input stream #0:0 : Resource temporarily unavailable",
        "Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0",
    ],
)
def test_a_machine_without_processes_left_is_not_the_film_s_fault(words):
    assert verdict(ORDER, 1, words) == EncodeLost(ORDER.video_id, 1)


@pytest.mark.parametrize(
    ("returncode", "words", "code"),
    [
        (69, "Error rate too high", "damaged"),
        (1, "Invalid data found", "damaged"),
        (-signal.SIGSEGV, "", "damaged"),
        (1, "malloc: Cannot allocate memory", "too_complex"),
        (-signal.SIGXFSZ, "", "too_complex"),
        (-signal.SIGXCPU, "", "too_slow"),
        (255, "Exiting normally, received signal 24.", "too_slow"),
        (0, "av_interleaved_write_frame(): No space left on device", "no_space"),
    ],
)
def test_an_end_that_another_try_would_meet_again_is_a_failure(returncode, words, code):
    assert verdict(ORDER, returncode, words).code == code


def test_a_good_exit_code_is_no_verdict_yet():
    assert verdict(ORDER, 0, "") is None


def test_an_ffmpeg_that_is_not_there_is_the_operators_matter():
    with pytest.raises(ToolUnusable, match="install ffmpeg or set SLUICE_FFMPEG"):
        verdict(ORDER, 127, "ffmpeg can't be run: No such file or directory")


def test_larger_pictures_get_more_memory_and_time():
    assert encode_limits(LARGE).memory_bytes > encode_limits(ORDER).memory_bytes
    assert wall_s(LARGE) > wall_s(ORDER) == 60 + 30 * 10


@pytest.fixture
def clock(monkeypatch):
    """A clock in seconds that the test moves."""
    time = [100.0]
    monkeypatch.setattr(encoding.time, "monotonic", lambda: time[0])
    return time


def test_progress_is_told_twice_a_second_at_most_but_playable_at_once(clock):
    told = []
    progress = Progress(ORDER, told.append)
    clock[0] += 1.0
    progress.tell(25, playable=False)
    clock[0] += 0.1
    progress.tell(50, playable=False)
    progress.tell(125, playable=True)
    assert [(news.percent, news.playable) for news in told] == [(10.0, False), (50.0, True)]


def test_a_film_that_gets_no_further_says_so_seldom(clock):
    told = []
    progress = Progress(ORDER, told.append)
    for frames in (25, 25, 25, 50):
        clock[0] += 2.0
        progress.tell(frames, playable=False)
    assert [news.percent for news in told] == [10.0, 20.0]
    clock[0] += 5.0
    progress.tell(50, playable=False)
    assert [news.percent for news in told] == [10.0, 20.0, 20.0]
    assert told[-1].seconds_left > told[-2].seconds_left


def test_the_time_left_follows_from_the_time_taken(clock):
    told = []
    progress = Progress(ORDER, told.append)
    clock[0] += 2.0
    progress.tell(50, playable=False)
    assert told[0].seconds_left == pytest.approx(8.0)


def test_a_bright_frame_with_contrast_stands_for_the_film_and_a_black_one_does_not():
    printed = "".join(
        f"lavfi.signalstats.YMIN=0\nlavfi.signalstats.YLOW={low}\nlavfi.signalstats.YAVG={average}\n"
        f"lavfi.signalstats.YHIGH={high}\n"
        for low, average, high in ((16, 16, 16), (40, 100, 200), (235, 235, 235))
    )
    black, film, white = thumbnail.scores(printed)
    assert black < white < film


@pytest.mark.parametrize(("duration_s", "frames"), [(0.04, 1), (4.0, 5), (40.0, 50), (7200.0, 50)])
def test_a_film_is_looked_at_often_enough_and_no_more_than_at_its_keyframes(duration_s, frames):
    assert thumbnail.spacing(replace(ORDER.facts, duration_s=duration_s)) == frames


def test_a_frame_is_never_missed_by_seeking_just_after_its_beginning():
    words = thumbnail.extract_argv("ffmpeg", "/segment.mp4", Fraction(2002, 30000), "thumbnail.jpg")
    assert words[words.index("-ss") + 1] == "0.066733"
