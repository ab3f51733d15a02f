"""The simulated burst: its parts behave as the services they stand for, and its findings follow from the limits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.prices import load
from sluice.video import MAX_NUDGES
from tests.bench import burst, ceilings
from tests.bench.engine import Clock, Lane, Tap
from tests.bench.limits import Limits

PRICES = load()
ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/SCALING.md").read_text()
CALM = Limits(uploads=40, calls_per_s=100.0)


def outcome(limits: Limits = CALM, **changes: float) -> burst.Outcome:
    return burst.simulate(replace(limits, **changes), PRICES)


def run(clock: Clock) -> None:
    clock.run(lambda: True, until=10_000)


# --- the parts --------------------------------------------------------------------------------------------------


def test_a_tap_lets_a_burst_through_and_then_so_many_a_second() -> None:
    clock, passed = Clock(), []
    tap = Tap(clock, per_s=2, burst=3)
    for at in (0, 0, 0, 0, 0.4, 0.5, 1.0, 1.1):
        clock.after(at, lambda: passed.append(tap.take()))

    run(clock)

    assert passed == [True, True, True, False, False, True, True, False]
    assert (tap.asked, tap.refused) == (8, 3)


def work(seconds: float, done: list[float], clock: Clock, *, fails: int = 0) -> object:
    """Work that takes some seconds and fails so often before it is done."""
    left = [fails]

    def attempt() -> Iterator[float]:
        yield seconds
        left[0] -= 1
        if left[0] >= 0:
            return False
        done.append(clock.now)
        return True

    return attempt


def test_a_lane_works_on_so_many_at_once() -> None:
    clock, done = Clock(), []
    lane = Lane(clock, at_once=2, visibility_s=60, max_receives=5)
    for _ in range(5):
        lane.send(work(10, done, clock))

    run(clock)

    assert done == [10, 10, 20, 20, 30]
    assert lane.busy_s == 50


def test_what_failed_comes_back_after_the_visibility_timeout() -> None:
    clock, done = Clock(), []
    lane = Lane(clock, at_once=1, visibility_s=60, max_receives=5)
    lane.send(work(10, done, clock, fails=2))

    run(clock)

    assert (done, lane.received, lane.failed, lane.dead) == ([130], 3, 2, 0)


def test_what_fails_too_often_is_a_dead_letter() -> None:
    clock, done = Clock(), []
    lane = Lane(clock, at_once=1, visibility_s=60, max_receives=3)
    lane.send(work(10, done, clock, fails=9))

    run(clock)

    assert (done, lane.received, lane.dead) == ([], 3, 1)


# --- bursts -----------------------------------------------------------------------------------------------------


def test_a_small_burst_is_done_without_a_refusal() -> None:
    found = outcome()

    assert (found.done, found.failed, found.calls_refused, found.dead_letters) == (40, 0, 0, 0)


def test_the_same_seed_gives_the_same_outcome() -> None:
    assert outcome() == outcome()
    assert outcome() != outcome(seed=2)


def test_no_more_jobs_run_than_may_at_once() -> None:
    few, many = outcome(jobs_at_once=2), outcome(jobs_at_once=40)

    assert (few.most_jobs, many.most_jobs > 10) == (2, True)
    assert few.slowest_s > 3 * many.slowest_s


def test_orders_that_are_refused_come_back_and_are_not_lost() -> None:
    found = outcome(calls_per_s=0.1, calls_burst=1.0)

    assert found.orders_came_back > 0
    assert (found.done, found.failed) == (40, 0)


def test_uploads_that_wait_longer_than_they_are_announced_fail() -> None:
    assert outcome(probe_s=600.0, sources_at_once=1).failed > 0


def test_announcing_for_longer_saves_them() -> None:
    assert outcome(probe_s=600.0, sources_at_once=1, max_nudges=MAX_NUDGES + 4).failed == 0


def test_jobs_that_wait_for_long_are_asked_for_ever_more_rarely() -> None:
    every_minute, ever_more_rarely = (
        outcome(film_s=1200.0, jobs_at_once=1, look_after_share=share) for share in (0.0, 0.25)
    )

    assert every_minute.calls > 5 * ever_more_rarely.calls
    assert ever_more_rarely.calls > 2 * CALM.uploads


def test_what_was_encoded_costs_what_a_quote_says() -> None:
    assert outcome(film_s=600.0).encode_usd > 3 * outcome(film_s=120.0).encode_usd > 0


# --- what it is held to -----------------------------------------------------------------------------------------


def terraform(file: str, name: str, value: str = r"(\d+)") -> str:
    """What terraform/ says of this name."""
    found = re.search(rf"^\s*{name}\s*=.*?{value}", (ROOT / "terraform" / file).read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("lane", ["sources", "encodes"])
def test_lanes_are_as_wide_and_as_patient_as_in_terraform(lane: str) -> None:
    limits = vars(Limits())

    assert limits[f"{lane}_at_once"] == int(terraform("functions.tf", lane, r"at_once = (\d+)"))
    assert limits[f"{lane}_timeout_s"] == int(terraform("functions.tf", lane, r"timeout = (\d+)"))


def test_the_sweep_has_the_time_that_terraform_gives_it() -> None:
    assert Limits().sweep_timeout_s == int(terraform("functions.tf", "sweep", r"timeout = (\d+)"))


def test_messages_come_back_as_in_terraform() -> None:
    assert Limits().max_receives == int(terraform("queues.tf", "max_receives"))
    assert Limits().visibility_factor == int(terraform("queues.tf", "visibility_factor"))


def test_functions_have_the_memory_that_terraform_gives_them() -> None:
    assert int(terraform("functions.tf", "sources", r"memory = (\d+)")) == burst.SOURCES_GB * 1024
    assert int(terraform("functions.tf", "encodes", r"memory = (\d+)")) == burst.OTHERS_GB * 1024


# --- the document -----------------------------------------------------------------------------------------------


def test_the_document_says_where_each_limit_binds() -> None:
    assert ceilings.as_table(Limits()) in DOC


def test_the_document_has_the_smaller_scenario_as_it_is_simulated() -> None:
    smaller = {name: given for name, given in burst.SCENARIOS.items() if given.get("uploads") == 1_000}

    table = burst.as_table(PRICES, smaller)

    assert len(smaller) == 1
    assert [row for row in table.splitlines() if row not in DOC] == []


def test_the_command_prints_an_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    burst.main(["--uploads", "20"])

    assert "20 done, 0 failed" in capsys.readouterr().out
