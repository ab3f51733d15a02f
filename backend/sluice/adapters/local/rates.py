"""Who called how often in the running minute, in SQLite: nothing that has to survive a crash."""

from datetime import datetime

from .database import Database

MIGRATIONS = [
    """
    CREATE TABLE calls (
        caller TEXT NOT NULL, minute INTEGER NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (caller, minute)
    ) STRICT, WITHOUT ROWID
    """
]
_TAKE = """
    INSERT INTO calls VALUES (?, ?, 1) ON CONFLICT (caller, minute) DO UPDATE SET calls = calls + 1 WHERE calls < ?
"""


class SqliteRates:
    """ports.Rates in a table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._minute = 0

    def take(self, caller: str, now: datetime, *, most: int) -> bool:
        minute = int(now.timestamp() // 60)
        if minute > self._minute:
            self._minute = minute
            self._database.execute("DELETE FROM calls WHERE minute < ?", (minute,))
        return self._database.execute(_TAKE, (caller, minute, most)) == 1
