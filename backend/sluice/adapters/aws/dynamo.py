"""Videos in DynamoDB: one item a video, with the attributes that its indexes need; the rest is JSON."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any

from ulid import ULID

from sluice.codec import plain, restore
from sluice.errors import Conflict, NotFound
from sluice.ports import Held
from sluice.video import Progress, Status, Video

from .table import Item, Refusal, Table

DUE_SHARDS = 4
OLDEST = "public#oldest"

# What `note` writes and `save` leaves alone, so that a transition can't undo progress it never saw.
_NOTED = ("progress", "playable")
# These count a video in somewhere, and keep it out by their absence. No attribute is a single word: many of those are
# DynamoDB's.
_INDEXED = ("owned_by", "public_month", "due_shard", "due_at", "uploading_until")
_RUNNING = "at_attempt = :attempt AND at_stage = :processing AND is_gone = :false"
_UNKNOWN = -1
_ALL = 10**9
_CLOCKS_DIFFER = timedelta(hours=1)


class DynamoVideos:
    """ports.Videos in a table with the indexes `owned`, `public` and `due`."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now
        self._oldest: str | None = None

    def add(self, video: Video) -> Video:
        stored = replace(video, version=1)
        self._note_month(stored)
        try:
            self._table.put(_item(stored), "attribute_not_exists(pk)")
        except Refusal as refusal:
            raise Conflict(f"the id {video.id} is taken") from refusal
        return stored

    def get(self, video_id: str) -> Video:
        item = self._table.get(video_id)
        if item is None or "as_json" not in item:
            raise NotFound(f"no video {video_id}")
        return _video(item)

    def save(self, video: Video) -> Video:
        stored = replace(video, version=video.version + 1)
        item = {name: value for name, value in _item(stored).items() if name != "pk"}
        kept = {name: value for name, value in item.items() if value is not None}
        change = "SET " + ", ".join(f"{name} = :{name}" for name in kept)
        dropped = [name for name in _INDEXED if item[name] is None]
        change += f" REMOVE {', '.join(dropped)}" if dropped else ""
        values = {f":{name}": value for name, value in kept.items()} | {":was": video.version}
        self._note_month(stored)
        try:
            self._table.update(video.id, change, "at_version = :was", values)
        except Refusal as refusal:
            raise Conflict(f"video {video.id} is no longer at version {video.version}") from refusal
        return stored

    def note(self, video_id: str, attempt: int, progress: Progress, *, playable: bool) -> None:
        values = {
            ":percent": progress.percent,
            ":left": _UNKNOWN if progress.seconds_left is None else progress.seconds_left,
            ":attempt": attempt,
            ":processing": Status.PROCESSING.value,
            ":false": False,
        }
        change = "SET seconds_left = :left" + (", is_playable = :true" if playable else "")
        again = f"{change}, percent_done = :percent"
        first = f"{again}, noted_attempt = :attempt" + ("" if playable else ", is_playable = :false")
        values |= {":true": True} if playable else {}
        if self._noted(video_id, again, "noted_attempt = :attempt AND percent_done <= :percent", values):
            return
        other = "(attribute_not_exists(noted_attempt) OR noted_attempt <> :attempt)"
        if not self._noted(video_id, first, other, values):
            # Of less than is known.
            del values[":percent"]
            self._noted(video_id, change, "noted_attempt = :attempt", values)

    def _noted(self, video_id: str, change: str, condition: str, values: Item) -> bool:
        try:
            self._table.update(video_id, change, f"{_RUNNING} AND {condition}", values)
        except Refusal:
            # Old news, or of a video that is no more.
            return False
        return True

    def delete(self, video_id: str) -> None:
        self._table.delete(video_id)

    def owned(self, owner: str, *, before: str | None, limit: int) -> Sequence[Video]:
        return [_video(item) for item in self._below("owned", "owned_by", owner, before, limit)]

    def held(self, owner: str, now: datetime) -> Held:
        items = list(self._below("owned", "owned_by", owner, None, _ALL))
        until = [item["uploading_until"] for item in items if item.get("uploading_until", "") >= _sortable(now)]
        return Held(
            len(until),
            datetime.fromisoformat(min(until)) if until else None,
            sum(float(item.get("stored_s", 0)) for item in items),
            sum(int(item.get("stored_bytes", 0)) for item in items),
        )

    def public(self, *, before: str | None, limit: int) -> Sequence[Video]:
        found: list[Video] = []
        for month in self._months(before):
            items = self._below("public", "public_month", month, before, limit - len(found))
            found += map(_video, items)
            if len(found) >= limit:
                break
        return found

    def due(self, now: datetime) -> Iterator[Video]:
        shards = [self._due_in(shard, now) for shard in range(DUE_SHARDS)]
        return map(_video, merge(*shards, key=lambda item: item["due_at"]))

    def _due_in(self, shard: int, now: datetime) -> Iterator[Item]:
        condition = "due_shard = :shard AND due_at <= :now"
        values = {":shard": f"due#{shard}", ":now": _sortable(now)}
        return self._table.query("due", condition, values, newest_first=False)

    def _below(self, index: str, attribute: str, value: str, before: str | None, limit: int) -> Iterator[Item]:
        condition, values = f"{attribute} = :value", {":value": value}
        if before is not None:
            condition, values = f"{condition} AND pk < :before", values | {":before": before}
        return self._table.query(index, condition, values, newest_first=True, limit=limit)

    # --- the months of the public list ------------------------------------------------------------------------------

    def _months(self, before: str | None) -> Iterator[str]:
        """The months that may hold public videos below this id, newest first."""
        newest = self._now() + _CLOCKS_DIFFER if before is None else _made_at(before)
        oldest: str | None = None
        month = newest
        while oldest is None or _month(month) >= oldest:
            yield _month(month)
            oldest = oldest or self._oldest_month()
            month = month.replace(day=1) - timedelta(days=1)

    def _oldest_month(self) -> str:
        item = self._table.get(OLDEST)
        # Greater than every month: nothing was ever public.
        return str(item["first_month"]) if item else "~"

    def _note_month(self, video: Video) -> None:
        """Remember the first month in which anything is public, before it is: no call may be cut short in between."""
        month = _month(_made_at(video.id))
        if not video.listed or (self._oldest is not None and self._oldest <= month):
            return
        earlier = "attribute_not_exists(pk) OR first_month > :month"
        with suppress(Refusal):
            self._table.put({"pk": OLDEST, "first_month": month}, earlier, {":month": month})
        self._oldest = month


