"""How many tickets a second, each of them on the disk, beside what a route that does nothing can answer."""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from tests.bench.load import Taken, ask, request
from tests.bench.running import bare_flask, on_our_disk, sluice
from tests.bench.table import Row, at_least, at_most
from tests.bench.turns import in_turns

SENDERS = 8
EACH = 250
MANY = at_least(0.25)
# Beside what is to be stored there is who asks, what they may, and the form that is signed for them.
MANY_STORED = at_least(0.4)
STEADY = at_most(6)


def tickets() -> Iterator[Row]:
    """As many users as connections; each asks for one ticket after another."""
    with ExitStack() as stack:
        folder = stack.enter_context(on_our_disk())
        running = stack.enter_context(sluice(folder / "sluice"))
        bare = stack.enter_context(bare_flask(folder / "bare"))
        theirs = [request("GET /")] * SENDERS
        rows = [request("POST /row", None, {})] * SENDERS
        ours = [_ticket(running.user(f"user{number}").token) for number in range(SENDERS)]
        ask(bare, theirs, EACH)
        ask(bare, rows, EACH, 201)
        ask(running.port, ours, EACH, 201)
        taken: list[Taken] = []

        def issued() -> float:
            taken.append(ask(running.port, ours, EACH, 201))
            return taken[-1].per_second

        issues, answers, stores = in_turns(
            issued,
            lambda: ask(bare, theirs, EACH).per_second,
            lambda: ask(bare, rows, EACH, 201).per_second,
        )
    yield Row(f"tickets, {SENDERS} senders", issues, "a bare Flask route", answers, MANY, "/s")
    yield Row(
        f"tickets, {SENDERS} senders", issues, "one that stores a row and does no more", stores, MANY_STORED, "/s"
    )
    slow, half = (median(one.at(share) for one in taken) for share in (0.99, 0.5))
    yield Row("tickets, the slowest 1 %", slow, "their median", half, STEADY)


def _ticket(token: str) -> bytes:
    wanted = {"filename": "holiday.mp4", "size": 5_000_000, "title": "A film"}
    return request("POST /api/uploads", {"Authorization": f"Bearer {token}"}, wanted)
