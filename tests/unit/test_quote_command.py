"""`sluice quote`: what it prints and what it asks for."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluice.entry.cli import main

PRICES = Path(__file__).parents[2] / "backend/sluice/prices.json"


def quote(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["quote", *arguments])


def test_a_quote_names_every_output_its_minutes_and_its_price() -> None:
    said = quote("--duration", "3600", "--height", "720").output

    assert "60.00 minutes at 30 frames a second; MediaConvert's Basic tier" in said
    assert ["720", "1280x720", "HD", "60.00", "0.9000"] in [line.split() for line in said.splitlines()]
    assert ["to", "encode", "it", "once", "3.0000"] in [line.split() for line in said.splitlines()]


def test_a_quote_says_how_old_its_prices_are() -> None:
    assert "2025-06" in quote("--duration", "60", "--height", "720").output


def test_hours_watched_are_priced() -> None:
    few, many = (quote("--duration", "60", "--height", "720", "--json", "--hours-watched", hours) for hours in "19")

    assert json.loads(many.output)["watching"]["usd"] > 8 * json.loads(few.output)["watching"]["usd"]


def test_other_prices_can_be_given(tmp_path: Path) -> None:
    prices = json.loads(PRICES.read_text())
    prices["encode_basic_hd"]["tiers"][0]["usd"] = 10
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(prices))

    found = json.loads(quote("--duration", "60", "--height", "720", "--json", "--prices", str(mine)).output)

    assert found["outputs"][0]["usd"] == 10


def test_prices_that_can_not_be_read_are_told(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("{")

    refused = quote("--duration", "60", "--height", "720", "--prices", str(mine))

    assert refused.exit_code == 1
    assert "start from sluice/prices.json" in refused.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--duration", "60"),
        ("--height", "720"),
        (str(PRICES), "--height", "720"),
        (str(PRICES), "--height", "720", "--duration", "60"),
    ],
)
def test_it_asks_for_a_file_or_for_duration_and_height(arguments: tuple[str, ...]) -> None:
    refused = quote(*arguments)

    assert refused.exit_code == 2
    assert "give a FILE, or a --duration in seconds and a --height" in refused.output


@pytest.mark.parametrize("option", ["--duration", "--fps", "--hours-watched"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_what_is_no_amount_is_wrong_usage(option: str, value: str) -> None:
    refused = quote("--duration", "60", "--height", "720", option, value)

    assert refused.exit_code == 2
    assert f"Invalid value for '{option}'" in refused.output
