"""An emulated account of AWS over HTTP, with what the functions use; good for what needs no encoder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import boto3
from moto.server import ThreadedMotoServer

from sluice.messages import LANES
from tests.packages import function_settings
from tests.rehearsal.lambda_box import REGION
from tests.tables import create_table


@dataclass(frozen=True)
class Account:
    """Where it answers, and the settings of functions that live in it."""

    endpoint: str
    settings: dict[str, str]

    def client(self, service: str) -> Any:
        """A client of the account's."""
        key = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint, **key)


@contextmanager
def an_account(**settings: str) -> Iterator[Account]:
    """An account with an empty table, empty buckets and empty queues."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        account = Account(f"http://{host}:{port}", function_settings() | settings)
        # All of moto's servers in one process share what they keep.
        urlopen(f"{account.endpoint}/moto-api/reset", data=b"", timeout=10).close()
        _furnish(account)
        yield account
    finally:
        server.stop()


def _furnish(account: Account) -> None:
    create_table(account.client("dynamodb"), account.settings["SLUICE_TABLE"])
    for kind in ("RAW", "MEDIA"):
        account.client("s3").create_bucket(Bucket=account.settings[f"SLUICE_{kind}_BUCKET"])
    for lane in LANES:
        url = account.client("sqs").create_queue(QueueName=lane)["QueueUrl"]
        account.settings[f"SLUICE_{lane.upper()}_QUEUE"] = url
