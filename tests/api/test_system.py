"""Health, configuration, pages, and the headers that every answer carries."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from sluice.api import create_app
from sluice.api.schemas import SiteConfig
from sluice.api.system import site_config
from sluice.api.wire import read
from sluice.errors import Unavailable
from sluice.ports import App
from sluice.settings import Settings

ORIGIN = "https://site.example.org"


def client_with(app: App, **settings: Any) -> FlaskClient:
    """The application under other settings."""
    changed = replace(app, settings=replace(app.settings, **settings))
    return create_app(changed, token_check=object()).test_client()  # type: ignore[arg-type]


def test_the_service_says_that_it_is_well(anybody: Any) -> None:
    answer = anybody("GET", "/api/health")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_service_says_that_it_is_not_well(app: App) -> None:
    def not_ready() -> None:
        raise Unavailable("the database is away")

    client = create_app(app, token_check=object(), ready=not_ready).test_client()  # type: ignore[arg-type]

    assert client.get("/api/health").status_code == 503


def test_a_site_learns_where_to_sign_in_here(app: App) -> None:
    answer = client_with(app, external_issuer=None).get("/config.json")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "backend": "local",
        "issuer": "https://sluice.example.org/cognito/local_Sluice",
        "region": "us-east-1",
        "userPoolId": "local_Sluice",
        "userPoolClientId": "the-client",
        "userPoolEndpoint": "https://sluice.example.org/cognito",
        "outboxUrl": None,
        "publicUrl": "https://sluice.example.org",
        "apiUrl": "/api",
        "maxUploadBytes": 100_000_000,
    }


def test_a_site_learns_the_pool_of_a_real_cognito() -> None:
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123"

    config = site_config(Settings(external_issuer=issuer, client_id="abc"))

    assert (config.region, config.user_pool_id, config.user_pool_endpoint) == ("eu-west-1", "eu-west-1_AbC123", None)


def test_another_issuer_has_no_pool(anybody: Any) -> None:
    config = read(SiteConfig, anybody("GET", "/config.json").json)

    assert (config.issuer, config.user_pool_id, config.region) == ("https://issuer.example.org/pool", None, None)


def test_a_site_learns_where_the_codes_are(app: App) -> None:
    client = client_with(app, external_issuer=None, public_url="http://localhost:8000")

    assert client.get("/config.json").json["outboxUrl"] == "http://localhost:8000/cognito/outbox"


def test_the_outbox_is_not_offered_when_mail_goes_out(app: App) -> None:
    settings = {"external_issuer": None, "public_url": "http://localhost:8000", "smtp_url": "smtp://mail.example.org"}

    assert client_with(app, **settings).get("/config.json").json["outboxUrl"] is None


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/videos", "/api/nothing", "/api/docs", "/config.json"])
def test_every_answer_is_on_its_guard(anybody: Any, path: str) -> None:
    headers = anybody("GET", path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


# --- other origins ----------------------------------------------------------------------------------------------------


def test_no_other_origin_is_served_unless_it_is_named(app: App) -> None:
    answer = client_with(app).get("/api/health", headers={"Origin": ORIGIN})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/api/health", "/config.json", "/api/nothing"])
def test_a_named_origin_may_read(app: App, path: str) -> None:
    answer = client_with(app, cors_origins=(ORIGIN,)).get(path, headers={"Origin": ORIGIN})

    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers.getlist("Vary")


@pytest.mark.parametrize("origin", ["https://site.example.org.evil.com", "https://siteXexample.org", "null"])
def test_a_similar_origin_may_not(app: App, origin: str) -> None:
    answer = client_with(app, cors_origins=(ORIGIN,)).get("/api/health", headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_origin_may_be_an_ipv6_address(app: App) -> None:
    origin = "http://[::1]:3000"

    answer = client_with(app, cors_origins=(origin,)).get("/api/health", headers={"Origin": origin})

    assert answer.headers["Access-Control-Allow-Origin"] == origin


def test_a_browser_asks_before_it_changes_anything(app: App) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }

    answer = client_with(app, cors_origins=(ORIGIN,)).options("/api/videos/01JGFJJZ00PZ8K5N3V6X9YQ2RT", headers=asked)

    assert answer.status_code == 200
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type, idempotency-key"


# --- tracing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="sluice.access")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "sluice.access"]


def test_a_request_keeps_its_id(anybody: Any) -> None:
    assert anybody("GET", "/api/health", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"


@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, "a;b"])
def test_a_request_gets_an_id_in_place_of_a_bad_one(anybody: Any, bad: str) -> None:
    given = anybody("GET", "/api/health", headers={"X-Request-Id": bad}).headers["X-Request-Id"]

    assert len(given) == 16


def test_a_request_leaves_one_line(ann: Any, lines: Callable[[], list[str]]) -> None:
    answer = ann("GET", "/api/me/videos?limit=3")

    (line,) = lines()
    assert line.startswith(f"request={answer.headers['X-Request-Id']} method=GET path=/api/me/videos status=200 ms=")
    assert line.endswith(" user=ann")


def test_the_log_holds_no_token_and_no_signature(ann: Any, lines: Callable[[], list[str]]) -> None:
    ann("GET", "/media/~1790000000-c0ffee/01JGFJJZ00PZ8K5N3V6X9YQ2RT/1/master.m3u8?X-Signature=c0ffee")

    (line,) = lines()
    assert "path=/media/~/01JGFJJZ00PZ8K5N3V6X9YQ2RT/1/master.m3u8 " in line
    assert ann.token not in line


def test_a_path_can_not_forge_a_line(anybody: Any, lines: Callable[[], list[str]]) -> None:
    anybody("GET", "/api/x%0Arequest=forged%20status=200")

    (line,) = lines()
    assert "\n" not in line
    assert " status=404 " in line
