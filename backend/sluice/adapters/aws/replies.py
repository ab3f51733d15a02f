"""Kept answers in DynamoDB; a claim is an item without an answer, and the table forgets both by itself."""

import json
from datetime import datetime, timedelta

from sluice.codec import plain, restore
from sluice.errors import Conflict
from sluice.ports import KEEP_REPLIES, Reply

from .table import Refusal, Table

CLAIM_LASTS = timedelta(seconds=60)


class DynamoReplies:
    """ports.Replies in the table of the videos."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, owner: str, key: str, *, now: datetime) -> Reply | None:
        at = now.timestamp()
        free = (
            "attribute_not_exists(pk) OR claimed_at < :forgotten "
            "OR (attribute_not_exists(as_json) AND NOT claimed_at BETWEEN :stale AND :ahead)"
        )
        lasts_s = CLAIM_LASTS.total_seconds()
        values = {":forgotten": at - KEEP_REPLIES.total_seconds(), ":stale": at - lasts_s, ":ahead": at + lasts_s}
        try:
            self._table.put({**_item(owner, key, now), "claimed_at": at}, free, values)
        except Refusal as refusal:
            item = self._table.get(_key(owner, key))
            if item is None or "as_json" not in item:
                raise Conflict("a call with this Idempotency-Key is under way") from refusal
            return restore(Reply, json.loads(item["as_json"]))
        return None

    def keep(self, owner: str, key: str, reply: Reply, *, until: datetime) -> None:
        at = until - KEEP_REPLIES
        answer = {"claimed_at": at.timestamp(), "as_json": json.dumps(plain(reply))}
        self._table.put({**_item(owner, key, at), **answer})

    def release(self, owner: str, key: str) -> None:
        try:
            self._table.delete(_key(owner, key), "attribute_not_exists(as_json)")
        except Refusal:
            # It has an answer by now, which stays.
            return


def _key(owner: str, key: str) -> str:
    return f"reply#{owner}#{key}"


def _item(owner: str, key: str, now: datetime) -> dict[str, str | int]:
    # DynamoDB removes it some time after this moment, at no cost.
    return {"pk": _key(owner, key), "forget_at": int((now + KEEP_REPLIES).timestamp()) + 1}
