"""Videos and kept replies in SQLite: one row a video, its columns only what queries need, the rest as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.codec import plain, restore
from sluice.errors import Conflict, NotFound
from sluice.ports import KEEP_REPLIES, Held, Reply
from sluice.video import LOOK_AFTER_SHARE, SWEEP_AFTER, Progress, Status, Video

from .database import Database

MIGRATIONS = [
    """
    CREATE TABLE videos (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL,
        attempt INTEGER NOT NULL, listed INTEGER NOT NULL, gone INTEGER NOT NULL, due_at REAL, record TEXT NOT NULL,
        noted_attempt INTEGER, percent REAL, seconds_left REAL, playable INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX videos_listed ON videos (id) WHERE listed = 1;
    CREATE INDEX videos_owned ON videos (owner, id) WHERE gone = 0;
    CREATE INDEX videos_due ON videos (due_at) WHERE due_at IS NOT NULL;
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, key TEXT, body TEXT NOT NULL, sent_at REAL NOT NULL,
        visible_at REAL NOT NULL, receives INTEGER NOT NULL DEFAULT 0, lease TEXT, dead INTEGER NOT NULL DEFAULT 0,
        error TEXT
    ) STRICT;
    CREATE INDEX messages_visible ON messages (lane, visible_at, seq) WHERE dead = 0;
    CREATE UNIQUE INDEX messages_key ON messages (lane, key) WHERE key IS NOT NULL;
    CREATE TABLE replies (
        owner TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, reply TEXT, PRIMARY KEY (owner, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX replies_at ON replies (at)
    """,
    """
    CREATE TABLE bookings (
        owner TEXT NOT NULL, day TEXT NOT NULL, video_id TEXT NOT NULL, attempt INTEGER NOT NULL,
        seconds INTEGER NOT NULL, PRIMARY KEY (owner, day, video_id, attempt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bookings_day ON bookings (day)
    """,
    """
    ALTER TABLE videos ADD COLUMN uploading_until REAL;
    ALTER TABLE videos ADD COLUMN stored_s REAL NOT NULL DEFAULT 0;
    ALTER TABLE videos ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0;
    UPDATE videos SET stored_s = coalesce(json_extract(record, '$.facts.duration_s'), 0)
        WHERE status IN ('processing', 'done');
    CREATE INDEX videos_held ON videos (owner, gone, uploading_until, stored_s, stored_bytes)
    """,
    """
    DROP INDEX videos_held;
    CREATE INDEX videos_awaited ON videos (owner, gone, uploading_until) WHERE uploading_until IS NOT NULL;
    CREATE INDEX videos_stored ON videos (owner, gone, stored_s, stored_bytes)
        WHERE stored_s > 0 OR stored_bytes > 0
    """,
    """
    CREATE INDEX videos_counted ON videos (gone, status);
    CREATE INDEX videos_failed ON videos (json_extract(record, '$.failure.code')) WHERE status = 'failed' AND gone = 0
    """,
]

# How many of the due are read at once.
PAGE = 100
# Unfinished, and due later than it can have been put down for: the clock was set back since. A nudged video waits
# twice as long each time, an encode for a share of its age, what is over for a share of the time since its ticket; a
# minute of grace for clocks that are merely corrected.
_SHARE_SINCE = ":share * max(0, :now - strftime('%s', json_extract(record, '$.{}')))"
_PUT_OFF = f"""(
    due_at > :now + 2 * :minute AND due_at > :now + :minute + CASE
        WHEN gone THEN {_SHARE_SINCE.format("expires_at")}
        WHEN status = 'processing' THEN {_SHARE_SINCE.format("started_at")}
        WHEN status = 'pending' THEN {_SHARE_SINCE.format("expires_at")}
            + :minute * (1 << max(0, json_extract(record, '$.nudges') - 1))
    END
)"""

# Each part reads no more than what it is about: asked before every ticket, also of somebody with a thousand of them.
_AWAITED = "FROM videos WHERE owner = :owner AND gone = 0 AND uploading_until >= :now"
_HELD = f"""
    SELECT (SELECT count(*) {_AWAITED}) AS uploads, (SELECT min(uploading_until) {_AWAITED}) AS first_until,
        total(stored_s) AS seconds, sum(stored_bytes) AS bytes
    FROM videos WHERE owner = :owner AND gone = 0 AND (stored_s > 0 OR stored_bytes > 0)
"""

_BY_CODE = """
    SELECT CASE gone WHEN 1 THEN 'gone' ELSE status END AS state, NULL AS code, count(*) AS many
    FROM videos WHERE gone = 1 OR status <> 'failed' GROUP BY state
    UNION ALL
    SELECT status, json_extract(record, '$.failure.code') AS code, count(*)
    FROM videos INDEXED BY videos_failed WHERE status = 'failed' AND gone = 0 GROUP BY code
"""

CLAIM_LASTS = timedelta(seconds=60)

# What `note` writes and `save` leaves alone, so that a transition can't undo progress it never saw.
_NOTED = ("progress", "playable")


class SqliteVideos:
    """ports.Videos in a table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, video: Video) -> Video:
        stored = replace(video, version=1)
        columns = _columns(stored)
        self._database.execute(
            f"INSERT INTO videos ({', '.join(columns)}) VALUES (:{', :'.join(columns)})",
            columns,
        )
        return stored

    def get(self, video_id: str) -> Video:
        row = self._database.row("SELECT * FROM videos WHERE id = ?", (video_id,))
        if row is None:
            raise NotFound(f"no video {video_id}")
        return _video(row)

    def save(self, video: Video) -> Video:
        stored = replace(video, version=video.version + 1)
        columns = _columns(stored)
        changed = self._database.execute(
            f"UPDATE videos SET {', '.join(f'{name} = :{name}' for name in columns)} "
            "WHERE id = :id AND version = :version - 1",
            columns,
        )
        if not changed:
            raise Conflict(f"video {video.id} is no longer at version {video.version}")
        return stored

    def note(self, video_id: str, attempt: int, progress: Progress, *, playable: bool) -> None:
        # An encode that goes on after a crash tells it anew.
        self._database.hint(
            "UPDATE videos SET seconds_left = :left, "
            "percent = CASE WHEN noted_attempt = :attempt THEN max(percent, :percent) ELSE :percent END, "
            "playable = CASE WHEN noted_attempt = :attempt THEN max(playable, :playable) ELSE :playable END, "
            "noted_attempt = :attempt "
            "WHERE id = :id AND attempt = :attempt AND status = 'processing' AND gone = 0",
            {
                "id": video_id,
                "attempt": attempt,
                "percent": progress.percent,
                "left": progress.seconds_left,
                "playable": playable,
            },
        )

    def delete(self, video_id: str) -> None:
        self._database.execute("DELETE FROM videos WHERE id = ?", (video_id,))

    def owned(self, owner: str, *, before: str | None, limit: int) -> Sequence[Video]:
        return self._page("owner = :owner AND gone = 0", {"owner": owner, "before": before, "limit": limit})

    def held(self, owner: str, now: datetime) -> Held:
        (row,) = self._database.rows(_HELD, {"owner": owner, "now": now.timestamp()})
        first = row["first_until"] and datetime.fromtimestamp(row["first_until"], UTC)
        return Held(row["uploads"], first, row["seconds"], row["bytes"] or 0)

    def public(self, *, before: str | None, limit: int) -> Sequence[Video]:
        return self._page("listed = 1", {"before": before, "limit": limit})

    def due(self, now: datetime) -> Iterator[Video]:
        sql = "SELECT * FROM videos WHERE due_at <= ? AND (due_at, id) > (?, ?) ORDER BY due_at, id LIMIT ?"
        due_at, video_id = 0.0, ""
        while rows := self._database.rows(sql, (now.timestamp(), due_at, video_id, PAGE)):
            yield from map(_video, rows)
            due_at, video_id = rows[-1]["due_at"], rows[-1]["id"]
        # All at once: they are few, and each is due at another time once it was looked at.
        values = {"now": now.timestamp(), "minute": SWEEP_AFTER.total_seconds(), "share": LOOK_AFTER_SHARE}
        yield from map(_video, self._database.rows(f"SELECT * FROM videos WHERE {_PUT_OFF} ORDER BY due_at", values))

    def every(self, *, status: Status | None, before: str | None, limit: int) -> Sequence[Video]:
        """Up to `limit` videos of everybody with ids below `before`, newest first, deleted ones too."""
        values = {"status": status and status.value, "before": before, "limit": limit}
        return self._page("status = :status" if status else "1", values)

    def counts(self) -> dict[str, int]:
        """How many videos there are by status; deleted ones that are still remembered are `gone`."""
        sql = (
            "SELECT CASE gone WHEN 1 THEN 'gone' ELSE status END AS state, count(*) AS many FROM videos GROUP BY state"
        )
        return {row["state"]: row["many"] for row in self._database.rows(sql)}

    def counts_by_code(self) -> dict[tuple[str, str | None], int]:
        """How many videos there are by status as in `counts`, and of failed ones by the code of their failure."""
        return {(row["state"], row["code"]): row["many"] for row in self._database.rows(_BY_CODE)}

    def _page(self, where: str, values: dict[str, Any]) -> Sequence[Video]:
        # Two statements instead of "OR :before IS NULL", which would keep SQLite from seeking in the index.
        older = "AND id < :before" if values["before"] is not None else ""
        sql = f"SELECT * FROM videos WHERE {where} {older} ORDER BY id DESC LIMIT :limit"
        return [_video(row) for row in self._database.rows(sql, values)]


def _columns(video: Video) -> dict[str, Any]:
    record = {name: value for name, value in plain(video).items() if name not in _NOTED}
    return {
        "id": video.id,
        "owner": video.owner,
        "version": video.version,
        "status": video.status.value,
        "attempt": video.attempt,
        "listed": int(video.listed),
        "gone": int(video.gone),
        "due_at": video.due_at.timestamp() if video.due_at else None,
        "uploading_until": video.uploading_until.timestamp() if video.uploading_until else None,
        "stored_s": video.stored_s,
        "stored_bytes": video.stored_bytes,
        "record": json.dumps(record, separators=(",", ":")),
    }


def _video(row: Any) -> Video:
    video = restore(Video, json.loads(row["record"]))
    if video.status is Status.DONE:
        return replace(video, playable=True)
    if video.status is not Status.PROCESSING or row["noted_attempt"] != video.attempt:
        return video
    progress = Progress(row["percent"], row["seconds_left"])
    return replace(video, progress=progress, playable=bool(row["playable"]))


class SqliteReplies:
    """ports.Replies in a table; a claim is a row without a reply."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, owner: str, key: str, *, now: datetime) -> Reply | None:
        at = now.timestamp()
        with self._database.transaction():
            self._database.execute("DELETE FROM replies WHERE at < ?", (at - KEEP_REPLIES.total_seconds(),))
            row = self._database.row("SELECT * FROM replies WHERE owner = ? AND key = ?", (owner, key))
            if row is not None and row["reply"] is not None:
                return restore(Reply, json.loads(row["reply"]))
            # One that lies ahead is from before the clock was set back.
            if row is not None and abs(at - row["at"]) < CLAIM_LASTS.total_seconds():
                raise Conflict("a call with this Idempotency-Key is under way")
            self._database.execute("INSERT OR REPLACE INTO replies (owner, key, at) VALUES (?, ?, ?)", (owner, key, at))
        return None

    def keep(self, owner: str, key: str, reply: Reply, *, until: datetime) -> None:
        at = until - KEEP_REPLIES
        self._database.execute(
            "INSERT OR REPLACE INTO replies (owner, key, at, reply) VALUES (?, ?, ?, ?)",
            (owner, key, at.timestamp(), json.dumps(plain(reply))),
        )

    def release(self, owner: str, key: str) -> None:
        self._database.execute("DELETE FROM replies WHERE owner = ? AND key = ? AND reply IS NULL", (owner, key))
