"""Sign-ins that have begun: what the server must remember between the two steps of SRP, for one use."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sluice.adapters.local.database import Database

from .vault import Vault

LIFETIME_S = 180


@dataclass(frozen=True)
class Challenge:
    """One sign-in under way; the secret block is the client's ticket to it."""

    user_id: str
    secret_block: bytes
    client_value: int
    secret: int

    @property
    def ticket(self) -> str:
        """The secret block as it travels."""
        return base64.b64encode(self.secret_block).decode()


class Challenges:
    """The sign-ins under way, for all processes."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def open(self, user_id: str, client_value: int) -> Challenge:
        """A new challenge, good for a few minutes."""
        now = self._clock()
        challenge = Challenge(user_id, secrets.token_bytes(256), client_value, secrets.randbits(256) | 1 << 255)
        sealed = self._vault.seal(challenge.secret.to_bytes(32, "big"), user_id)
        row = (_digest(challenge.secret_block), user_id, f"{client_value:x}", sealed, now + LIFETIME_S)
        with self._database.transaction():
            self._database.execute("DELETE FROM challenges WHERE expires_at <= ?", (now,))
            self._database.execute("INSERT INTO challenges VALUES (?, ?, ?, ?, ?)", row)
        return challenge

    def take(self, ticket: str) -> Challenge | None:
        """The challenge of that ticket, for the first who asks; None for others, and when it is too late."""
        try:
            block = base64.b64decode(ticket, validate=True)
        except (binascii.Error, ValueError):
            return None
        rows = self._database.changed("DELETE FROM challenges WHERE block_digest = ? RETURNING *", (_digest(block),))
        if not rows or rows[0]["expires_at"] <= self._clock():
            return None
        (row,) = rows
        secret = int.from_bytes(self._vault.open(row["secret"], row["user_id"]), "big")
        return Challenge(row["user_id"], block, int(row["client_value"], 16), secret)


def _digest(block: bytes) -> bytes:
    return hashlib.sha256(block).digest()
