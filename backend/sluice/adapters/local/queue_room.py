"""What an operator sees of the lanes and may do: how full they are, how old, and what became of dead letters."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sluice.errors import NotFound, Refused
from sluice.messages import LANES
from sluice.operations import Lane, Letter

from .database import Database


class QueueRoom:
    """The lanes from outside. Reading disturbs nobody."""

    def __init__(self, database: Database, ring: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self._database = database
        self._ring = ring
        self._now = now

    def lanes(self) -> list[Lane]:
        """Every lane there is, empty ones too."""
        now = self._now().timestamp()
        found = {row["lane"]: row for row in self._database.rows(_LANES, {"now": now})}
        return [_lane(name, found.get(name), now) for name in dict.fromkeys([*LANES, *sorted(found)])]

    def dead(self) -> list[Letter]:
        """The dead letters, oldest first."""
        return self._letters("dead = 1")

    def leased(self) -> list[Letter]:
        """What is being worked on, and the process that has it."""
        return self._letters("dead = 0 AND lease IS NOT NULL AND visible_at > :now")

    def replay(self, number: int) -> None:
        """Let a dead letter be delivered again, as if it were new. NotFound; Refused for what comes again by itself."""
        letter = self._dead(number)
        if letter.lane not in LANES:
            raise Refused("comes_again", f"{number} is an order whose encode is ordered anew by itself; drop it")
        sql = "UPDATE messages SET dead = 0, receives = 0, lease = NULL, visible_at = ? WHERE seq = ? AND dead = 1"
        self._database.execute(sql, (self._now().timestamp(), number))
        self._ring(letter.lane)

    def drop(self, number: int) -> None:
        """Forget a dead letter. NotFound."""
        self._dead(number)
        self._database.execute("DELETE FROM messages WHERE seq = ? AND dead = 1", (number,))

    def _dead(self, number: int) -> Letter:
        found = [letter for letter in self.dead() if letter.number == number]
        if not found:
            raise NotFound(f"there is no dead letter {number}; `sluice queue` lists those there are")
        return found[0]

    def _letters(self, where: str) -> list[Letter]:
        now = self._now().timestamp()
        rows = self._database.rows(f"SELECT * FROM messages WHERE {where} ORDER BY seq", {"now": now})
        return [_letter(row, now) for row in rows]


_LANES = """
    SELECT lane, sum(dead) AS dead, sum(dead = 0 AND lease IS NOT NULL AND visible_at > :now) AS leased,
        sum(dead = 0 AND visible_at <= :now) AS waiting, sum(dead = 0 AND lease IS NULL AND visible_at > :now) AS later,
        min(CASE WHEN dead = 0 THEN sent_at END) AS oldest
    FROM messages GROUP BY lane
"""


def _lane(name: str, row: Any, now: float) -> Lane:
    if row is None:
        return Lane(name, 0, 0, 0, 0, None)
    oldest_s = None if row["oldest"] is None else max(0.0, now - row["oldest"])
    return Lane(name, row["waiting"], row["later"], row["leased"], row["dead"], oldest_s)


def _letter(row: Any, now: float) -> Letter:
    kind, video_id = _about(row["body"])
    pid = int(row["lease"].split("-")[0]) if row["lease"] else None
    age_s = max(0.0, now - row["sent_at"])
    return Letter(row["seq"], row["lane"], kind, video_id, row["receives"], age_s, row["error"], pid)


def _about(body: str) -> tuple[str, str | None]:
    """What kind of message it is, and about which video; a dead letter may be anything."""
    try:
        content = json.loads(body)
        kind, video_id = content.get("type", "order"), content.get("video_id")
    except (ValueError, AttributeError):
        return "unreadable", None
    return str(kind), str(video_id) if video_id else None
