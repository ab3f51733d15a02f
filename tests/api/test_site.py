"""The built site, as the server hands it out."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sluice.api import create_app
from sluice.ports import App

POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
FRAMED = "default-src 'none'; connect-src 'self'; frame-ancestors *"
PAGES = ["index.html", "watch/index.html", "embed/index.html", "404.html"]


@pytest.fixture
def folder(app: App) -> Path:
    folder = app.settings.site
    (folder / "_next" / "static").mkdir(parents=True)
    (folder / "watch").mkdir()
    (folder / "embed").mkdir()
    for page in PAGES:
        (folder / page).write_text(f"<title>{page}</title>")
    (folder / "_next" / "static" / "a1b2.js").write_text("let one = 1;")
    (folder / "_next" / "static" / "a1b2.js.gz").write_bytes(gzip.compress(b"let one = 1;"))
    policies = {"/": POLICY, "/watch/": POLICY, "/embed/": FRAMED, "404": POLICY}
    (folder / "csp.json").write_text(json.dumps(policies))
    return folder


@pytest.fixture
def site(app: App, folder: Path) -> FlaskClient:
    return client_of(app)


def client_of(app: App, **settings: Any) -> FlaskClient:
    changed = replace(app, settings=replace(app.settings, **settings))
    return create_app(changed, token_check=object()).test_client()  # type: ignore[arg-type]


@pytest.mark.parametrize(("path", "page"), [("/", "index.html"), ("/watch/?v=1", "watch/index.html")])
def test_a_page_is_served_under_its_address(site: FlaskClient, path: str, page: str) -> None:
    answer = site.get(path)

    assert (answer.status_code, answer.text) == (200, f"<title>{page}</title>")
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Disposition" not in answer.headers


def test_a_page_is_not_sent_again_to_whoever_has_it(site: FlaskClient) -> None:
    etag = site.get("/").headers["ETag"]

    assert site.get("/", headers={"If-None-Match": etag}).status_code == 304


def test_what_a_page_would_be_is_told_without_it(site: FlaskClient) -> None:
    answer = site.head("/")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.content_length == len("<title>index.html</title>")


def test_a_page_without_its_slash_leads_to_it(site: FlaskClient) -> None:
    answer = site.get("/watch?v=A%26B")

    assert (answer.status_code, answer.headers["Location"]) == (308, "/watch/?v=A%26B")


def test_no_address_leads_to_another_host(site: FlaskClient) -> None:
    answer = site.get("/%2Fwatch")

    assert answer.headers["Location"] == "/watch/"


def test_hashed_files_are_kept_for_ever(site: FlaskClient) -> None:
    answer = site.get("/_next/static/a1b2.js")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/javascript"


def test_what_the_build_compressed_is_sent_so(site: FlaskClient) -> None:
    answer = site.get("/_next/static/a1b2.js", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == b"let one = 1;"
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_what_a_browser_can_not_unpack_is_sent_plain(site: FlaskClient, accepted: str) -> None:
    answer = site.get("/_next/static/a1b2.js", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.data == b"let one = 1;"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_smaller_of_two_is_sent(site: FlaskClient, folder: Path) -> None:
    (folder / "_next" / "static" / "a1b2.js.br").write_bytes(b"brotli")

    answer = site.get("/_next/static/a1b2.js", headers={"Accept-Encoding": "gzip, br"})

    assert (answer.headers["Content-Encoding"], answer.data) == ("br", b"brotli")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/watch/more/",
        "/csp.json",
        "/.hash",
        "/_next/../csp.json",
        "/_next/%2e%2e/.hash",
        "/_next/../404.html",
        "/_next/static/a1b2.js.gz",
        "/_next/",
        "/%2e%2e/sluice.db",
        "/..%2fsluice.db",
        "/%00",
        "/index.html/",
        "/404.html",
        "/a%0Ab",
        "/" + 300 * "a",
        "/" + 2500 * "a/",
    ],
)
def test_what_is_no_page_is_said_on_a_page(site: FlaskClient, folder: Path, path: str) -> None:
    (folder / ".hash").write_text("1 2")
    answer = site.get(path)

    assert (answer.status_code, answer.text) == (404, "<title>404.html</title>")
    assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api"])
def test_the_api_keeps_its_own_words_for_what_is_not_there(site: FlaskClient, path: str) -> None:
    answer = site.get(path)

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/media/nothing", "/storage/nothing", "/cognito/nothing", "/cognito"])
def test_other_parts_of_the_service_are_not_the_sites(site: FlaskClient, path: str) -> None:
    answer = site.get(path)

    assert answer.status_code == 404
    assert answer.mimetype != "text/html"


def test_pages_can_not_be_framed(site: FlaskClient) -> None:
    headers = site.get("/watch/").headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_other_sites_learn_no_more_than_where_a_visitor_came_from(site: FlaskClient) -> None:
    assert site.get("/watch/?v=1").headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_the_embedded_player_can(site: FlaskClient) -> None:
    headers = site.get("/embed/").headers

    assert headers["Content-Security-Policy"] == FRAMED
    assert "X-Frame-Options" not in headers
    assert "Cross-Origin-Opener-Policy" not in headers


def test_another_build_has_other_policies(site: FlaskClient, folder: Path) -> None:
    site.get("/")
    (folder / "csp.json").write_text(json.dumps({"/": "default-src 'self'"}))

    assert site.get("/").headers["Content-Security-Policy"] == "default-src 'self'"


def test_pages_keep_their_policies_while_another_build_runs(site: FlaskClient, folder: Path) -> None:
    site.get("/")
    (folder / "csp.json").unlink()

    assert site.get("/").headers["Content-Security-Policy"] == POLICY


def test_a_page_without_a_policy_may_do_nothing(site: FlaskClient, folder: Path) -> None:
    (folder / "csp.json").unlink()

    answer = site.get("/")

    assert (answer.status_code, answer.text) == (200, "<title>index.html</title>")
    assert "connect-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "host", ["https://cognito-idp.eu-west-1.amazonaws.com", "https://cognito-idp.cn-north-1.amazonaws.com.cn"]
)
def test_pages_may_sign_in_at_a_real_cognito(app: App, folder: Path, host: str) -> None:
    issuer = f"{host}/eu-west-1_AbC123"

    policy = client_of(app, external_issuer=issuer).get("/").headers["Content-Security-Policy"]

    assert f"connect-src 'self' {host};" in policy


def test_without_a_built_site_the_front_page_says_how_to_build_one(app: App) -> None:
    answer = client_of(app).get("/")

    assert answer.status_code == 200
    assert "make site" in answer.text
    assert 'href="https://sluice.example.org/api/docs"' in answer.text


def test_without_a_built_site_there_are_no_other_pages(app: App) -> None:
    assert client_of(app).get("/watch/").status_code == 404


# --- oEmbed discovery -------------------------------------------------------------------------------------------------


def test_a_watch_page_says_how_its_video_is_embedded(site: FlaskClient, shelf: Any) -> None:
    video = shelf.done()

    link = site.get(f"/watch/?v={video.id}").headers["Link"]

    watch = f"https%3A%2F%2Fsluice.example.org%2Fwatch%2F%3Fv%3D{video.id}"
    address = f"https://sluice.example.org/api/oembed?url={watch}&format=json"
    assert link == f'<{address}>; rel="alternate"; type="application/json+oembed"'


@pytest.mark.parametrize("kind", ["private", "draft", "ticket"])
def test_nothing_is_said_of_what_is_not_open(site: FlaskClient, shelf: Any, kind: str) -> None:
    put: Callable[[], Any] = getattr(shelf, kind)

    assert "Link" not in site.get(f"/watch/?v={put().id}").headers


def test_nothing_is_said_of_what_is_not_there(site: FlaskClient) -> None:
    assert "Link" not in site.get("/watch/?v=01JGFJJZ00PZ8K5N3V6X9YQ2RT").headers
