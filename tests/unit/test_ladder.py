"""From what the probe found to what will be encoded."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.codec import plain, restore
from sluice.ladder import REPAIRS, Facts, Source, plan
from tests import orders

FILM = replace(orders.SOURCE, duration_s=60.0, width=1920, height=1080, color_transfer="bt709")


def sized(width: int, height: int) -> Source:
    return replace(FILM, width=width, height=height)


def sizes(facts: Facts) -> list[tuple[str, int, int]]:
    return [(rung.name, rung.width, rung.height) for rung in facts.renditions]


def names(source: Source, *, tall: bool = False) -> list[str]:
    return [rung.name for rung in plan(source, tall=tall).renditions]


# --- rungs ------------------------------------------------------------------------------------------------------


def test_a_full_hd_film_gets_every_rung() -> None:
    assert sizes(plan(FILM, tall=False)) == [
        ("1080", 1920, 1080),
        ("720", 1280, 720),
        ("480", 854, 480),
        ("360", 640, 360),
        ("240", 426, 240),
    ]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1280, 720, ["720", "480", "360", "240"]),
        (658, 370, ["360", "240"]),
        (1920, 800, ["720", "480", "360", "240"]),
        (1080, 1920, ["1080", "720", "480", "360", "240"]),
        (426, 240, ["240"]),
        (424, 238, ["238"]),
        (96, 64, ["64"]),
        (64, 2000, ["64"]),
    ],
)
def test_rungs_go_by_the_short_side_and_never_above_it(width: int, height: int, expected: list[str]) -> None:
    assert names(sized(width, height)) == expected


def test_a_4k_film_stays_at_full_hd_unless_tall_rungs_are_on() -> None:
    assert names(sized(3840, 2160)) == ["1080", "720", "480", "360", "240"]
    assert names(sized(3840, 2160), tall=True) == ["2160", "1440", "1080", "720", "480", "360", "240"]


def test_an_odd_small_picture_is_rounded_down_to_even_sides() -> None:
    assert sizes(plan(sized(161, 91), tall=False)) == [("90", 160, 90)]


def test_the_smallest_picture_still_gets_a_rung() -> None:
    assert sizes(plan(sized(1, 1), tall=False)) == [("2", 2, 2)]


def test_a_very_wide_picture_shrinks_until_decoders_take_it() -> None:
    assert sizes(plan(sized(16000, 500), tall=False)) == [("128", 4096, 128)]


def test_a_wide_4k_film_starts_at_the_rung_below_its_decodable_size() -> None:
    assert names(sized(5120, 2160), tall=True)[:2] == ["1440", "1080"]


def test_a_rotated_film_is_planned_upright() -> None:
    facts = plan(replace(FILM, rotation=90), tall=False)

    assert (facts.width, facts.height) == (1080, 1920)
    assert sizes(facts)[1] == ("720", 720, 1280)


def test_wide_pixels_widen_the_picture() -> None:
    facts = plan(replace(sized(720, 576), pixel_aspect=64 / 45), tall=False)

    assert (facts.width, facts.height) == (1024, 576)
    assert sizes(facts)[0] == ("480", 854, 480)


def test_wide_pixels_are_stretched_before_the_picture_is_turned() -> None:
    facts = plan(replace(sized(720, 576), pixel_aspect=64 / 45, rotation=270), tall=False)

    assert (facts.width, facts.height) == (576, 1024)


sides = st.integers(min_value=1, max_value=9000)
pictures = st.builds(
    replace,
    st.just(FILM),
    width=sides,
    height=sides,
    pixel_aspect=st.floats(min_value=0.1, max_value=10),
    rotation=st.sampled_from([0, 90, 180, 270]),
    bitrate=st.none() | st.integers(min_value=1, max_value=10**9),
)


@given(pictures, st.booleans())
def test_every_rung_is_even_and_not_above_the_source(source: Source, tall: bool) -> None:
    facts = plan(source, tall=tall)

    assert facts.renditions
    assert all(rung.width % 2 == 0 and rung.height % 2 == 0 for rung in facts.renditions)
    assert all(2 <= rung.width <= max(2, facts.width) for rung in facts.renditions)
    assert all(2 <= rung.height <= max(2, facts.height) for rung in facts.renditions)
    assert all(max(rung.width, rung.height) <= 4096 for rung in facts.renditions)


@given(pictures, st.booleans())
def test_rungs_descend_under_distinct_names(source: Source, tall: bool) -> None:
    rungs = plan(source, tall=tall).renditions

    assert [rung.name for rung in rungs] == sorted({rung.name for rung in rungs}, key=int, reverse=True)
    assert [rung.max_bitrate for rung in rungs] == sorted((rung.max_bitrate for rung in rungs), reverse=True)


@given(pictures, st.booleans())
def test_every_rung_spends_clearly_less_than_the_one_above(source: Source, tall: bool) -> None:
    spent = [rung.max_bitrate for rung in plan(source, tall=tall).renditions]

    assert all(less < 0.9 * more for more, less in pairwise(spent))


@given(pictures, st.booleans())
def test_every_rung_keeps_the_shape_to_within_rounding(source: Source, tall: bool) -> None:
    facts = plan(source, tall=tall)
    scales = [min(rung.width / facts.width, rung.height / facts.height) for rung in facts.renditions]
    off = [
        max(abs(rung.width - facts.width * scale), abs(rung.height - facts.height * scale))
        / max(rung.width, rung.height)
        for rung, scale in zip(facts.renditions, scales, strict=True)
        if min(rung.width, rung.height) >= 240
    ]

    assert max(off, default=0) < 0.01


@given(pictures)
def test_facts_survive_the_way_through_json(source: Source) -> None:
    facts = plan(source, tall=True)

    assert restore(Facts, plain(facts)) == facts
    assert restore(Source, plain(source)) == source


# --- bitrates ---------------------------------------------------------------------------------------------------


def bitrates(source: Source) -> list[int]:
    return [rung.max_bitrate for rung in plan(source, tall=False).renditions]


def test_widescreen_rungs_spend_what_viewers_expect() -> None:
    assert bitrates(FILM) == pytest.approx([5_000_000, 2_800_000, 1_400_000, 800_000, 400_000], rel=0.01)


def test_fast_films_may_spend_half_as_much_again() -> None:
    assert bitrates(replace(FILM, frame_rate="60/1"))[0] == 7_500_000


def test_a_rung_spends_no_more_than_its_source_did_on_as_many_pixels() -> None:
    assert bitrates(replace(FILM, bitrate=2_000_000))[:2] == [2_000_000, 1_088_662]


def test_a_thrifty_source_does_not_ruin_its_rungs() -> None:
    assert bitrates(replace(FILM, bitrate=1000))[0] == 1_250_000


def test_h264_may_spend_more_than_a_thriftier_codec_did() -> None:
    assert bitrates(replace(FILM, bitrate=2_000_000, video_codec="hevc"))[0] == 3_000_000


@pytest.mark.parametrize(
    ("bitrate", "rungs"),
    [
        (944_613, ["480", "240"]),
        (1_200_000, ["480", "240"]),
        (1_210_000, ["480", "360", "240"]),
        (None, ["480", "360", "240"]),
    ],
)
def test_a_rung_that_would_spend_nearly_as_much_as_the_one_above_is_left_out(
    bitrate: int | None, rungs: list[str]
) -> None:
    wide = replace(sized(640, 480), pixel_aspect=2.0, bitrate=bitrate, frame_rate="25/1")
    assert names(wide) == rungs


# --- frame rates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        ("25/1", "25"),
        ("30000/1001", "30000/1001"),
        ("60/1", "60"),
        ("60000/1001", "60000/1001"),
        ("15/1", "15"),
        ("12345/1000", "2469/200"),
        ("1/1", "1"),
        ("120/1", "60"),
        ("120000/1001", "60000/1001"),
        ("100/1", "50"),
        ("144/1", "60"),
        ("1000/1", "50"),
        ("1/2", "1"),
        ("3/10", "6/5"),
    ],
)
def test_a_constant_rate_is_kept_exactly_between_one_and_sixty(rate: str, shown: str) -> None:
    assert plan(replace(FILM, frame_rate=rate), tall=False).rate == Fraction(shown)


@pytest.mark.parametrize(
    ("average", "shown"),
    [("2997/100", "30000/1001"), ("2391/100", "24000/1001"), ("263/10", "25"), ("7/1", "24000/1001"), ("90/1", "60")],
)
def test_a_varying_rate_becomes_the_nearest_usual_one(average: str, shown: str) -> None:
    facts = plan(replace(FILM, frame_rate=average, variable_frame_rate=True), tall=False)

    assert facts.rate == Fraction(shown)


# --- repairs ----------------------------------------------------------------------------------------------------


def test_a_plain_film_needs_no_repair() -> None:
    facts = plan(FILM, tall=False)

    assert facts.repairs == ()
    assert facts.has_audio


@pytest.mark.parametrize(
    ("source", "repairs"),
    [
        (replace(FILM, audio_index=None, audio_channels=0), {"no_audio"}),
        (replace(FILM, audio_index=None, audio_channels=0, audio_dropped=True), {"no_audio", "audio_dropped"}),
        (replace(FILM, audio_channels=6), {"downmixed"}),
        (replace(FILM, rotation=180), {"rotated"}),
        (sized(853, 480), {"odd_size"}),
        (replace(FILM, pixel_aspect=64 / 45), {"non_square_pixels"}),
        (replace(FILM, variable_frame_rate=True), {"variable_frame_rate"}),
        (replace(FILM, frame_rate="120/1"), {"frame_rate_capped"}),
        (replace(FILM, frame_rate="1/10"), {"frame_rate_raised"}),
        (replace(FILM, pixel_format="yuv420p10le", color_transfer="smpte2084"), {"hdr_to_sdr"}),
        (replace(FILM, pixel_format="p010le", color_transfer="arib-std-b67"), {"hdr_to_sdr"}),
        (replace(FILM, pixel_format="yuv420p10le", color_transfer=None), {"bit_depth"}),
        (replace(FILM, pixel_format="rgb48be"), {"bit_depth"}),
        (replace(FILM, pixel_format="rgb565le"), set()),
        (replace(FILM, interlaced=True), {"deinterlaced"}),
        (replace(FILM, audio_start_s=1.5), {"late_audio"}),
        (replace(FILM, video_start_s=1.5), {"late_video"}),
        (replace(FILM, video_start_s=1.48, audio_start_s=1.4), set()),
        (replace(FILM, video_start_s=1.5, audio_index=None, audio_channels=0), {"no_audio"}),
    ],
)
def test_each_repair_is_listed_by_its_code(source: Source, repairs: set[str]) -> None:
    assert set(plan(source, tall=False).repairs) == repairs
    assert repairs <= REPAIRS.keys()
