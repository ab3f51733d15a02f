"""An issuer of access tokens, and tokens of every kind under its key."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sluice.errors import Unavailable

ISSUER, CLIENT = "https://issuer.example.org/pool", "our-client"
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOW = int(START.timestamp())
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
GOOD = {
    "sub": "ann",
    "iss": ISSUER,
    "client_id": CLIENT,
    "token_use": "access",
    "iat": NOW - 10,
    "exp": NOW + 3600,
}


def published(key: rsa.RSAPrivateKey, kid: str = "k1", **more: Any) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256", **more}


@dataclass
class Issuer:
    """An issuer of keys whose clock stands, and who counts how often it was asked."""

    keys: list[Any] = field(default_factory=lambda: [published(KEY)])
    time: datetime = START
    asked: int = 0
    down: bool = False

    def now(self) -> datetime:
        return self.time

    def jwks(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.down:
            raise Unavailable("down")
        return {"keys": list(self.keys)}

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload: bytes, header: Mapping[str, Any] | bytes | None = None, key: rsa.RSAPrivateKey = KEY) -> str:
    """A token with this very payload and header, properly signed."""
    head = header if isinstance(header, bytes) else json.dumps(header or {"alg": "RS256", "kid": "k1"}).encode()
    text = f"{encoded(head)}.{encoded(payload)}"
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(text.encode(), key)
    return f"Bearer {text}.{encoded(signature)}"


def a_token(kid: str = "k1", key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:
    return signed(json.dumps({**GOOD, **claims}).encode(), {"alg": "RS256", "kid": kid}, key)
