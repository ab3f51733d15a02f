"""`sluice quote`: prices for a person to read, as JSON, or as the tables of docs/COST.md."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sluice.bill import WATCHED_PER_UPLOADED, Habits, bill, month_like
from sluice.ladder import RUNGS, TALL_RUNGS, Facts, Rendition, plan
from sluice.layout import AUDIO
from sluice.playlists import AUDIO_BITRATE
from sluice.prices import Prices
from sluice.quote import Quote, film, quote

HOUR_S = 3600.0
HOURS_WATCHED = (0, 1, 1_000, 100_000)
SLOW, FAST = 30.0, 60.0

_COLUMNS = "  {:<11}{:<12}{:<11}{:>9}{:>12}"


def as_json(found: Quote, prices: Prices) -> str:
    """The quote for programs."""
    known = {"as_of": prices.as_of, "region": prices.region, "currency": prices.currency}
    return json.dumps({**asdict(found), "prices": known}, indent=1)


def as_text(found: Quote, prices: Prices) -> str:
    """The quote for a terminal."""
    minutes = found.duration_s / 60
    seen = found.watching
    lines = [
        f"{minutes:.2f} minutes at {found.frame_rate:g} frames a second; MediaConvert's {found.tier} tier",
        "",
        _COLUMNS.format("output", "size", "billed as", "minutes", "USD"),
        *(_COLUMNS.format(o.name, o.size, o.billed_as, f"{o.minutes:.2f}", _usd(o.usd)) for o in found.outputs),
        _sum("to encode it once", _usd(found.encode_usd)),
        _sum(f"to store its {found.stored_objects} objects, once", _usd(found.store_once_usd)),
        _sum(f"to keep {found.stored_gb:.2f} GB, a month", _usd(found.store_month_usd)),
        _sum(f"to send {seen.gb:.2f} GB: {seen.hours:g} h watched at {seen.rung}", _usd(seen.usd)),
        "",
        "Bytes are taken at each rung's highest bit rate; no free allowance is taken off.",
        f"Prices of {prices.region} in {prices.currency}, {prices.as_of}. {prices.note}",
    ]
    return "\n".join(lines)


def _sum(words: str, usd: str) -> str:
    return f"  {words:<43}{usd:>12}"


def tables(prices: Prices) -> str:
    """The tables of docs/COST.md, in Markdown."""
    return "\n\n".join((_per_rung(prices), _per_film(prices), _per_month(prices), _assumed(Habits())))


def _per_rung(prices: Prices) -> str:
    facts = _hour(2160, SLOW)
    slow, fast = quote(facts, prices).outputs, quote(_hour(2160, FAST), prices).outputs
    streams = [*facts.renditions, Rendition(AUDIO, 0, 0, AUDIO_BITRATE)]
    kept = [*(_kept_and_sent(stream, prices) for stream in streams), ["", "", ""]]
    rows = [
        [low.name, low.billed_as, _usd(low.usd), _usd(high.usd), *rest]
        for low, high, rest in zip(slow, fast, kept, strict=True)
    ]
    head = ["output", "billed as", "encode, to 30 fps", "encode, to 60 fps", "GB", "keep, a month", "watch, an hour"]
    return _markdown(head, rows)


def _kept_and_sent(stream: Rendition, prices: Prices) -> list[str]:
    alone = quote(Facts(HOUR_S, stream.width, stream.height, SLOW, False, (), (stream,)), prices)
    return [f"{alone.stored_gb:.2f}", _usd(alone.store_month_usd), _usd(alone.watching.usd)]


def _per_film(prices: Prices) -> str:
    head = ["an hour's film of", "encode, to 30 fps", "encode, to 60 fps", "Professional, to 30 fps", "keep, a month"]
    return _markdown(head, (_film_row(height, prices) for height in (*TALL_RUNGS, *RUNGS)))


def _film_row(height: int, prices: Prices) -> list[str]:
    slow, fast = quote(_hour(height, SLOW), prices), quote(_hour(height, FAST), prices)
    dear = quote(replace(_hour(height, SLOW), repairs=("deinterlaced",)), prices)
    return [f"{height} lines", *map(_usd, (slow.encode_usd, fast.encode_usd, dear.encode_usd, slow.store_month_usd))]


def _hour(height: int, fps: float) -> Facts:
    return plan(film(HOUR_S, height, fps=fps), tall=True)


def _per_month(prices: Prices) -> str:
    months = [month_like(hours) for hours in HOURS_WATCHED]
    bills = [bill(month, prices) for month in months]
    rows = [["hours uploaded", *(f"{month.hours_uploaded:,.0f}" for month in months)]]
    rows += [[items[0].service, *(_cents(item.usd) for item in items)] for items in zip(*bills, strict=True)]
    rows += [["**together**", *(f"**{_cents(sum(item.usd for item in one))}**" for one in bills)]]
    return _markdown(["hours watched", *(f"{hours:,}" for hours in HOURS_WATCHED)], rows)


def _assumed(habits: Habits) -> str:
    return "\n".join(
        (
            f"- Films of {habits.film_minutes:g} minutes, {habits.film_height} lines and {habits.film_fps:g} frames a "
            f"second; each hour uploaded is watched {WATCHED_PER_UPLOADED} times, "
            f"and kept for {habits.months_kept:g} months.",
            f"- {habits.calls_per_upload:g} calls of the API an upload (most of them ask for its progress), "
            f"{habits.calls_per_view:g} a view.",
            f"- {habits.messages_per_upload:g} messages and {habits.writes_per_upload:g} units written to the table an "
            f"upload, {habits.reads_per_call:g} units read a call.",
            f"- Of what viewers fetch, {habits.missed_by_cache:.0%} isn't in CloudFront's cache.",
            f"- {habits.alarms:g} alarms; queues asked {habits.idle_polls:,.0f} times a month while nothing happens.",
        )
    )


def _markdown(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _usd(amount: float) -> str:
    return f"{amount:,.4f}"


def _cents(amount: float) -> str:
    return f"{amount:,.2f}"
