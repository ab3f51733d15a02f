"""MP4 boxes: whole ones are understood, torn ones never pass."""

from pathlib import Path

import pytest

from sluice import boxes
from tests.segments import segment

INITS = Path(__file__).parents[1] / "data"


def test_the_codec_of_a_picture_is_named_with_profile_and_level():
    assert boxes.codec((INITS / "init_video.mp4").read_bytes()) == "avc1.64001e"


def test_the_codec_of_sound_is_named_with_its_object_type():
    assert boxes.codec((INITS / "init_audio.mp4").read_bytes()) == "mp4a.40.2"


def test_the_timescale_of_sound_is_its_sample_rate():
    assert boxes.timescale((INITS / "init_audio.mp4").read_bytes()) == 44_100


@pytest.mark.parametrize("cut", [0, 4, 100, 500, -1])
def test_a_torn_init_segment_is_a_value_error(cut):
    with pytest.raises(ValueError, match=r"box|init"):
        boxes.codec((INITS / "init_video.mp4").read_bytes()[:cut])


def test_a_whole_segment_tells_its_samples_and_times():
    assert boxes.fragments(segment(start=1024)) == (boxes.Fragment(1024, 1024 + 3 * 512, 3, True),)


def test_several_fragments_are_told_one_by_one():
    found = boxes.fragments(segment() + segment(start=1536, keyframe=False))
    assert [(one.start, one.end, one.starts_with_keyframe) for one in found] == [(0, 1536, True), (1536, 3072, False)]


@pytest.mark.parametrize("body", [b"", b"\0" * 64, segment()[:-1], segment(mdat=59), segment(sizes=()), segment()[:60]])
def test_a_segment_that_is_not_whole_is_a_value_error(body):
    with pytest.raises(ValueError, match=r"box|fragment|sample"):
        boxes.fragments(body)


def test_a_fragment_that_lost_its_samples_is_a_value_error():
    with pytest.raises(ValueError, match="without its samples"):
        boxes.fragments(segment()[: -8 - 60])
