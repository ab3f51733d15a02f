"""ports.Ledger: what every store of bookings keeps to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from sluice.adapters.aws.ledger import DynamoLedger
from sluice.adapters.aws.table import Table
from sluice.adapters.local.database import Database
from sluice.adapters.local.ledger import SqliteLedger
from sluice.ports import KEEP_DAYS, Ledger
from tests.making import ANN, BOB, NOW, an_id

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def dynamo(table: Table) -> Ledger:
    return DynamoLedger(table)


@pytest.fixture
def sqlite(database: Database) -> Ledger:
    return SqliteLedger(database)


@pytest.fixture(params=["sqlite", "dynamo"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    found: Ledger = request.getfixturevalue(request.param)
    return found


def book(
    ledger: Ledger, number: int, seconds: int = 60, *, owner: str = ANN, day: date = TODAY, attempt: int = 1
) -> bool:
    return ledger.book(owner, day, an_id(number), attempt, seconds, limit_s=100)


def test_nothing_is_booked_on_a_new_day(ledger: Ledger) -> None:
    assert ledger.booked(ANN, TODAY) == 0


def test_bookings_add_up(ledger: Ledger) -> None:
    assert (book(ledger, 1, 60), book(ledger, 2, 30)) == (True, True)
    assert ledger.booked(ANN, TODAY) == 90


def test_a_video_is_booked_once(ledger: Ledger) -> None:
    assert (book(ledger, 1, 60), book(ledger, 1, 60)) == (True, True)
    assert ledger.booked(ANN, TODAY) == 60


def test_another_attempt_is_booked_again(ledger: Ledger) -> None:
    assert (book(ledger, 1, 40), book(ledger, 1, 40, attempt=2)) == (True, True)
    assert ledger.booked(ANN, TODAY) == 80


def test_the_limit_can_be_reached_but_not_passed(ledger: Ledger) -> None:
    assert (book(ledger, 1, 60), book(ledger, 2, 41), book(ledger, 3, 40)) == (True, False, True)
    assert ledger.booked(ANN, TODAY) == 100


def test_a_first_booking_beyond_the_limit_is_not_made(ledger: Ledger) -> None:
    assert not book(ledger, 1, 101)
    assert ledger.booked(ANN, TODAY) == 0


def test_what_was_booked_stays_booked_under_a_lower_limit(ledger: Ledger) -> None:
    book(ledger, 1, 60)
    assert ledger.book(ANN, TODAY, an_id(1), 1, 60, limit_s=10)
    assert ledger.booked(ANN, TODAY) == 60


def test_days_and_owners_are_counted_apart(ledger: Ledger) -> None:
    book(ledger, 1, 60)
    assert book(ledger, 2, 60, owner=BOB)
    assert book(ledger, 1, 60, day=TOMORROW)
    assert ledger.booked(ANN, TODAY) == 60


def test_a_booking_grows_but_never_shrinks(ledger: Ledger) -> None:
    assert (book(ledger, 1, 40), book(ledger, 1, 70), book(ledger, 1, 50)) == (True, True, True)
    assert ledger.booked(ANN, TODAY) == 70


def test_a_booking_grows_no_further_than_the_limit(ledger: Ledger) -> None:
    book(ledger, 1, 40), book(ledger, 2, 30)
    assert (book(ledger, 1, 71), book(ledger, 1, 70)) == (False, True)
    assert ledger.booked(ANN, TODAY) == 100


def test_a_booking_that_could_not_grow_stands_as_it_was(ledger: Ledger) -> None:
    assert (book(ledger, 1, 60), book(ledger, 1, 101), book(ledger, 1, 60)) == (True, False, True)
    assert ledger.booked(ANN, TODAY) == 60


def test_many_who_book_at_once_do_not_pass_the_limit(sqlite: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: book(sqlite, number, 30), range(8)))
    assert (taken.count(True), sqlite.booked(ANN, TODAY)) == (3, 90)


def test_a_day_is_forgotten_after_a_week(sqlite: Ledger) -> None:
    book(sqlite, 1, 60)
    book(sqlite, 2, 60, day=TODAY + KEEP_DAYS + timedelta(days=1))
    assert sqlite.booked(ANN, TODAY) == 0


def test_dynamodb_is_told_when_to_forget_a_day(dynamo: Ledger) -> None:
    book(dynamo, 1, 60)
    item = dynamo._table.get(f"booked#{ANN}#{TODAY}")  # type: ignore[attr-defined]
    assert item["forget_at"] == 1795824000
