"""The adapters' surroundings: a folder for this machine's, an emulated account for AWS's."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.table import Table
from sluice.adapters.local.database import Database
from sluice.adapters.local.sqlite import MIGRATIONS
from tests.making import NOW

REGION = "eu-west-1"
INDEXES = {"owned": ("owned_by", "pk"), "public": ("public_month", "pk"), "due": ("due_shard", "due_at")}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "sluice.db", MIGRATIONS)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """boto3's clients in an account that is empty."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Clients()


@pytest.fixture
def table(clients: Clients) -> Table:
    named = {attribute for keys in INDEXES.values() for attribute in keys}
    clients("dynamodb").create_table(
        TableName="videos",
        KeySchema=[_key("pk", "HASH")],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(named)],
        GlobalSecondaryIndexes=[_index(name, *keys) for name, keys in INDEXES.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    return Table(clients, "videos")


@pytest.fixture
def now() -> Callable[[], datetime]:
    return lambda: NOW


def _index(name: str, hashed: str, ranged: str) -> dict[str, Any]:
    keys = [_key(hashed, "HASH"), _key(ranged, "RANGE")]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}
