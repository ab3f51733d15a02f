"""The keys that sign tokens: made at the first start, rotated on demand, followed by every process."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from sluice.adapters.local.secret_files import kept_secret
from sluice.errors import Unavailable

from .private_files import locked, replace

KEEP_RETIRED_S = 3600 + 600


@dataclass(frozen=True)
class SigningKey:
    """The key that signs now."""

    kid: str
    private: RSAPrivateKey


class Keyring:
    """The signing key and the public keys that tokens may still carry."""

    def __init__(self, folder: Path, clock: Callable[[], int]) -> None:
        self._path = folder / "signing.json"
        self._clock = clock
        self._seen: tuple[tuple[int, ...], dict[str, Any], SigningKey] | None = None
        kept_secret(self._path, lambda: _dumped({"retired": [], **_new_key()}))

    def signing_key(self) -> SigningKey:
        """The newest key, also when another process has just rotated."""
        return self._load()[1]

    def jwks(self) -> Mapping[str, Any]:
        """The public keys of all tokens that can still be valid."""
        ring, _ = self._load()
        kept = [old["jwk"] for old in ring["retired"] if self._still_used(old)]
        return {"keys": [ring["jwk"], *kept]}

    def rotate(self) -> str:
        """Sign with a new key from now on and return its id; what the old one signed stays valid until it expires."""
        with locked(self._path.parent):
            old = json.loads(self._path.read_bytes())
            retired = [key for key in old["retired"] if self._still_used(key)]
            retired.append({"jwk": old["jwk"], "retired_at": self._clock()})
            new = _new_key()
            replace(self._path, _dumped({"retired": retired, **new}).encode())
        kid: str = new["jwk"]["kid"]
        return kid

    def _still_used(self, retired: Mapping[str, Any]) -> bool:
        return bool(self._clock() < retired["retired_at"] + KEEP_RETIRED_S)

    def _load(self) -> tuple[dict[str, Any], SigningKey]:
        try:
            stat = self._path.stat()
            stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._seen is None or self._seen[0] != stamp:
                ring = json.loads(self._path.read_bytes())
                self._seen = (stamp, ring, _signing_key(ring))
        except (OSError, ValueError, KeyError) as error:
            raise Unavailable(
                f"{self._path} can't be read ({error}); restore it, or remove it to start anew"
            ) from error
        return self._seen[1], self._seen[2]


def _new_key() -> dict[str, Any]:
    private = generate_private_key(public_exponent=65537, key_size=2048)
    text = private.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()).decode()
    jwk = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    public = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": str(uuid.uuid4()), "n": jwk["n"], "e": jwk["e"]}
    return {"jwk": public, "private": text}


def _signing_key(ring: Mapping[str, Any]) -> SigningKey:
    private = pem.load_pem_private_key(ring["private"].encode(), password=None)
    if not isinstance(private, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return SigningKey(ring["jwk"]["kid"], private)


def _dumped(ring: Mapping[str, Any]) -> str:
    return json.dumps(ring, indent=1)
