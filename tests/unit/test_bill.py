"""A month's bill: what it is made of, and that it grows with what is done."""

from dataclasses import replace

import pytest

from sluice.bill import Habits, Month, bill, month_like
from sluice.ladder import plan
from sluice.prices import load
from sluice.quote import film, quote

PRICES = load()


def parts(month: Month, habits: Habits | None = None) -> dict[str, float]:
    return {item.service: item.usd for item in bill(month, PRICES, habits)}


def test_a_month_in_which_nothing_happens_costs_what_waits() -> None:
    costly = {service for service, usd in parts(month_like(0)).items() if usd}

    assert costly == {"DynamoDB", "SQS", "CloudWatch"}


def test_uploads_are_encoded_at_the_price_of_a_quote() -> None:
    one = quote(plan(film(600, 1080), tall=False), PRICES)

    assert parts(Month(0, 2))["MediaConvert"] == pytest.approx(12 * one.encode_usd)


def test_what_is_kept_for_longer_costs_more_to_keep() -> None:
    habits = Habits()
    month = Month(0, 10)

    longer = parts(month, replace(habits, months_kept=24))

    assert parts(month, habits)["S3"] < longer["S3"] < 2 * parts(month, habits)["S3"]


def test_the_first_terabyte_is_sent_for_nothing() -> None:
    assert parts(Month(400, 0))["CloudFront"] == 0
    assert parts(Month(500, 0))["CloudFront"] > 0


@pytest.mark.parametrize("service", ["MediaConvert", "S3", "CloudFront", "API Gateway", "DynamoDB"])
def test_ten_times_as_much_costs_more(service: str) -> None:
    assert parts(month_like(100_000))[service] > 5 * parts(month_like(10_000))[service]


def test_an_hour_is_uploaded_for_a_hundred_watched_but_one_at_least() -> None:
    assert [month_like(hours).hours_uploaded for hours in (0, 1, 100, 1_000)] == [0, 1, 1, 10]
