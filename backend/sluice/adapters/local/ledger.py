"""What was begun for each owner on each day, in SQLite: one row a booking."""

from datetime import date

from sluice.ports import KEEP_DAYS

from .database import Database


class SqliteLedger:
    """ports.Ledger in a table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def booked(self, owner: str, day: date) -> int:
        sql = "SELECT COALESCE(SUM(seconds), 0) FROM bookings WHERE owner = ? AND day = ?"
        (total,) = self._database.rows(sql, (owner, day.isoformat()))[0]
        return int(total)

    def book(self, owner: str, day: date, video_id: str, attempt: int, seconds: int, *, limit_s: int) -> bool:
        key = (owner, day.isoformat(), video_id, attempt)
        mine = "SELECT seconds FROM bookings WHERE owner = ? AND day = ? AND video_id = ? AND attempt = ?"
        with self._database.transaction():
            self._database.execute("DELETE FROM bookings WHERE day < ?", ((day - KEEP_DAYS).isoformat(),))
            row = self._database.row(mine, key)
            already = int(row["seconds"]) if row else 0
            if already >= seconds:
                return True
            if self.booked(owner, day) - already + seconds > limit_s:
                return False
            self._database.execute("INSERT OR REPLACE INTO bookings VALUES (?, ?, ?, ?, ?)", (*key, seconds))
        return True
