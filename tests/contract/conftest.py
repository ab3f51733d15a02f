"""The adapters' surroundings: a folder for this machine's, an emulated account for AWS's."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from moto import mock_aws

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.table import Table
from sluice.adapters.local.database import Database
from sluice.adapters.local.sqlite import MIGRATIONS
from tests.making import NOW
from tests.tables import create_table

REGION = "eu-west-1"


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
    create_table(clients("dynamodb"), "videos")
    return Table(clients, "videos")


@pytest.fixture
def now() -> Callable[[], datetime]:
    return lambda: NOW
