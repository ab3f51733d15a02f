"""The functions on AWS that no user waits for: one for each lane, and the sweep; `sluice invoke` runs the same code."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from sluice import flow
from sluice import settings as reading
from sluice.ports import App
from sluice.sweep import sweep as sweep_once

from . import aws_events, lambda_logs

log = logging.getLogger(__name__)
# An alarm counts these lines and reads `overdue`, so they are written at every SLUICE_LOG_LEVEL.
counted = logging.getLogger(f"{__name__}.counted")
counted.setLevel(logging.INFO)

BatchResult = dict[str, list[dict[str, str]]]


def sources(event: Mapping[str, Any], context: object) -> BatchResult:
    """Uploads that have arrived."""
    return _on_lane(event, context)


def encodes(event: Mapping[str, Any], context: object) -> BatchResult:
    """News of encodes."""
    return _on_lane(event, context)


def tasks(event: Mapping[str, Any], context: object) -> BatchResult:
    """What is to be removed or renamed."""
    return _on_lane(event, context)


def sweep(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Every minute: how many videos were due, and how many are overdue still."""
    lambda_logs.begin(context)
    swept = asdict(sweep_once(_home()))
    counted.info("swept", extra={"told": swept})
    return swept


def on_queue(event: Mapping[str, Any], app: App) -> BatchResult:
    """The batch result: the records that are to be delivered again, or end as dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _handled(record, app)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _on_lane(event: Mapping[str, Any], context: object) -> BatchResult:
    lambda_logs.begin(context)
    return on_queue(event, _home())


def _handled(record: Mapping[str, Any], app: App) -> bool:
    try:
        for message in aws_events.parse(record["body"]):
            flow.handle(app, message)
    except Exception:
        log.exception("message=%s failed", record.get("messageId"))
        return False
    return True


@cache
def _home() -> App:
    """The home on AWS, wired by the first event that this copy of the function gets."""
    from sluice.wiring import build

    settings = reading.load()
    lambda_logs.install(settings.log_level)
    return build(settings)
