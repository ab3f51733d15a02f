"""What a queue delivers, record by record; the same code behind Lambda and behind `sluice invoke`."""

import logging
from collections.abc import Mapping
from typing import Any

from sluice import flow
from sluice.ports import App

from . import aws_events

log = logging.getLogger(__name__)


def on_queue(event: Mapping[str, Any], app: App) -> dict[str, list[dict[str, str]]]:
    """The batch result: the records that are to be delivered again, or end as dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _handled(record, app)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _handled(record: Mapping[str, Any], app: App) -> bool:
    try:
        for message in aws_events.parse(record["body"]):
            flow.handle(app, message)
    except Exception:
        log.exception("message=%s failed", record.get("messageId"))
        return False
    return True
