"""What a video costs: outputs, minutes and grades as MediaConvert bills them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice import quote as quoting
from sluice.ladder import Facts, Rendition, plan
from sluice.prices import load
from sluice.quote import Quote, film

PRICES = load()


def quoted(duration_s: float = 60.0, height: int = 1080, *, tall: bool = False, hours: float = 1.0, **of: Any) -> Quote:
    return quoting.quote(plan(film(duration_s, height, **of), tall=tall), PRICES, hours_watched=hours)


def usd(quote: Quote) -> dict[str, float]:
    return {output.name: round(output.usd, 6) for output in quote.outputs}


def rung(width: int, height: int) -> Rendition:
    return Rendition(str(min(width, height)), width, height, 1_000_000)


# --- encoding ---------------------------------------------------------------------------------------------------


def test_every_rung_the_sound_and_the_thumbnail_are_outputs() -> None:
    assert usd(quoted()) == {
        "1080": 0.015,
        "720": 0.015,
        "480": 0.0075,
        "360": 0.0075,
        "240": 0.0075,
        "audio": 0.005,
        "thumbnail": 0.0075,
    }


def test_an_encode_costs_what_its_outputs_cost_together() -> None:
    assert quoted().encode_usd == pytest.approx(0.065)


def test_without_sound_there_is_no_output_for_it() -> None:
    assert "audio" not in usd(quoted(sound=False))


def test_tall_rungs_are_billed_as_4k() -> None:
    outputs = quoted(height=2160, tall=True).outputs

    assert [output.billed_as for output in outputs if output.name in ("2160", "1440", "1080")] == ["4K", "4K", "HD"]


@pytest.mark.parametrize(
    ("width", "height", "grade"),
    [
        (854, 480, "SD"),
        (1278, 718, "SD"),
        (1280, 720, "HD"),
        (720, 1280, "HD"),
        (1920, 1080, "HD"),
        (1080, 1920, "HD"),
        (1680, 720, "HD"),
        (2520, 1080, "4K"),
        (2560, 1440, "4K"),
    ],
)
def test_a_picture_is_graded_by_its_dearer_side(width: int, height: int, grade: str) -> None:
    assert quoting.grade_of(rung(width, height)) == grade


@pytest.mark.parametrize(("fps", "factor"), [(24.0, 1.0), (30.0, 1.0), (30.5, 1.25), (60.0, 1.25), (120.0, 1.25)])
def test_fast_pictures_cost_more(fps: float, factor: float) -> None:
    assert usd(quoted(fps=fps))["1080"] == pytest.approx(0.015 * factor)


def test_sound_does_not_cost_more_with_a_fast_picture() -> None:
    assert usd(quoted(fps=60.0))["audio"] == 0.005


@pytest.mark.parametrize(("duration_s", "seconds"), [(0.5, 10), (10.0, 10), (10.2, 11), (60.0, 60), (3599.01, 3600)])
def test_whole_seconds_are_billed_and_ten_at_least(duration_s: float, seconds: int) -> None:
    assert {output.minutes for output in quoted(duration_s).outputs} == {seconds / 60}


@pytest.mark.parametrize("odd", [{"interlaced": True}, {"color_transfer": "smpte2084"}])
def test_deinterlacing_and_hdr_are_of_the_professional_tier(odd: dict[str, Any]) -> None:
    facts = plan(replace(film(60.0, 1080), **odd), tall=False)

    found = quoting.quote(facts, PRICES)

    assert (found.tier, usd(found)["1080"]) == ("Professional", 0.024)


def test_an_ordinary_film_is_of_the_basic_tier() -> None:
    assert quoted().tier == "Basic"


@given(st.floats(0.1, 40_000), st.integers(2, 4000), st.floats(1, 240))
def test_a_longer_film_never_costs_less(duration_s: float, height: int, fps: float) -> None:
    shorter, longer = quoted(duration_s, height, fps=fps), quoted(duration_s * 2, height, fps=fps)

    assert 0 < shorter.encode_usd <= longer.encode_usd
    assert 0 < shorter.stored_gb <= longer.stored_gb


# --- keeping and sending ----------------------------------------------------------------------------------------


def test_all_rungs_and_the_sound_are_kept() -> None:
    facts = Facts(3600.0, 1280, 720, 30.0, True, (), (rung(1280, 720), rung(854, 480)))

    found = quoting.quote(facts, PRICES)

    assert found.stored_gb == pytest.approx((2_000_000 + 128_000) * 3600 / 8 / 1e9)
    assert found.store_month_usd == pytest.approx(found.stored_gb * 0.023)


def test_objects_are_segments_playlists_the_master_and_the_thumbnail() -> None:
    found = quoting.quote(Facts(9.0, 1280, 720, 30.0, True, (), (rung(1280, 720),)), PRICES)

    assert found.stored_objects == 2 * (3 + 1) + 2


def test_watching_is_picture_and_sound_of_the_top_rung() -> None:
    facts = Facts(60.0, 1280, 720, 30.0, True, (), (rung(1280, 720), rung(854, 480)))

    seen = quoting.quote(facts, PRICES, hours_watched=10).watching

    assert (seen.rung, seen.requests) == ("720", 2 * 9000)
    assert seen.gb == pytest.approx(1_128_000 * 36_000 / 8 / 1e9)
    assert seen.usd == pytest.approx(seen.gb * 0.085 + 18_000 / 10_000 * 0.01 + 18_000 / 1e6 * 0.1)


def test_what_nobody_watches_costs_nothing_to_send() -> None:
    assert quoted(hours=0).watching.usd == 0


# --- films without a file ---------------------------------------------------------------------------------------


def test_a_film_is_wide_unless_a_width_is_given() -> None:
    assert (film(1, 1080).width, film(1, 720).width, film(1, 480).width) == (1920, 1280, 854)
    assert film(1, 1280, width=720).width == 720
