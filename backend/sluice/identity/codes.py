"""Six digits that prove a mailbox: kept as keyed digests, for one use, a few misses and a limited time."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sluice.adapters.local.database import Database

from .faults import no_such_code, wrong_code
from .vault import Vault

MOST_MISSES = 5


class Purpose(StrEnum):
    """What a code is good for."""

    SIGN_UP = "sign-up"
    RESET = "reset"
    EMAIL = "email"


LIFETIME_S = {Purpose.SIGN_UP: 24 * 3600, Purpose.RESET: 3600, Purpose.EMAIL: 24 * 3600}


@dataclass(frozen=True)
class Letter:
    """A code on its way to somebody, as the outbox shows it; times are in seconds."""

    to: str
    code: str
    purpose: Purpose
    sent_at: int


class Codes:
    """The codes that are out; a new one takes the place of an older one for the same purpose."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def issue(self, user_id: str, purpose: Purpose, recipient: str, *, shown: bool) -> Letter:
        """A new code; kept readable for the outbox only if `shown`."""
        now, code = self._clock(), f"{secrets.randbelow(10**6):06}"
        digest = self._digest(user_id, purpose, recipient, code)
        times = (now, now + LIFETIME_S[purpose])
        with self._database.transaction():
            self._database.execute("DELETE FROM codes WHERE expires_at <= ?", (now,))
            self._database.execute(
                "INSERT OR REPLACE INTO codes VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
                (user_id, purpose, recipient, digest, code if shown else None, *times),
            )
        return Letter(recipient, code, purpose, now)

    def redeem(self, user_id: str, purpose: Purpose, recipient: str, code: str) -> None:
        """Use up the code; a Fault if it is not the one, or there is none to use (any more)."""
        expected = self._digest(user_id, purpose, recipient, code)
        with self._database.transaction():
            row = self._database.row(
                "SELECT digest FROM codes WHERE user_id = ? AND purpose = ? AND expires_at > ? AND misses < ?",
                (user_id, purpose, self._clock(), MOST_MISSES),
            )
            right = row is not None and hmac.compare_digest(row["digest"], expected)
            self._database.execute(_USED if right else _MISSED, (user_id, purpose))
        if not right:
            raise no_such_code() if row is None else wrong_code()

    def letters(self) -> list[Letter]:
        """What the outbox shows: codes that can still be used, newest first."""
        rows = self._database.rows(_SHOWN, (self._clock(), MOST_MISSES))
        return [Letter(row["recipient"], row["shown"], Purpose(row["purpose"]), row["sent_at"]) for row in rows]

    def _digest(self, user_id: str, purpose: Purpose, recipient: str, code: str) -> bytes:
        return self._vault.digest("code", user_id, purpose, recipient, code)


_USED = "DELETE FROM codes WHERE user_id = ? AND purpose = ?"
_MISSED = "UPDATE codes SET misses = misses + 1 WHERE user_id = ? AND purpose = ?"
_SHOWN = """
    SELECT * FROM codes WHERE shown IS NOT NULL AND expires_at > ? AND misses < ? ORDER BY sent_at DESC, rowid DESC
"""
