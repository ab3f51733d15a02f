"""Who is calling: the check of access tokens, one for Cognito, the local identity and any other issuer with a JWKS."""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from .errors import Unauthenticated
from .jwks import FetchJwks, KeyCache, http_jwks, json_object, jwks_url
from .records import dataclass

__all__ = ["Caller", "TokenCheck", "http_jwks", "jwks_url"]

MAX_TOKEN_BYTES = 8 << 10
SKEW_S = 10
# Tokens whose signature need not be checked again; all are forgotten at once, as those who are still there come back.
MOST_SEEN = 1000
YEAR_5000 = 95_617_584_000
# Cognito names a user's groups here; the members of this one may look after the service.
GROUPS = "cognito:groups"
OPERATORS = "operators"

_BEARER = re.compile(r"bearer +([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII | re.IGNORECASE)
_TYPES = ("JWT", "AT+JWT", "APPLICATION/AT+JWT")
# The header asked for nothing else by then (`_kid`), so that no token has a say in how it is checked.
_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


@dataclass(frozen=True)
class Caller:
    """Somebody who proved who they are; `claims` is the whole access token's content."""

    user_id: str
    claims: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def operates(self) -> bool:
        """Whether they may look after the service, as their token's issuer says."""
        groups = self.claims.get(GROUPS)
        return isinstance(groups, list) and OPERATORS in groups


@dataclass(frozen=True)
class _Genuine:
    """What is known of a token that the issuer made for us: the key that it was checked with, and its content."""

    kid: str
    key: RSAPublicKey | None
    claims: Mapping[str, Any]


class TokenCheck:
    """Accepts the access tokens that one issuer made for one client, and nothing else."""

    def __init__(self, issuer: str, client_id: str, fetch_jwks: FetchJwks, now: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._keys = KeyCache(fetch_jwks, now)
        self._now = now
        self._seen: dict[str, _Genuine] = {}

    def check(self, authorization: str | None) -> Caller:
        """The caller that this Authorization header proves.

        Unauthenticated, not saying why, if it proves nobody; Unavailable while the issuer's keys can't be had."""
        claims = self._claims(_bearer(authorization))
        _require_valid_at(self._now().timestamp(), claims)
        return Caller(_subject(claims), claims)

    def _claims(self, token: str) -> Mapping[str, Any]:
        """Its content, if it is genuine; a signature is checked once for as long as its key is the issuer's."""
        seen = self._seen.get(token)
        kid = seen.kid if seen else _kid(token)
        key = self._keys.find(kid)
        if seen is None or seen.key is not key:
            claims = _verified(token, key)
            self._require_ours(claims)
            seen = self._keep(token, _Genuine(kid, key, claims))
        return seen.claims

    def _keep(self, token: str, genuine: _Genuine) -> _Genuine:
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[token] = genuine
        return genuine

    def _require_ours(self, claims: Mapping[str, Any]) -> None:
        expected = {"iss": self._issuer, "token_use": "access", "client_id": self._client_id}
        for name, value in expected.items():
            if not isinstance(claims.get(name), str) or claims[name] != value:
                raise _refusal()


def _refusal() -> Unauthenticated:
    return Unauthenticated("Sign in and send a valid access token.")


def _bearer(authorization: str | None) -> str:
    if authorization is None or len(authorization) > MAX_TOKEN_BYTES:
        raise _refusal()
    match = _BEARER.fullmatch(authorization)
    if match is None:
        raise _refusal()
    return match[1]


def _kid(token: str) -> str:
    """The key id, from a header that asks for RS256 and nothing else; keys it brings along are never looked at."""
    header = _decoded(token.split(".")[0])
    kid, type_ = header.get("kid"), header.get("typ", "JWT")
    if header.get("alg") != "RS256" or "crit" in header or "b64" in header:
        raise _refusal()
    if not isinstance(type_, str) or type_.upper() not in _TYPES:
        raise _refusal()
    if not isinstance(kid, str) or not kid:
        raise _refusal()
    return kid


def _verified(token: str, key: RSAPublicKey | None) -> Mapping[str, Any]:
    signed, _, signature = token.rpartition(".")
    if key is None or not _RS256.verify(signed.encode(), key, _bytes(signature)):
        raise _refusal()
    return _decoded(signed.partition(".")[2])


def _require_valid_at(now: float, claims: Mapping[str, Any]) -> None:
    expires = _moment(claims, "exp")
    begins, issued = _moment(claims, "nbf", 0), _moment(claims, "iat", 0)
    if not now < expires or begins > now + SKEW_S or issued > min(now + SKEW_S, expires):
        raise _refusal()


def _moment(claims: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _refusal()
    # JSON's 1e999 is read as infinity, which would never expire.
    if not 0 <= value <= YEAR_5000:
        raise _refusal()
    return value


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable() or not subject.strip():
        raise _refusal()
    return subject


def _decoded(part: str) -> dict[str, Any]:
    try:
        return json_object(_bytes(part))
    except (ValueError, RecursionError):
        raise _refusal() from None


def _bytes(part: str) -> bytes:
    """What this part of a token spells in the one way that there is to spell it."""
    try:
        found = base64url_decode(part)
    except ValueError:
        raise _refusal() from None
    if base64url_encode(found) != part.encode():
        raise _refusal()
    return found
