"""What of the disk is spoken for: the bytes that uploads and encodes under way will still write."""

import json
import time
from pathlib import Path

from sluice import layout, playlists
from sluice.ladder import Order

from .database import Database
from .durable import disk
from .folders import files_below, regular
from .orders import LANE as ENCODER
from .orders import loads
from .room import STREAM_PER_SOURCE

_LOOK_AGAIN_S = 2.0


class Owed:
    """How many bytes uploads and encodes that are under way will still write; looked up every two seconds at most."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._known = 0
        self._look_at = 0.0

    def __call__(self) -> int:
        if time.monotonic() >= self._look_at:
            self._known = self._streams_of_sources() + sum(self._rest_of(order) for order in self._orders())
            self._look_at = time.monotonic() + _LOOK_AGAIN_S
        return self._known

    def _streams_of_sources(self) -> int:
        """For uploads that still run (their own bytes are set aside already), and for those nobody looked into yet."""
        with disk():
            arriving = sum(size for _, size in files_below(self._folder / "raw" / ".unfinished"))
            arrived = sum(self._source_bytes(video_id) for video_id in self._announced())
        return STREAM_PER_SOURCE * (arriving + arrived)

    def _announced(self) -> set[str]:
        rows = self._database.rows("SELECT body FROM messages WHERE lane = 'sources' AND dead = 0")
        return {video_id for row in rows if (video_id := _video_of(row["body"])) is not None}

    def _orders(self) -> list[Order]:
        rows = self._database.rows("SELECT body FROM messages WHERE lane = ? AND dead = 0", (ENCODER,))
        return [order for row in rows if (order := _order(row["body"])) is not None]

    def _rest_of(self, order: Order) -> int:
        seconds, facts = order.facts.duration_s, order.facts
        picture = int(sum(one.max_bitrate for one in facts.renditions) * seconds / 8)
        sound = int(playlists.AUDIO_BITRATE * facts.has_audio * seconds / 8)
        source = self._source_bytes(order.video_id) * STREAM_PER_SOURCE
        return max(0, min(picture, source) + sound - self._written(order))

    def _written(self, order: Order) -> int:
        published = self._folder / layout.attempt_prefix(order.video_id, order.attempt)
        runs = (self._folder / "work").glob(f"{order.video_id}-{order.attempt}-*")
        with disk():
            found = [regular(path) for folder in (published, *runs) for path, _ in files_below(folder)]
        # Most of what is published is still in the folder of its run, by another name.
        return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in found if stat}.values())

    def _source_bytes(self, video_id: str) -> int:
        stat = regular(self._folder / "raw" / layout.source_key(video_id))
        return stat.st_size if stat else 0


def _order(body: str) -> Order | None:
    try:
        return loads(body)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _video_of(body: str) -> str | None:
    """Whose source it announces; None for what is no message of ours."""
    try:
        video_id = json.loads(body).get("video_id")
    except (ValueError, AttributeError):
        return None
    return video_id if isinstance(video_id, str) and layout.is_id(video_id) else None
