"""What was begun for each owner on each day, in DynamoDB: one item a day, with its sum and an attribute a booking."""

from datetime import UTC, date, datetime, time

from sluice.ports import KEEP_DAYS

from .table import Item, Refusal, Table


class DynamoLedger:
    """ports.Ledger in the table of the videos."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def booked(self, owner: str, day: date) -> int:
        item = self._table.get(_key(owner, day)) or {}
        return int(item.get("seconds_booked", 0))

    def book(self, owner: str, day: date, video_id: str, attempt: int, seconds: int, *, limit_s: int) -> bool:
        # An attribute's name in an expression begins with a letter, an id with a digit.
        mine = f"of_{video_id}_{attempt}"
        if seconds > limit_s:
            return self._stands(owner, day, mine)
        room = f"attribute_not_exists({mine}) AND (attribute_not_exists(pk) OR seconds_booked <= :room)"
        change = f"SET {mine} = :seconds, forget_at = :forgotten ADD seconds_booked :seconds"
        values = {":seconds": seconds, ":room": limit_s - seconds, ":forgotten": _forgotten_at(day)}
        try:
            self._table.update(_key(owner, day), change, room, values)
        except Refusal:
            return self._stands(owner, day, mine)
        return True

    def _stands(self, owner: str, day: date, mine: str) -> bool:
        item: Item = self._table.get(_key(owner, day)) or {}
        return mine in item


def _key(owner: str, day: date) -> str:
    return f"booked#{owner}#{day.isoformat()}"


def _forgotten_at(day: date) -> int:
    """When DynamoDB may remove the item, at no cost."""
    return int((datetime.combine(day, time(), UTC) + KEEP_DAYS).timestamp())
