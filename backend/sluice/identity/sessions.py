"""Who is signed in: one session from sign-in to sign-out, whatever tokens it has been given meanwhile."""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sluice.adapters.local.database import Database

from .faults import not_authorized

REFRESH_S = 30 * 86400


@dataclass(frozen=True)
class Session:
    """A sign-in; `origin` stands in all tokens that come from it."""

    origin: str
    user_id: str
    signed_in_at: int


class Sessions:
    """The sessions of all users; refresh tokens are kept as digests only."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def open(self, user_id: str) -> tuple[Session, str]:
        """A new session and its refresh token."""
        now, token = self._clock(), secrets.token_urlsafe(64)
        session = Session(str(uuid.uuid4()), user_id, now)
        with self._database.transaction():
            self._database.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            self._database.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, 0)",
                (session.origin, user_id, _digest(token), now, now + REFRESH_S),
            )
        return session, token

    def refreshed(self, token: str) -> Session:
        """The session that this refresh token continues; a Fault unless it is alive."""
        row = self._database.row("SELECT * FROM sessions WHERE refresh_digest = ?", (_digest(token),))
        if row is None:
            raise not_authorized("Invalid Refresh Token")
        if row["revoked"]:
            raise not_authorized("Refresh Token has been revoked")
        if row["expires_at"] <= self._clock():
            raise not_authorized("Refresh Token has expired")
        return Session(row["origin"], row["user_id"], row["signed_in_at"])

    def alive(self, origin: str, user_id: str) -> bool:
        """Whether nobody ended this user's session."""
        query = "SELECT 1 FROM sessions WHERE origin = ? AND user_id = ? AND NOT revoked"
        return self._database.row(query, (origin, user_id)) is not None

    def end(self, token: str) -> None:
        """End the session of this refresh token; fine if there is none."""
        self._database.execute("UPDATE sessions SET revoked = 1 WHERE refresh_digest = ?", (_digest(token),))

    def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """End every session of the user, less the one with that origin."""
        query = "UPDATE sessions SET revoked = 1 WHERE user_id = ? AND origin IS NOT ?"
        self._database.execute(query, (user_id, but))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