def _item(video: Video) -> dict[str, Any]:
    record = {name: value for name, value in plain(video).items() if name not in _NOTED}
    due = video.due_at
    return {
        "pk": video.id,
        "at_version": video.version,
        "at_stage": video.status.value,
        "at_attempt": video.attempt,
        "is_gone": video.gone,
        "as_json": json.dumps(record, separators=(",", ":")),
        "owned_by": None if video.gone else video.owner,
        "public_month": _month(_made_at(video.id)) if video.listed else None,
        "due_shard": f"due#{ULID.from_str(video.id).bytes[-1] % DUE_SHARDS}" if due else None,
        "due_at": _sortable(due) if due else None,
        "uploading_until": _sortable(video.uploading_until) if video.uploading_until else None,
        "stored_s": video.stored_s,
        "stored_bytes": video.stored_bytes,
    }


def _video(item: Item) -> Video:
    video = restore(Video, json.loads(item["as_json"]))
    if video.status is Status.DONE:
        return replace(video, playable=True)
    if video.status is not Status.PROCESSING or item.get("noted_attempt") != video.attempt:
        return video
    left = float(item["seconds_left"])
    progress = Progress(float(item["percent_done"]), None if left < 0 else left)
    return replace(video, progress=progress, playable=bool(item["is_playable"]))


def _made_at(video_id: str) -> datetime:
    return ULID.from_str(video_id).datetime


def _month(moment: datetime) -> str:
    return f"public#{moment.astimezone(UTC):%Y-%m}"


def _sortable(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
