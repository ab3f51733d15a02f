"""Which pictures and which sound are taken over as they are, and how."""

import pytest

from sluice.adapters.chunks import cut, uncopyable, unlike_ours
from sluice.adapters.ffmpeg import chunk_argv, copy_argv, sound_argv
from tests.orders import all_after, order

CONFORMANT = {"video_codec": "h264", "profile": "High", "regular": True, "bitrate": 2_000_000}


def against(**changes):
    wanted = order(**{**CONFORMANT, **changes})
    return uncopyable(wanted.source, wanted.facts)


def test_nothing_speaks_against_a_conformant_film_as_its_own_top_rung():
    assert against() is None


@pytest.mark.parametrize(
    ("but", "reason"),
    [
        ({"format": "matroska"}, "matroska is not what segments are"),
        ({"video_codec": "hevc"}, "it is hevc High"),
        ({"profile": "High 10"}, "it is h264 High 10"),
        ({"profile": None}, "it is h264 None"),
        ({"pixel_format": "yuv420p10le"}, "its pictures are yuv420p10le"),
        ({"pixel_format": "yuvj420p"}, "its pictures are yuvj420p"),
        ({"color_transfer": "smpte2084"}, "its pictures are yuv420p"),
        ({"rotation": 90}, "it is turned or mirrored"),
        ({"rotation": 180}, "it is turned or mirrored"),
        ({"moved": True}, "it is turned or mirrored"),
        ({"pixel_aspect": 1.5}, "its pixels are not square"),
        ({"height": 800}, "it has another size"),
        ({"width": 426, "height": 240, "bitrate": 300_000}, "nothing of it would be decoded"),
        ({"regular": False}, "frames are out of their places, or open groups"),
        ({"stray_s": 0.0008}, "its clock is coarse"),
        ({"video_start_s": 0.02}, "its picture starts late"),
        ({"video_start_s": 0.02, "audio_start_s": 0.02}, "its picture starts late"),
        ({"keyframe_gap_s": 5.0}, "its keyframes are far apart"),
        ({"bitrate": None}, "its bitrate is high"),
        ({"bitrate": 9_000_000}, "its bitrate is high"),
    ],
)
def test_any_other_is_encoded_at_every_size(but, reason):
    assert against(**but) == reason


SOUND_LIKE_OURS = {"audio_regular": True, "audio_bitrate": 128_000, "audio_end_s": 10.0}


@pytest.mark.parametrize(
    ("but", "reason"),
    [
        ({}, None),
        # A clock's rounding, and a packet.
        ({"audio_start_s": 0.00005}, None),
        ({"audio_end_s": 9.96}, None),
        ({"format": "matroska"}, "matroska is not what segments are"),
        ({"audio_regular": False}, "it is not plain AAC without gaps"),
        ({"audio_start_s": 0.04}, "it starts at another time"),
        ({"video_start_s": 0.04}, "it starts at another time"),
        ({"video_start_s": 0.5, "audio_start_s": 0.5}, "it starts at another time"),
        ({"audio_end_s": 9.9}, "it ends before the film"),
        ({"audio_bitrate": 192_000}, "its bitrate is high"),
        ({"audio_bitrate": None}, "its bitrate is high"),
    ],
)
def test_sound_is_taken_over_if_it_is_like_ours(but, reason):
    wanted = order(**{**SOUND_LIKE_OURS, **but})
    assert unlike_ours(wanted.source, wanted.facts) == reason


def test_sound_that_is_taken_over_is_decoded_beside():
    words = sound_argv("ffmpeg", "/film.mp4", order(), copied=True)
    assert "-xerror" in words
    assert all_after(words, "-f") == ["null", "hls"]
    # Of the output that is decoded, nothing is said.
    assert all_after(words, "-c") == ["copy"]


def test_the_chunks_beside_a_copied_rung_are_as_long_as_its_segments():
    rungs = order().facts.renditions[1:]
    assert [(chunk.number, chunk.start, chunk.frames, chunk.last) for chunk in cut(rungs, (0, 110, 200), 50)] == [
        (0, 0, 110, False),
        (0, 0, 110, False),
        (1, 110, 90, False),
        (2, 200, 50, True),
    ]


@pytest.mark.parametrize(("strict", "decoding"), [(True, "1"), (False, "6")])
def test_the_chunks_beside_a_copied_rung_end_at_the_first_damage(strict, decoding):
    wanted = order()
    (first, *_) = cut(wanted.facts.renditions[1:], (0, 110, 200), 50)
    words = chunk_argv("ffmpeg", "/film.mp4", wanted, first, threads=4, strict=strict)
    assert ("-xerror" in words) is strict
    assert all_after(words, "-threads") == [decoding, "4"]


def test_where_the_top_rung_is_the_only_one_nothing_is_left_to_encode():
    assert cut((), (0, 100), 50) == ()


def test_a_copied_rung_is_neither_decoded_nor_told_what_its_camera_said():
    words = copy_argv("ffmpeg", "/film.mp4", order())
    assert all_after(words, "-c") == ["copy"]
    (filters,) = all_after(words, "-bsf:v")
    assert filters.startswith("filter_units=remove_types=6,setts=")
    assert "-filter_complex" not in words
    assert words[-1] == "-y"
