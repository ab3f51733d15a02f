"""Who may still have how much of the disk: uploads stop first, then encodes, and the database never finds it full."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sluice.errors import Unavailable

from .durable import DiskFull, disk, make_folder

# A stream takes about as much as its source, all rungs together; twice that is seldom needed.
STREAM_PER_SOURCE = 2
LEAST_RESERVE = 32 << 20
MOST_RESERVE = 1 << 30


class Room:
    """The disk under one folder, of which `reserve_bytes` (0: a twentieth of it) are kept from uploads.

    `owed` tells what uploads and encodes that are under way will still write."""

    def __init__(self, folder: Path, reserve_bytes: int = 0, owed: Callable[[], int] = lambda: 0) -> None:
        self._folder = folder
        # Where one was there and is taken away, none is begun in its place.
        self._is_new = not folder.is_dir()
        self._reserve_bytes = reserve_bytes
        self._owed = owed

    def require_for_upload(self, size: int) -> None:
        """DiskFull unless an upload of this size and the stream made of it fit beside all that is under way."""
        total, free = self._measured()
        if free < self._reserve(total) + self._owed() + size * (1 + STREAM_PER_SOURCE):
            raise DiskFull("There is not enough space left in the data folder for another upload.")

    def require_for_work(self) -> None:
        """DiskFull once an encode would begin to eat what is left for the database."""
        total, free = self._measured()
        if free < self._reserve(total) // 2:
            raise DiskFull("There is not enough space left in the data folder to go on with an encode.")

    def _measured(self) -> tuple[int, int]:
        with disk():
            if self._is_new:
                make_folder(self._folder)
            usage = shutil.disk_usage(self._folder)
        return usage.total, usage.free

    def _reserve(self, total: int) -> int:
        return self._reserve_bytes or min(MOST_RESERVE, max(LEAST_RESERVE, total // 20))


class RoomWatch:
    """Remembers whether there was too little room for work at any time it looked.

    ffmpeg may write nothing then, and say nothing of it."""

    def __init__(self, room: Room) -> None:
        self.was_full = False
        self._room = room

    def look(self) -> None:
        """Look now."""
        try:
            self._room.require_for_work()
        except DiskFull:
            self.was_full = True
        except Unavailable:
            # A disk that can't be asked tells nothing of its room.
            return
