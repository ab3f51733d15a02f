"""The issuer's public keys: fetched over the web, sorted out, and kept for a while."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import IO, Any
from urllib import request as web
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from .errors import Unavailable
from .settings import Settings

MAX_JWKS_BYTES = 256 << 10
MAX_KEYS = 100
FETCH_S = 3.0
REFETCH_AFTER = timedelta(seconds=10)
FRESH_FOR = timedelta(minutes=1)
TRUSTED_FOR = timedelta(hours=24)

FetchJwks = Callable[[], Mapping[str, Any]]

_NO_KEYS = "The keys of the sign-in service can't be had right now; try again soon."


class KeyCache:
    """An issuer's public keys by kid, fetched by one thread at a time and not more often than needed."""

    def __init__(self, fetch: FetchJwks, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._searched_at: datetime | None = None

    def find(self, kid: str) -> RSAPublicKey | None:
        """The key of that id, or None if the issuer has none such; Unavailable if nothing is known of its keys."""
        key = self._known(kid)
        if key is not None:
            self._refresh_when_old()
            key = self._known(kid)
        return key if key is not None else self._search(kid)

    def _known(self, kid: str) -> RSAPublicKey | None:
        return self._keys.get(kid) if self._within(self._fetched_at, TRUSTED_FOR) else None

    def _refresh_when_old(self) -> None:
        # Whoever comes while another thread fetches is served from what is known.
        if self._within(self._fetched_at, FRESH_FOR) or not self._lock.acquire(blocking=False):
            return
        try:
            if not self._within(self._failed_at, REFETCH_AFTER):
                self._load()
        finally:
            self._lock.release()

    def _search(self, kid: str) -> RSAPublicKey | None:
        with self._lock:
            if self._known(kid) is None and not self._within(self._searched_at, REFETCH_AFTER):
                self._load_for(kid)
            key = self._known(kid)
        if not self._within(self._fetched_at, TRUSTED_FOR):
            raise Unavailable(_NO_KEYS)
        return key

    def _load_for(self, kid: str) -> None:
        """Fetch for an unknown kid; a first fetch that finds it does not hold up the next search."""
        first = self._fetched_at is None
        if not self._within(self._failed_at, REFETCH_AFTER):
            self._load()
        if not first or self._known(kid) is None:
            self._searched_at = self._now()

    def _load(self) -> None:
        try:
            self._keys = _usable_keys(self._fetch())
            self._fetched_at, self._failed_at = self._now(), None
        except Unavailable:
            self._failed_at = self._now()

    def _within(self, moment: datetime | None, span: timedelta) -> bool:
        # A clock that was set back must not stretch the span.
        return moment is not None and timedelta(0) <= self._now() - moment < span


def jwks_url(settings: Settings) -> str:
    """Where the issuer publishes its keys."""
    return settings.jwks_url or f"{settings.issuer.rstrip('/')}/.well-known/jwks.json"


def http_jwks(url: str) -> FetchJwks:
    """Fetches the JWKS from there; the fetch raises Unavailable for whatever goes wrong."""
    opener = web.OpenerDirector()
    for handler in (web.HTTPHandler, web.HTTPSHandler, web.HTTPErrorProcessor, web.HTTPDefaultErrorHandler, _Redirects):
        opener.add_handler(handler())

    def fetch() -> Mapping[str, Any]:
        try:
            with opener.open(url, timeout=FETCH_S) as response:
                return json_object(_read_soon(response))
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            raise Unavailable(_NO_KEYS) from error

    return fetch


class _Redirects(web.HTTPRedirectHandler):
    """Follows redirects to the web only, and never from https down to http."""

    def redirect_request(
        self, req: web.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> web.Request | None:
        allowed = ("https",) if req.type == "https" else ("http", "https")
        if urlsplit(newurl).scheme not in allowed:
            raise ValueError("redirected off the web")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def json_object(text: bytes) -> dict[str, Any]:
    """The JSON object in the text; ValueError for anything else, doubled names and NaN included."""
    parsed = json.loads(text.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return parsed


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _usable_keys(jwks: Mapping[str, Any]) -> dict[str, RSAPublicKey]:
    listed = jwks.get("keys")
    if not isinstance(listed, list):
        raise Unavailable(_NO_KEYS)
    keys: dict[str, RSAPublicKey] = {}
    for jwk in listed[:MAX_KEYS]:
        key = _usable_key(jwk)
        if key is not None:
            keys.setdefault(jwk["kid"], key)
    return keys


def _usable_key(jwk: object) -> RSAPublicKey | None:
    """The key, if it is one for checking RS256 and long enough."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or not isinstance(jwk.get("kid"), str):
        return None
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return key if isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192 else None


def _read_soon(response: HTTPResponse) -> bytes:
    """The body; ValueError if it is too long, or drips for longer than a fetch may take."""
    body, deadline = b"", time.monotonic() + FETCH_S
    while chunk := response.read1(64 << 10):
        body += chunk
        if len(body) > MAX_JWKS_BYTES or time.monotonic() > deadline:
            raise ValueError("the key set is too long or too slow")
    return body
