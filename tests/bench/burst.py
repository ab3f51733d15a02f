"""`make simulate`: a burst of uploads against the limits of queue, functions and MediaConvert, and what it costs."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from sluice import prices as price_list
from sluice.ladder import plan
from sluice.prices import Prices
from sluice.quote import film, quote
from sluice.video import Status

from . import ceilings
from .limits import Limits
from .world import World

# Memory of the functions, as in terraform/functions.tf.
SOURCES_GB, OTHERS_GB = 2.0, 0.5
# A message is sent, received and deleted.
REQUESTS_A_MESSAGE = 3

SCENARIOS: dict[str, dict[str, float]] = {
    "as it is": {},
    "probes of 15 s": {"probe_s": 15.0},
    "probes of 30 s": {"probe_s": 30.0},
    "20 jobs at once": {"jobs_at_once": 20},
    "a tenth of the burst": {"uploads": 1_000},
    "10 calls a second, 200 jobs": {"calls_per_s": 10.0, "jobs_at_once": 200},
}


@dataclass(frozen=True)
class Outcome:
    """What became of a burst; times are seconds from a video's arrival to its end."""

    done: int
    failed: int
    median_s: float
    slow_s: float
    slowest_s: float
    orders_came_back: int
    calls: int
    calls_refused: int
    dead_letters: int
    longest_queue: int
    messages: int
    most_jobs: int
    sweeps: int
    sweeps_cut_short: int
    encode_usd: float
    rest_usd: float


def simulate(limits: Limits, prices: Prices) -> Outcome:
    """The outcome of one burst; the same for the same limits and seed."""
    world = World(limits)
    world.run()
    times = sorted(one.ended_at - one.arrived_at for one in world.films if one.status is Status.DONE) or [0.0]
    lanes = (world.sources, world.encodes)
    return Outcome(
        done=sum(one.status is Status.DONE for one in world.films),
        failed=sum(one.status is Status.FAILED for one in world.films),
        median_s=_at(times, 0.5),
        slow_s=_at(times, 0.95),
        slowest_s=times[-1],
        orders_came_back=world.orders_refused,
        calls=world.calls.asked,
        calls_refused=world.calls.refused,
        dead_letters=sum(lane.dead for lane in lanes),
        longest_queue=world.sources.longest,
        messages=sum(lane.sent for lane in lanes),
        most_jobs=world.most_jobs,
        sweeps=world.sweeps,
        sweeps_cut_short=world.sweeps_cut_short,
        encode_usd=_encode_usd(world, prices),
        rest_usd=_rest_usd(world, prices),
    )


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))]


def _encode_usd(world: World, prices: Prices) -> float:
    done = [one for one in world.films if one.status is Status.DONE]
    facts = plan(film(60, world.limits.height), tall=False)
    return sum(quote(replace(facts, duration_s=one.duration_s), prices).encode_usd for one in done)


def _rest_usd(world: World, prices: Prices) -> float:
    """Functions and queues; the table and the storage are in `sluice quote --tables`."""
    gb_s = world.sources.busy_s * SOURCES_GB + (world.encodes.busy_s + world.sweep_s) * OTHERS_GB
    sent = world.sources.sent + world.encodes.sent
    return prices.function_time.of(gb_s) + prices.queue_requests.of(sent * REQUESTS_A_MESSAGE)


def as_text(limits: Limits, outcome: Outcome) -> str:
    """One outcome for a terminal."""
    lines = [
        f"{limits.uploads:,} uploads within {limits.over_s:g} s, half of the films under {limits.film_s:g} s",
        f"  ended        {outcome.done:,} done, {outcome.failed:,} failed as not_processed",
        f"  until done   half {clock(outcome.median_s)}, 95 % {clock(outcome.slow_s)}, all {clock(outcome.slowest_s)}",
        f"  sources      {outcome.longest_queue:,} waiting at most, {outcome.orders_came_back:,} came back, "
        f"{outcome.dead_letters:,} dead letters",
        f"  MediaConvert {outcome.most_jobs:,} jobs at once at most; {outcome.calls_refused:,} of "
        f"{outcome.calls:,} calls refused for their rate",
        f"  sweeps       {outcome.sweeps:,}, of which {outcome.sweeps_cut_short:,} ran out of time",
        f"  cost         {outcome.encode_usd:,.0f} USD to encode, {outcome.rest_usd:,.2f} USD for functions and queues",
    ]
    return "\n".join(lines)


def as_table(prices: Prices, scenarios: dict[str, dict[str, float]]) -> str:
    """Every scenario's outcome, in Markdown."""
    head = "scenario | done | failed | half done | 95 % | all | dead letters | calls refused | sweeps cut short | USD"
    rows = [head, "---" + " | --:" * 9, *(_row(name, given, prices) for name, given in scenarios.items())]
    return "\n".join(f"| {row} |" for row in rows)


def _row(name: str, given: dict[str, float], prices: Prices) -> str:
    one = simulate(replace(Limits(), **given), prices)
    times = " | ".join(clock(seconds) for seconds in (one.median_s, one.slow_s, one.slowest_s))
    refused = f"{one.calls_refused:,} of {one.calls:,}"
    cut = f"{one.sweeps_cut_short:,} of {one.sweeps:,}"
    usd = f"{one.encode_usd + one.rest_usd:,.0f}"
    return f"{name} | {one.done:,} | {one.failed:,} | {times} | {one.dead_letters:,} | {refused} | {cut} | {usd}"


def clock(seconds: float) -> str:
    """Hours and minutes."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h"


def main(arguments: Iterable[str] | None = None) -> None:
    """Print one outcome, or the table of docs/SCALING.md."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    for field in fields(Limits):
        name = f"--{field.name.replace('_', '-')}"
        parser.add_argument(name, type=type(field.default), default=field.default, help="%(default)s")
    parser.add_argument("--table", action="store_true", help="every scenario of docs/SCALING.md instead")
    parser.add_argument("--ceilings", action="store_true", help="where each limit binds instead")
    given = vars(parser.parse_args(None if arguments is None else list(arguments)))
    show = {name for name in ("table", "ceilings") if given.pop(name)}
    limits, prices = Limits(**given), price_list.load()
    if "ceilings" in show:
        print(ceilings.as_table(limits))
    elif "table" in show:
        print(as_table(prices, SCENARIOS))
    else:
        print(as_text(limits, simulate(limits, prices)))


if __name__ == "__main__":
    main()
