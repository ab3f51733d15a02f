"""Each service's limit, and the load at which it binds; quotas as far as they are known."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.adapters.aws.dynamo import DUE_SHARDS
from sluice.ladder import Facts, plan
from sluice.playlists import AUDIO_BITRATE, SEGMENT_S
from sluice.quote import film

from .limits import Limits

# What an item of the table and an answer of the list are taken to be.
ITEM_BYTES = 2_500
ITEMS_A_PAGE = 24
CALL_S = 0.1
MISSED = 0.1
WRITE_UNIT, READ_UNIT = 1_000, 4_000
PARTITION_WRITES, PARTITION_READS = 1_000, 3_000


@dataclass(frozen=True)
class Ceiling:
    """One limit, and the load at which it binds."""

    service: str
    limit: str
    binds_at: str


def ceilings(limits: Limits) -> Iterator[Ceiling]:
    """From the one that binds first in everyday life to those that hardly ever will."""
    facts = plan(film(limits.film_s, limits.height), tall=False)
    yield from _people()
    yield from _encoding(limits, facts)
    yield from _table(limits)
    yield from _api()
    yield from _viewers(facts)


def _people() -> Iterator[Ceiling]:
    yield Ceiling("Cognito, its own mail", "50 mails a day", "50 sign-ups and forgotten passwords a day")
    yield Ceiling("Cognito, sign-in", "120 a second", "120 people who sign in within a second; viewers need no account")


def _encoding(limits: Limits, facts: Facts) -> Iterator[Ceiling]:
    rate, jobs = limits.calls_per_s, limits.jobs_at_once
    seconds = limits.encode_start_s + limits.film_s / limits.encode_speed
    yield Ceiling(
        "MediaConvert, calls",
        f"{rate:g} a second, {limits.calls_burst:g} at once",
        f"{rate * 60:.0f} uploads a minute; the sweep's asking for {rate * limits.sweep_after_s:,.0f} jobs "
        f"of less than {limits.sweep_after_s / limits.look_after_share / 60:g} minutes, or for "
        f"{rate * limits.look_after_share * 3600:,.0f} that are an hour old",
    )
    yield Ceiling(
        "MediaConvert, jobs",
        f"{jobs} at once",
        f"{jobs * 3600 / seconds:,.0f} films of {limits.film_s:g} s an hour",
    )
    yield Ceiling(
        "Lambda, lane `sources`",
        f"{limits.sources_at_once} at once (terraform/)",
        f"{limits.sources_at_once / (limits.probe_s + limits.message_s):.1f} uploads a second",
    )
    last_s = sum(limits.sweep_after_s * 2 ** max(0, n - 1) for n in range(limits.max_nudges + 1))
    yield Ceiling(
        "Announcing again",
        f"{limits.max_nudges} times (video.py)",
        f"uploads that wait for more than {last_s / 60:.0f} minutes in `sources`, while the sweep keeps up",
    )
    yield Ceiling(
        "Lambda, the sweep",
        f"{limits.sweep_timeout_s:g} s (terraform/)",
        f"{limits.sweep_timeout_s / limits.sweep_item_s:,.0f} videos that are due at once",
    )
    puts = limits.jobs_at_once * (len(facts.renditions) + 1) * limits.encode_speed / SEGMENT_S
    yield Ceiling("S3, writing", "3,500 a second and prefix", f"{jobs} jobs write {puts:.0f} a second")
    widest = max(limits.sources_at_once, limits.encodes_at_once)
    yield Ceiling("SQS", "120,000 in flight", f"never: a lane holds {widest} and some")


def _table(limits: Limits) -> Iterator[Ceiling]:
    write, read = -(-ITEM_BYTES // WRITE_UNIT), ITEM_BYTES * ITEMS_A_PAGE / READ_UNIT / 2
    yield Ceiling(
        "DynamoDB, index `public`",
        f"{PARTITION_READS:,} read and {PARTITION_WRITES:,} write units a month's partition",
        f"{PARTITION_READS / read:.0f} home pages a second; {PARTITION_WRITES // write} videos that finish in one",
    )
    yield Ceiling(
        "DynamoDB, index `due`",
        f"{DUE_SHARDS} shards of {PARTITION_WRITES:,} write units",
        f"{DUE_SHARDS * PARTITION_WRITES // write:,} changes a second, or the progress of "
        f"{DUE_SHARDS * PARTITION_WRITES // write * limits.status_every_s:,.0f} jobs",
    )
    yield Ceiling("DynamoDB, the table", "40,000 units a second", f"{40_000 // (3 * write):,} changes a second")


def _api() -> Iterator[Ceiling]:
    yield Ceiling("API Gateway, our stage", "200 a second (terraform/)", "200 calls a second")
    yield Ceiling(
        "Lambda, the account",
        "1,000 at once; 10 in a young one",
        f"{1000 / CALL_S:,.0f} calls a second; {10 / CALL_S:.0f}",
    )
    yield Ceiling("API Gateway, the account", "10,000 a second", "10,000 calls a second")


def _viewers(facts: Facts) -> Iterator[Ceiling]:
    bits = facts.renditions[0].max_bitrate + AUDIO_BITRATE
    viewers, asked = 150e9 / bits, 2 / SEGMENT_S
    yield Ceiling("CloudFront, bytes", "150 Gb/s a distribution", f"{viewers:,.0f} viewers at 1080 lines")
    yield Ceiling("CloudFront, requests", "250,000 a second", f"{250_000 / asked:,.0f} viewers")
    yield Ceiling(
        "S3, reading",
        "5,500 a second and prefix",
        f"{5_500 / asked / MISSED:,.0f} viewers, {MISSED:.0%} of it uncached",
    )


def as_table(limits: Limits) -> str:
    """The ceilings in Markdown."""
    rows = [f"| {one.service} | {one.limit} | {one.binds_at} |" for one in ceilings(limits)]
    return "\n".join(["| what | limit | binds at |", "| --- | --- | --- |", *rows])
