"""ports.Rates: what every store of calls keeps to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from sluice.adapters.aws.rates import DynamoRates
from sluice.adapters.aws.table import Table
from sluice.adapters.local.database import Database
from sluice.adapters.local.rates import MIGRATIONS, SqliteRates
from sluice.ports import Rates
from tests.making import NOW


@pytest.fixture
def dynamo(table: Table) -> Rates:
    return DynamoRates(table)


@pytest.fixture
def calls(tmp_path: Path) -> Database:
    return Database(tmp_path / "rates.db", MIGRATIONS, forgetful=True)


@pytest.fixture
def sqlite(calls: Database) -> Rates:
    return SqliteRates(calls)


@pytest.fixture(params=["sqlite", "dynamo"])
def rates(request: pytest.FixtureRequest) -> Rates:
    found: Rates = request.getfixturevalue(request.param)
    return found


def test_so_many_calls_a_minute_are_within_the_bound(rates: Rates) -> None:
    assert [rates.take("ann", NOW, most=2) for _ in range(4)] == [True, True, False, False]


def test_callers_are_counted_apart(rates: Rates) -> None:
    rates.take("ann", NOW, most=1)
    assert rates.take("bob", NOW, most=1)


def test_the_next_minute_is_counted_anew(rates: Rates) -> None:
    rates.take("ann", NOW + timedelta(seconds=59), most=1)
    assert not rates.take("ann", NOW + timedelta(seconds=59), most=1)
    assert rates.take("ann", NOW + timedelta(seconds=60), most=1)


def test_a_higher_bound_lets_more_through(rates: Rates) -> None:
    assert [rates.take("ann", NOW, most=most) for most in (1, 1, 5)] == [True, False, True]


def test_many_who_call_at_once_do_not_pass_the_bound(sqlite: Rates) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: sqlite.take("ann", NOW, most=20), range(64)))
    assert taken.count(True) == 20


def test_past_minutes_are_forgotten(sqlite: Rates, calls: Database) -> None:
    sqlite.take("ann", NOW, most=1)
    sqlite.take("bob", NOW + timedelta(minutes=1), most=1)
    assert [row["caller"] for row in calls.rows("SELECT caller FROM calls")] == ["bob"]


def test_dynamodb_is_told_when_to_forget_a_minute(dynamo: Rates) -> None:
    dynamo.take("ann", NOW, most=1)
    minute = int(NOW.timestamp() // 60)
    item = dynamo._table.get(f"called#ann#{minute}")  # type: ignore[attr-defined]
    assert item["forget_at"] == NOW.timestamp() + 3600
