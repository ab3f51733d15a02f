"""The lanes as a lease table: at least once, any order, backoff, dead letters. SQS's meaning in one table.

Queues that delete on receipt lose the job that was running at a kill; here a message goes only when it is acknowledged.
"""

import os
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluice.messages import Message, dumps, lane_of

from .database import Database
from .living import is_alive

MAX_RECEIVES = 5
# Nothing is ever hidden for longer; what seems to be was written before the clock was set back.
HIDDEN_AT_MOST_S = 60


@dataclass(frozen=True)
class Lease:
    """A message in our hands; the token proves it."""

    seq: int
    lane: str
    key: str | None
    body: str
    receives: int
    token: str


class SqliteQueue:
    """ports.Queue, and what a worker needs to take messages off it."""

    def __init__(self, database: Database, ring: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self._database = database
        self._ring = ring
        self._now = now

    def send(self, message: Message) -> None:
        self.put(lane_of(message), dumps(message))

    def put(self, lane: str, body: str, *, key: str | None = None) -> None:
        """Add a body to a lane; with a key, only if the lane has no such key yet."""
        self._insert(lane, body, key)
        self._ring(lane)

    def _insert(self, lane: str, body: str, key: str | None = None) -> None:
        now = self._time()
        self._database.execute(
            "INSERT INTO messages (lane, key, body, sent_at, visible_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (lane, key) WHERE key IS NOT NULL DO NOTHING",
            (lane, key, body, now, now),
        )

    def lease(self, lane: str, lease_s: float) -> Lease | None:
        """The oldest visible message, ours until the lease ends; None if there is none."""
        while (lease := self._take(lane, lease_s)) is not None:
            if lease.receives <= MAX_RECEIVES:
                return lease
            self._bury(lease, "it was taken up again and again, but never finished")
        return None

    def renew(self, leases: Collection[Lease], lease_s: float) -> None:
        """Those that are still ours are so for another `lease_s`."""
        if leases:
            with self._database.transaction():
                for lease in leases:
                    self._mine("visible_at = :until", lease, until=self._time() + lease_s)

    def holds(self, lease: Lease) -> bool:
        """Whether it is still ours."""
        sql = "SELECT 1 FROM messages WHERE seq = ? AND lease = ? AND dead = 0"
        return self._database.row(sql, (lease.seq, lease.token)) is not None

    def ack(self, lease: Lease, then: Message | None = None) -> bool:
        """Remove it and send `then`, both or neither; False if it is not ours any more."""
        with self._database.transaction():
            sql = "DELETE FROM messages WHERE seq = ? AND lease = ?"
            mine = self._database.execute(sql, (lease.seq, lease.token)) == 1
            if mine and then is not None:
                self._insert(lane_of(then), dumps(then))
        if mine and then is not None:
            self._ring(lane_of(then))
        return mine

    def retry(self, lease: Lease, error: str) -> None:
        """Put it back for later, ever later; a dead letter after `MAX_RECEIVES`."""
        if lease.receives >= MAX_RECEIVES:
            self._bury(lease, error)
            return
        delay_s = min(HIDDEN_AT_MOST_S, 2 ** (lease.receives - 1))
        self._mine("lease = NULL, error = :error, visible_at = :at", lease, error=error, at=self._time() + delay_s)

    def release(self, lease: Lease, *, delay_s: float = 0) -> None:
        """Put it back as if it had not been taken, to be taken again after the delay."""
        self._mine("lease = NULL, receives = receives - 1, visible_at = :at", lease, at=self._time() + delay_s)
        self._ring(lease.lane)

    def drop(self, lane: str, key: str) -> None:
        """Remove the message with this key, whoever holds it."""
        self._database.execute("DELETE FROM messages WHERE lane = ? AND key = ?", (lane, key))

    def has(self, lane: str, key: str) -> bool:
        """Whether a message with this key waits or is being worked on."""
        sql = "SELECT 1 FROM messages WHERE lane = ? AND key = ? AND dead = 0"
        return self._database.row(sql, (lane, key)) is not None

    def waits(self, lane: str, key: str) -> bool:
        """Whether a message with this key was never taken, or was put back."""
        sql = "SELECT 1 FROM messages WHERE lane = ? AND key = ? AND lease IS NULL AND dead = 0"
        return self._database.row(sql, (lane, key)) is not None

    def idle_s(self, lane: str) -> float | None:
        """Seconds until the lane's next message becomes visible; None if it is empty."""
        sql = "SELECT min(visible_at) FROM messages WHERE lane = ? AND dead = 0"
        (at,) = self._database.rows(sql, (lane,))[0]
        if at is None:
            return None
        wait = float(at) - self._time()
        return 0 if wait > HIDDEN_AT_MOST_S else max(0.0, wait)

    def free_abandoned(self) -> None:
        """Make visible what processes that are no longer alive had leased; a restart need not wait the lease out."""
        rows = self._database.rows("SELECT seq, lane, lease FROM messages WHERE lease IS NOT NULL AND dead = 0")
        for row in rows:
            if not is_alive(int(row["lease"].split("-")[0])):
                # Not the time it is: if all are busy and the clock is set back, that would hide it again.
                sql = "UPDATE messages SET visible_at = 0 WHERE seq = ? AND lease = ?"
                self._database.execute(sql, (row["seq"], row["lease"]))

    def _take(self, lane: str, lease_s: float) -> Lease | None:
        now = self._time()
        seen = {"lane": lane, "now": now, "far": now + HIDDEN_AT_MOST_S}
        oldest = (
            "SELECT seq FROM messages WHERE lane = :lane AND dead = 0 "
            "AND (visible_at <= :now OR visible_at > :far) ORDER BY visible_at, seq LIMIT 1"
        )
        # A read first: an idle worker must not take the write lock.
        if self._database.row(oldest, seen) is None:
            return None
        # A lease that a crash takes back is no loss.
        rows = self._database.hint(
            "UPDATE messages SET receives = receives + 1, lease = :token, visible_at = :until "
            f"WHERE seq = ({oldest}) RETURNING *",
            {**seen, "token": f"{os.getpid()}-{uuid.uuid4().hex}", "until": now + lease_s},
        )
        if not rows:
            return None
        (row,) = rows
        return Lease(row["seq"], row["lane"], row["key"], row["body"], row["receives"], row["lease"])

    def _bury(self, lease: Lease, error: str) -> None:
        self._mine("dead = 1, key = NULL, lease = NULL, error = :error", lease, error=error)

    def _mine(self, change: str, lease: Lease, **values: Any) -> bool:
        sql = f"UPDATE messages SET {change} WHERE seq = :seq AND lease = :token AND dead = 0"
        return self._database.execute(sql, {"seq": lease.seq, "token": lease.token, **values}) == 1

    def _time(self) -> float:
        return self._now().timestamp()
