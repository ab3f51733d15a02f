"""Who is signed in where: tokens in a file that only its owner can read."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .troubles import Trouble


@dataclass(frozen=True)
class Session:
    """One sign-in at one server; `expires_at` is the access token's, in seconds since 1970."""

    email: str
    access: str
    refresh: str
    expires_at: float


def may_travel(token: str) -> bool:
    """Whether a header can carry it."""
    return token.isascii() and token.isprintable()


def _session(kept: Any) -> Session | None:
    """The session that was kept so; None if it is none, whoever wrote it."""
    try:
        session = Session(str(kept["email"]), str(kept["access"]), str(kept["refresh"]), float(kept["expires_at"]))
    except (KeyError, TypeError, ValueError):
        return None
    return session if may_travel(session.access) else None


class Sessions:
    """The sessions of one user of this machine, by server, and the server they used last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "sessions.json"

    def last_server(self) -> str | None:
        """Where this user signed in last."""
        found = self._read()["last"]
        return found if isinstance(found, str) else None

    def get(self, server: str) -> Session | None:
        """The session at this server."""
        return _session(self._read()["sessions"].get(server))

    def keep(self, server: str, session: Session) -> None:
        """Remember the session, and its server as the last one."""
        content = self._read()
        content["sessions"][server] = asdict(session)
        self._write({**content, "last": server})

    def forget(self, server: str) -> None:
        """No session is left at this server."""
        content = self._read()
        content["sessions"].pop(server, None)
        self._write(content)

    def set_aside_if_damaged(self) -> Path | None:
        """Where the file of sessions is now, if it could not be read."""
        try:
            self._read()
        except Trouble:
            return self._path.replace(self._path.with_suffix(".damaged"))
        return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other command of this user changes a session meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_bytes())
            return {"last": content["last"], "sessions": dict(content["sessions"])}
        except FileNotFoundError:
            return {"last": None, "sessions": {}}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Trouble(f"{self._path} can't be read ({error}); sign in again with `sluice login`") from error

    def _write(self, content: dict[str, Any]) -> None:
        draft = self._path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
        draft.replace(self._path)
