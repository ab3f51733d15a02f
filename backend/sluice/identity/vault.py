"""What only this installation can read or recompute: sealing and keyed digests under its instance key."""

import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sluice.adapters.local.secret_files import kept_secret
from sluice.errors import Unavailable

_NONCE_BYTES = 12


class Vault:
    """Seals small secrets for the database, each bound to the context it was sealed in."""

    def __init__(self, instance_key: bytes) -> None:
        self._digest_key = hmac.digest(instance_key, b"digest", "sha256")
        self._cipher = AESGCM(hmac.digest(instance_key, b"seal", "sha256"))

    def seal(self, secret: bytes, context: str) -> bytes:
        """The secret in a form that tells nothing without the instance key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The secret again; Unavailable if it was sealed under another key or in another context."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, context.encode())
        except InvalidTag as error:
            raise Unavailable("keys/instance.key does not fit identity.db; restore both from one backup") from error

    def digest(self, *parts: str) -> bytes:
        """32 bytes that are always the same for these parts and can't be computed without the instance key."""
        framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.digest(self._digest_key, framed, "sha256")


def open_vault(keys: Path) -> Vault:
    """The vault of this installation; its key is made at the first start."""
    return Vault(bytes.fromhex(kept_secret(keys / "instance.key", lambda: secrets.token_hex(32))))
