"""Whether this Sluice can do its work, all of it: each part says so, or what is wrong."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sluice.adapters import tools
from sluice.adapters.local.database import Database
from sluice.adapters.local.doorbell import sleepers
from sluice.adapters.local.durable import DiskFull, DiskUnusable
from sluice.adapters.local.files import LocalObjects
from sluice.errors import SluiceError, Unavailable
from sluice.identity import Identity
from sluice.settings import Settings

Check = Callable[[], str | None]
WELL = "ok"
# To run both takes a sixth of a second, and anybody may ask as often as they like.
TOOLS_ASKED_EVERY = timedelta(seconds=10)


def examine(checks: Mapping[str, Check]) -> dict[str, str]:
    """`ok` or the trouble, by the name of the part; what it says is for anybody's eyes."""
    return {name: _answer(check) for name, check in checks.items()}


def _answer(check: Check) -> str:
    try:
        return check() or WELL
    except SluiceError as error:
        return error.code
    except OSError:
        return Unavailable.code


def database(found: Database) -> str | None:
    """Unavailable if it does not answer, or was taken away."""
    found.require()
    return None


def identity(found: Identity | None) -> str | None:
    """Unavailable if the keys of our own accounts can't be read; others are looked after elsewhere."""
    if found is not None:
        found.jwks()
    return None


def disk(sources: LocalObjects, media: LocalObjects) -> str | None:
    """Unavailable(no_space) once there is no room for another upload; trouble if no file can be written."""
    sources.require_room(0)
    try:
        for bucket in (sources, media):
            bucket.require_writable()
    except DiskFull:
        raise
    except DiskUnusable:
        return "unusable"
    return None


def workers(bells: Path, lanes: Iterable[str]) -> str | None:
    """Trouble if a lane has no living worker; each of them has a bell there."""
    attended = {lane for lane, _ in sleepers(bells)}
    idle = [lane for lane in lanes if lane not in attended]
    return f"nobody works on {', '.join(idle)}" if idle else None


class Tools:
    """Trouble while ffmpeg or ffprobe can't be run here, as was found some seconds ago at most."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._programs = {"ffmpeg": settings.ffmpeg, "ffprobe": settings.ffprobe}
        self._now = now
        self._asking = threading.Lock()
        self._asked_at: datetime | None = None
        self._found: str | None = None

    def __call__(self) -> str | None:
        # A program that hangs must not keep everybody waiting who asks meanwhile.
        if self._asking.acquire(blocking=False):
            try:
                if self._is_old():
                    self._asked_at, self._found = self._now(), self._ask()
            finally:
                self._asking.release()
        return self._found

    def _is_old(self) -> bool:
        return self._asked_at is None or not timedelta() <= self._now() - self._asked_at < TOOLS_ASKED_EVERY

    def _ask(self) -> str | None:
        silent = [name for name, program in self._programs.items() if not tools.answers(program)]
        return f"{' and '.join(silent)} can't be run" if silent else None
