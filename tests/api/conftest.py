"""The API over the real local home, with tokens signed by a key of the tests and a clock that they move."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from ulid import ULID
from werkzeug.test import TestResponse

from sluice.api import create_app
from sluice.errors import NotFound
from sluice.ladder import Facts
from sluice.ports import App
from sluice.settings import Settings
from sluice.tokens import TokenCheck
from sluice.video import Status, Video, Visibility
from sluice.wiring.local import LocalHome, local_home

ISSUER = "https://issuer.example.org/pool"
CLIENT_ID = "the-client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWKS = {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "alg": "RS256"}]}


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    time: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)

    def new_id(self) -> str:
        self.time += timedelta(milliseconds=1)
        return str(ULID.from_datetime(self.time))


@dataclass
class People:
    """Who chose to be shown under which name, and who has left."""

    names: dict[str, str]
    gone: frozenset[str] = frozenset({"lea"})

    def name_of(self, user_id: str) -> str | None:
        if user_id in self.gone:
            raise NotFound(f"no user {user_id}")
        return self.names.get(user_id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        site=tmp_path / "site",
        public_url="https://sluice.example.org",
        external_issuer=ISSUER,
        client_id=CLIENT_ID,
    )


@pytest.fixture
def home(settings: Settings, clock: Clock) -> LocalHome:
    return local_home(settings, now=clock.now, new_id=clock.new_id)


@pytest.fixture
def app(home: LocalHome) -> App:
    return replace(home.app, people=People({"ann": "Ann Example"}))


@pytest.fixture
def web(app: App, clock: Clock) -> Flask:
    return create_app(app, token_check=TokenCheck(ISSUER, CLIENT_ID, lambda: JWKS, clock.now))


@pytest.fixture
def client(web: Flask) -> FlaskClient:
    return web.test_client()


@dataclass
class Caller:
    """Somebody with a token, and the calls they make."""

    client: FlaskClient
    token: str | None

    def __call__(self, method: str, path: str, **request: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= request.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **request)


@pytest.fixture
def sign_in(client: FlaskClient, clock: Clock) -> Callable[..., Caller]:
    def sign_in(user_id: str, **more: object) -> Caller:
        claims = {"sub": user_id, "iss": ISSUER, "client_id": CLIENT_ID, "token_use": "access"}
        times = {"iat": int(clock.time.timestamp()), "exp": int((clock.time + timedelta(days=30)).timestamp())}
        return Caller(client, jwt.encode(claims | times | more, KEY, "RS256", headers={"kid": "k1"}))

    return sign_in


@pytest.fixture
def ann(sign_in: Callable[[str], Caller]) -> Caller:
    return sign_in("ann")


@pytest.fixture
def bob(sign_in: Callable[[str], Caller]) -> Caller:
    return sign_in("bob")


@pytest.fixture
def anybody(client: FlaskClient) -> Caller:
    return Caller(client, None)


FACTS = Facts(
    duration_s=12.3456,
    width=1280,
    height=720,
    frame_rate=25.0,
    has_audio=True,
    repairs=("rotation",),
    renditions=(),
)


@dataclass
class Shelf:
    """Puts videos into the store as the pipeline would have left them."""

    app: App
    home: LocalHome

    def put(self, **wanted: Any) -> Video:
        now = self.app.now()
        plain = Video(
            id=self.app.new_id(),
            owner="ann",
            owner_name="Ann Example",
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
        return self.app.videos.add(replace(plain, **wanted))

    def ticket(self, **wanted: Any) -> Video:
        """Nothing uploaded yet."""
        return self.put(**({"filename": "walk.mp4"} | wanted))

    def draft(self, **wanted: Any) -> Video:
        """Uploaded, with no title yet."""
        return self.ticket(**({"arrived": True} | wanted))

    def published(self, **wanted: Any) -> Video:
        """Named by its owner, waiting for its encode."""
        return self.draft(**({"title": "A walk", "settled": True} | wanted))

    def done(self, **wanted: Any) -> Video:
        """Ready to be watched."""
        return self.published(**({"status": Status.DONE, "attempt": 1, "playable": True, "facts": FACTS} | wanted))

    def private(self, **wanted: Any) -> Video:
        """Ready, for its owner alone."""
        return self.done(**({"visibility": Visibility.PRIVATE} | wanted))

    def upload(self, video: Video, owner: str | None = None) -> None:
        """Its file arrives in the storage."""
        metadata = {"user-id": owner or video.owner}
        with self.home.sources.receive(video.id, metadata) as incoming:
            incoming.write(b"a film")
            incoming.commit()


@pytest.fixture
def shelf(app: App, home: LocalHome) -> Shelf:
    return Shelf(app, home)
