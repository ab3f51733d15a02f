"""Whether this Sluice can do its work, all of it: each part says so, or what is wrong."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from sluice.adapters.local.database import Database
from sluice.errors import SluiceError
from sluice.identity import Identity
from sluice.ports import Objects

Check = Callable[[], str | None]
WELL = "ok"


def examine(checks: Mapping[str, Check]) -> dict[str, str]:
    """`ok` or the trouble, by the name of the part; what it says is for anybody's eyes."""
    return {name: _answer(check) for name, check in checks.items()}


def _answer(check: Check) -> str:
    try:
        return check() or WELL
    except SluiceError as error:
        return error.code


def database(found: Database) -> str | None:
    """Unavailable if it does not answer."""
    found.row("SELECT 1")
    return None


def identity(found: Identity | None) -> str | None:
    """Unavailable if the keys of our own accounts can't be read; others are looked after elsewhere."""
    if found is not None:
        found.jwks()
    return None


def room(sources: Objects) -> str | None:
    """Unavailable(no_space) once there is no room for another upload."""
    sources.require_room(0)
    return None


def workers(bells: Path, lanes: Iterable[str]) -> str | None:
    """Trouble if a lane has no living worker; each of them has a bell there."""
    idle = [lane for lane in lanes if not any(_lives(bell) for bell in bells.glob(f"{lane}.*.bell"))]
    return f"nobody works on {', '.join(idle)}" if idle else None


def _lives(bell: Path) -> bool:
    """Whether somebody has the pipe open."""
    with suppress(OSError):
        os.close(os.open(bell, os.O_WRONLY | os.O_NONBLOCK))
        return True
    return False
