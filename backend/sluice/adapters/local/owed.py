"""What of the disk is spoken for: the bytes that uploads and encodes under way will still write."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import Row

from sluice import layout, playlists
from sluice.codec import restore
from sluice.ladder import Facts

from .database import Database
from .durable import disk
from .folders import files_below, regular
from .orders import LANE as ENCODER
from .room import STREAM_PER_SOURCE

_LOOK_AGAIN_S = 2.0
# What an order says of its source is long, and of no interest here; nor is what is no order.
_ORDERS = """
    SELECT json_extract(body, '$.video_id') AS id, json_extract(body, '$.attempt') AS attempt,
        json_extract(body, '$.facts') AS facts
    FROM messages
    WHERE lane = ? AND dead = 0 AND CASE WHEN json_valid(body) THEN json_type(body, '$.facts') END = 'object'
"""


class Owed:
    """How many bytes uploads and encodes that are under way will still write; looked up every two seconds at most."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._turn = threading.Lock()
        self._known = 0
        self._look_at = 0.0

    def __call__(self) -> int:
        with self._turn:
            if time.monotonic() >= self._look_at:
                self._known = self._streams_of_sources() + self._rest_of_orders()
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

    def _rest_of_orders(self) -> int:
        with disk():
            runs = _runs(self._folder / "work")
        return sum(self._rest_of(order, runs) for order in self._database.rows(_ORDERS, (ENCODER,)))

    def _rest_of(self, order: Row, runs: Mapping[str, Sequence[Path]]) -> int:
        facts = _facts(order["facts"])
        if facts is None:
            return 0
        picture = int(sum(one.max_bitrate for one in facts.renditions) * facts.duration_s / 8)
        sound = int(playlists.AUDIO_BITRATE * facts.has_audio * facts.duration_s / 8)
        source = self._source_bytes(order["id"]) * STREAM_PER_SOURCE
        published = self._folder / layout.attempt_prefix(order["id"], order["attempt"])
        written = _written([published, *runs.get(f"{order['id']}-{order['attempt']}", ())])
        return max(0, min(picture, source) + sound - written)

    def _source_bytes(self, video_id: str) -> int:
        stat = regular(self._folder / "raw" / layout.source_key(video_id))
        return stat.st_size if stat else 0


def _runs(work: Path) -> Mapping[str, Sequence[Path]]:
    """The folders in which encodes write, by video and attempt."""
    found: dict[str, list[Path]] = {}
    for path in work.iterdir() if work.is_dir() else ():
        match path.name.split("-", 2):
            case [video_id, attempt, _]:
                found.setdefault(f"{video_id}-{attempt}", []).append(path)
    return found


def _written(folders: Sequence[Path]) -> int:
    with disk():
        found = [regular(path) for folder in folders for path, _ in files_below(folder)]
    # Most of what is published is still in the folder of its run, by another name.
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in found if stat}.values())


def _facts(text: str) -> Facts | None:
    try:
        return restore(Facts, json.loads(text))
    except (ValueError, TypeError):
        return None


def _video_of(body: str) -> str | None:
    """Whose source it announces; None for what is no message of ours."""
    try:
        video_id = json.loads(body).get("video_id")
    except (ValueError, AttributeError):
        return None
    return video_id if isinstance(video_id, str) and layout.is_id(video_id) else None
