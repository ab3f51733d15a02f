"""Locks: what an account keeps of its password, and the decoys that unknown names get."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from sluice import srp

from .users import User
from .vault import Vault

_VERIFIER_BYTES = 384


@dataclass(frozen=True)
class Lock:
    """A salt and a verifier; only the password opens it."""

    pool: str
    user_id: str
    salt: int
    verifier: int

    def opens_with(self, password: str) -> bool:
        """Whether this is the password."""
        tried = srp.verifier(self.pool, self.user_id, password, self.salt)
        return hmac.compare_digest(_octets(tried), _octets(self.verifier))

    def sealed(self, vault: Vault) -> bytes:
        """The verifier as the database keeps it."""
        return vault.seal(_octets(self.verifier), self.user_id)


def new_lock(pool: str, user_id: str, password: str) -> Lock:
    """A lock for this password."""
    salt = secrets.randbits(128)
    return Lock(pool, user_id, salt, srp.verifier(pool, user_id, password, salt))


def lock_of(vault: Vault, pool: str, user: User) -> Lock:
    """The lock of this account."""
    return Lock(pool, user.id, user.salt, int.from_bytes(vault.open(user.verifier, user.id), "big"))


def decoy(vault: Vault, pool: str, name: str) -> Lock:
    """A lock that nothing opens, the same each time for the same unknown name."""
    salt = int.from_bytes(vault.digest("decoy salt", name)[:16], "big")
    # No power of G as a real one is: working that out would take a time that tells.
    octets = hashlib.shake_256(vault.digest("decoy verifier", name)).digest(_VERIFIER_BYTES + 16)
    return Lock(pool, decoy_id(vault, name), salt, int.from_bytes(octets, "big") % srp.N)


def decoy_id(vault: Vault, name: str) -> str:
    """The user id that this unknown name seems to have."""
    return str(uuid.UUID(bytes=vault.digest("decoy id", name)[:16], version=4))


def _octets(verifier: int) -> bytes:
    return verifier.to_bytes(_VERIFIER_BYTES, "big")
