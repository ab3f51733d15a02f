"""A price list: tiers, allowances, and a file that can't be taken is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import Refused
from sluice.prices import Price, Tier, load

FLAT = Price("Flat", "minute", 1, (Tier(0, 0.5),))
STEPPED = Price("Stepped", "GB", 1, (Tier(0, 0.0), Tier(1000, 0.1), Tier(3000, 0.05)))
PER_MILLION = Price("Requests", "request", 1e6, (Tier(0, 0.4),))


@pytest.fixture
def given(tmp_path: Path) -> Any:
    """The prices that come along, as JSON to spoil, and what loading the spoilt file says."""
    known = json.loads((Path(__file__).parents[2] / "backend/sluice/prices.json").read_text())

    def refusal(spoil: Any) -> str:
        spoil(known)
        path = tmp_path / "prices.json"
        path.write_text(json.dumps(known))
        with pytest.raises(Refused) as refused:
            load(path)
        assert refused.value.code == "bad_prices"
        return refused.value.detail

    return refusal


def test_a_flat_price_grows_with_the_amount() -> None:
    assert (FLAT.of(0), FLAT.of(3)) == (0, 1.5)


def test_what_is_free_is_left_out_unless_it_is_asked_for() -> None:
    assert STEPPED.of(10) == pytest.approx(1.0)
    assert STEPPED.of(10, allowance=True) == 0


@pytest.mark.parametrize(
    ("amount", "usd"), [(1000, 0), (1001, 0.1), (3000, 200), (3100, 205), (1_003_000, 200 + 1_000_000 * 0.05)]
)
def test_each_tier_counts_for_what_lies_in_it(amount: float, usd: float) -> None:
    assert STEPPED.of(amount, allowance=True) == pytest.approx(usd)


def test_small_things_are_priced_by_the_million() -> None:
    assert PER_MILLION.of(2_500_000) == pytest.approx(1.0)


def test_the_prices_that_come_along_say_where_and_when_they_hold() -> None:
    prices = load()

    assert (prices.region, prices.currency, prices.as_of) == ("us-east-1", "USD", "2025-06")
    assert "check them" in prices.note


def test_every_price_has_a_name_and_costs_something_in_the_end() -> None:
    assert [price.name for price in load().all if not price.name or price.tiers[-1].usd <= 0] == []


def test_a_price_that_is_missing_is_named(given: Any) -> None:
    assert "encode_basic_hd" in given(lambda prices: prices.pop("encode_basic_hd"))


def test_tiers_must_rise(given: Any) -> None:
    def spoil(prices: Any) -> None:
        prices["delivery"]["tiers"].reverse()

    assert "CloudFront" in given(spoil)


def test_tiers_must_begin_at_nothing(given: Any) -> None:
    def spoil(prices: Any) -> None:
        prices["storage"]["tiers"] = [{"above": 10, "usd": 1}]

    assert "S3" in given(spoil)


def test_a_price_is_never_negative(given: Any) -> None:
    def spoil(prices: Any) -> None:
        prices["storage"]["tiers"] = [{"above": 0, "usd": -1}]

    assert "S3" in given(spoil)


def test_the_factors_of_frame_rates_must_rise(given: Any) -> None:
    assert "rate_factors" in given(lambda prices: prices["rate_factors"].reverse())


def test_text_is_no_number(given: Any) -> None:
    def spoil(prices: Any) -> None:
        prices["storage"]["per"] = "1"

    assert "expected" in given(spoil)
