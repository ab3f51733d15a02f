"""Who called how often, in DynamoDB: one item a caller and minute, which it removes by itself."""

from datetime import datetime

from .table import Refusal, Table

_KEPT_S = 3600


class DynamoRates:
    """ports.Rates in the table of the videos."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, caller: str, now: datetime, *, most: int) -> bool:
        minute = int(now.timestamp() // 60)
        room = "attribute_not_exists(pk) OR calls_made < :most"
        values = {":one": 1, ":most": most, ":forgotten": minute * 60 + _KEPT_S}
        try:
            change = "SET forget_at = :forgotten ADD calls_made :one"
            self._table.update(f"called#{caller}#{minute}", change, room, values)
        except Refusal:
            return False
        return True
