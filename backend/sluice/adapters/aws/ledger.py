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
        if self._raise(owner, day, mine, 0, seconds, limit_s):
            return True
        item: Item = self._table.get(_key(owner, day)) or {}
        already = int(item.get(mine, 0))
        return already >= seconds or (already > 0 and self._raise(owner, day, mine, already, seconds, limit_s))

    def _raise(self, owner: str, day: date, mine: str, already: int, seconds: int, limit_s: int) -> bool:
        """Whether the booking went from what it was already to so many seconds."""
        more = seconds - already
        if more > limit_s:
            return False
        as_it_was = f"{mine} = :already" if already else f"attribute_not_exists({mine})"
        room = f"{as_it_was} AND (attribute_not_exists(pk) OR seconds_booked <= :room)"
        change = f"SET {mine} = :seconds, forget_at = :forgotten ADD seconds_booked :more"
        values = {":seconds": seconds, ":more": more, ":room": limit_s - more, ":forgotten": _forgotten_at(day)}
        values |= {":already": already} if already else {}
        try:
            self._table.update(_key(owner, day), change, room, values)
        except Refusal:
            return False
        return True


def _key(owner: str, day: date) -> str:
    return f"booked#{owner}#{day.isoformat()}"


def _forgotten_at(day: date) -> int:
    """When DynamoDB may remove the item, at no cost."""
    return int((datetime.combine(day, time(), UTC) + KEEP_DAYS).timestamp())
