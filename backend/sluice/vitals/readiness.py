"""Whether this Sluice can do its work, all of it: each part says so, or what is wrong."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sluice.adapters.local.database import Database
from sluice.adapters.local.doorbell import sleepers
from sluice.errors import SluiceError, Unavailable
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


def room(sources: Objects) -> str | None:
    """Unavailable(no_space) once there is no room for another upload."""
    sources.require_room(0)
    return None


def workers(bells: Path, lanes: Iterable[str]) -> str | None:
    """Trouble if a lane has no living worker; each of them has a bell there."""
    attended = {lane for lane, _ in sleepers(bells)}
    idle = [lane for lane in lanes if lane not in attended]
    return f"nobody works on {', '.join(idle)}" if idle else None
