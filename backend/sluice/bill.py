"""What a month on AWS costs, from how much is uploaded and watched in it."""

from dataclasses import dataclass

from .ladder import plan
from .prices import Prices
from .quote import Quote, film, quote

MONTH_S = 30 * 86400
WATCHED_PER_UPLOADED = 100


@dataclass(frozen=True)
class Month:
    """What happens in a month; the rest of what a bill assumes is in `Habits`."""

    hours_watched: float
    hours_uploaded: float


@dataclass(frozen=True)
class Habits:
    """What users do and how the functions fare: assumptions, each of them to be replaced by what you measure."""

    film_minutes: float = 10
    film_height: int = 1080
    film_fps: float = 30
    months_kept: float = 12
    calls_per_upload: float = 120
    calls_per_view: float = 5
    signed_in_per_upload: float = 0.5
    missed_by_cache: float = 0.1
    call_gb_s: float = 1.0 * 0.1
    probe_gb_s: float = 1.0 * 3
    message_gb_s: float = 0.5 * 0.5
    messages_per_upload: float = 50
    sweep_gb_s: float = 0.5 * 1
    writes_per_upload: float = 600
    reads_per_call: float = 5
    log_gb_per_call: float = 2e-6
    # Lambda asks each of the three queues with five pollers, each waiting 20 s, also when nobody does anything.
    idle_polls: float = 3 * 5 * MONTH_S / 20
    alarms: float = 19


@dataclass(frozen=True)
class Item:
    """One service's part in a bill."""

    service: str
    usd: float


def month_like(hours_watched: float) -> Month:
    """A month in which each uploaded hour is watched a hundred times, but at least one is uploaded."""
    return Month(hours_watched, max(1.0, hours_watched / WATCHED_PER_UPLOADED) if hours_watched else 0.0)


def bill(month: Month, prices: Prices, habits: Habits | None = None) -> tuple[Item, ...]:
    """The month's bill by service, everybody's free allowances taken off."""
    habits = habits or Habits()
    facts = plan(film(habits.film_minutes * 60, habits.film_height, fps=habits.film_fps), tall=False)
    one = quote(facts, prices, hours_watched=month.hours_watched)
    uploads = month.hours_uploaded * 60 / habits.film_minutes
    views = month.hours_watched * 60 / habits.film_minutes
    calls = uploads * habits.calls_per_upload + views * habits.calls_per_view
    return (
        Item("MediaConvert", uploads * one.encode_usd),
        Item("S3", _storage(one, uploads, prices, habits)),
        Item("CloudFront", _delivery(one, calls, prices)),
        Item("Lambda", _functions(uploads, calls, prices, habits)),
        Item("API Gateway", prices.api_requests.of(calls, allowance=True)),
        Item("DynamoDB", _table(uploads, calls, prices, habits)),
        Item("SQS", _queues(uploads, prices, habits)),
        Item("Cognito", prices.users.of(uploads * habits.signed_in_per_upload, allowance=True)),
        Item("CloudWatch", _watch(calls, prices, habits)),
    )


def _storage(one: Quote, uploads: float, prices: Prices, habits: Habits) -> float:
    kept = prices.storage.of(one.stored_gb * uploads * habits.months_kept)
    written = prices.storage_writes.of(one.stored_objects * uploads)
    return kept + written + prices.storage_reads.of(one.watching.requests * habits.missed_by_cache)


def _delivery(one: Quote, calls: float, prices: Prices) -> float:
    requests = one.watching.requests + calls
    sent = prices.delivery.of(one.watching.gb, allowance=True)
    asked = prices.delivery_requests.of(requests, allowance=True)
    return sent + asked + prices.edge_calls.of(one.watching.requests, allowance=True)


def _functions(uploads: float, calls: float, prices: Prices, habits: Habits) -> float:
    sweeps = MONTH_S / 60
    messages = uploads * habits.messages_per_upload
    runs = calls + uploads + messages + sweeps
    gb_s = calls * habits.call_gb_s + uploads * habits.probe_gb_s
    gb_s += messages * habits.message_gb_s + sweeps * habits.sweep_gb_s
    return prices.function_calls.of(runs, allowance=True) + prices.function_time.of(gb_s, allowance=True)


def _table(uploads: float, calls: float, prices: Prices, habits: Habits) -> float:
    sweeps = MONTH_S / 60
    # Each sweep asks the four shards of what is due.
    reads = calls * habits.reads_per_call + sweeps * 4
    return prices.table_writes.of(uploads * habits.writes_per_upload) + prices.table_reads.of(reads)


def _queues(uploads: float, prices: Prices, habits: Habits) -> float:
    # Each message is sent, received and deleted.
    requests = habits.idle_polls + 3 * uploads * habits.messages_per_upload
    return prices.queue_requests.of(requests, allowance=True)


def _watch(calls: float, prices: Prices, habits: Habits) -> float:
    logged = prices.logs.of(calls * habits.log_gb_per_call, allowance=True)
    return logged + prices.alarms.of(habits.alarms, allowance=True)
