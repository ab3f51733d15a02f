"""What AWS charges: the prices in prices.json, or in another file of the same form."""

import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from math import inf
from pathlib import Path

from .codec import restore
from .errors import Refused


@dataclass(frozen=True)
class Tier:
    """What `per` units cost from the unit on that lies above this many in a month."""

    above: float
    usd: float


@dataclass(frozen=True)
class Price:
    """One line of a price list; a tier that costs nothing is an allowance that everybody has each month."""

    name: str
    unit: str
    per: float
    tiers: tuple[Tier, ...]

    def of(self, amount: float, *, allowance: bool = False) -> float:
        """What a month's amount costs; the free allowance counts only if asked for, since others use it up, too."""
        start = 0.0 if allowance else next((tier.above for tier in self.tiers if tier.usd), 0.0)
        ends = [*(tier.above for tier in self.tiers[1:]), inf]
        shares = (
            max(0.0, min(end, start + amount) - max(tier.above, start)) * tier.usd
            for tier, end in zip(self.tiers, ends, strict=True)
        )
        return sum(shares) / self.per


@dataclass(frozen=True)
class RateFactor:
    """What an output of up to this many frames a second costs, as a multiple of the price."""

    frames_per_s: float
    factor: float


@dataclass(frozen=True)
class Prices:
    """Every price that a quote is made of, where they apply and when they were known to be right."""

    as_of: str
    region: str
    currency: str
    note: str
    rate_factors: tuple[RateFactor, ...]
    encode_basic_sd: Price
    encode_basic_hd: Price
    encode_basic_4k: Price
    encode_professional_sd: Price
    encode_professional_hd: Price
    encode_professional_4k: Price
    encode_audio: Price
    encode_thumbnail: Price
    storage: Price
    storage_writes: Price
    storage_reads: Price
    delivery: Price
    delivery_requests: Price
    edge_calls: Price
    function_calls: Price
    function_time: Price
    queue_requests: Price
    table_writes: Price
    table_reads: Price
    api_requests: Price
    users: Price
    logs: Price
    alarms: Price

    @property
    def all(self) -> tuple[Price, ...]:
        """The prices alone."""
        return tuple(value for value in vars(self).values() if isinstance(value, Price))


def load(path: Path | None = None) -> Prices:
    """The prices in this file, or those that come with Sluice. Refused(bad_prices) where it is none."""
    text = (path or files("sluice") / "prices.json").read_text(encoding="utf-8")
    try:
        prices = restore(Prices, json.loads(text))
        _require_order(prices)
    except ValueError as error:
        raise Refused(
            "bad_prices", f"{path} can't be taken as prices ({error}); start from sluice/prices.json"
        ) from error
    return prices


def _require_order(prices: Prices) -> None:
    for price in prices.all:
        tiers = price.tiers
        rising = all(lower.above < upper.above for lower, upper in pairwise(tiers))
        if not tiers or tiers[0].above != 0 or not rising or price.per <= 0 or any(tier.usd < 0 for tier in tiers):
            raise ValueError(f"{price.name}: its tiers must begin at 0 and rise, and no price be below 0")
    rates = [one.frames_per_s for one in prices.rate_factors]
    if not rates or rates != sorted(rates):
        raise ValueError("rate_factors must rise")
