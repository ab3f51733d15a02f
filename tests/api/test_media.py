"""What players fetch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sluice.adapters.local.files import LocalObjects
from sluice.api import media

VIDEO = "01JD0000000000000000000001"
SECRET = "01JD0000000000000000000002"
BASE = f"/media/{VIDEO}/1"
SEGMENT = bytes(range(100))


def may_watch(video_id: str, pass_: str | None) -> bool:
    return pass_ == "good" if video_id == SECRET else pass_ is None


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    objects = LocalObjects(tmp_path / "media", prefix="media/")
    objects.put(f"media/{VIDEO}/1/720/00000.m4s", SEGMENT, "")
    objects.put(f"media/{SECRET}/1/720/00000.m4s", SEGMENT, "")
    return objects


@pytest.fixture
def client(objects: LocalObjects) -> Iterator[FlaskClient]:
    app = Flask("test")
    app.register_blueprint(media.blueprint(objects, may_watch))
    with app.test_client() as client:
        yield client


def fetch(client: FlaskClient, path: str = f"{BASE}/720/00000.m4s", **headers: str) -> TestResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=given, buffered=True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("720/index.m3u8", "application/vnd.apple.mpegurl"),
        ("720/init.mp4", "video/mp4"),
        ("720/00000.m4s", "video/iso.segment"),
        ("thumbnail.jpg", "image/jpeg"),
        ("preview.webp", "image/webp"),
        ("captions.vtt", "text/vtt; charset=utf-8"),
        ("storyboard.json", "application/json"),
        ("strange.bin", "application/octet-stream"),
    ],
)
def test_each_kind_has_its_type(client: FlaskClient, objects: LocalObjects, name: str, kind: str) -> None:
    objects.put(f"media/{VIDEO}/1/{name}", b"content", "")
    answer = fetch(client, f"{BASE}/{name}")
    assert (answer.status_code, answer.data) == (200, b"content")
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["720/init.mp4", "720/00001.m4s", "thumbnail.jpg"])
def test_what_never_changes_is_kept_for_ever(client: FlaskClient, objects: LocalObjects, name: str) -> None:
    objects.put(f"media/{VIDEO}/1/{name}", b"content", "")
    assert fetch(client, f"{BASE}/{name}").headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("name", "text", "caching"),
    [
        ("720/index.m3u8", b"#EXTM3U\n00000.m4s\n", "public, max-age=1"),
        ("720/index.m3u8", b"#EXTM3U\n00000.m4s\n#EXT-X-ENDLIST\n", "public, max-age=3600"),
        ("720/index.m3u8", b"", "public, max-age=1"),
        ("master.m3u8", b"#EXTM3U\n", "public, max-age=5"),
    ],
)
def test_playlists_are_kept_as_long_as_they_stay(
    client: FlaskClient, objects: LocalObjects, name: str, text: bytes, caching: str
) -> None:
    objects.put(f"media/{VIDEO}/1/{name}", text, "")
    answer = fetch(client, f"{BASE}/{name}")
    assert (answer.headers["Cache-Control"], answer.data) == (caching, text)


def test_every_site_may_read(client: FlaskClient) -> None:
    answer = fetch(client, Origin="https://elsewhere.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_preflight_allows_ranges(client: FlaskClient) -> None:
    answer = client.options(f"{BASE}/720/00000.m4s")
    assert answer.status_code == 204
    assert "Range" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written_here(client: FlaskClient, method: str) -> None:
    assert client.open(f"{BASE}/720/00000.m4s", method=method).status_code == 405


# --- who may watch, and what there is --------------------------------------------------------------------------------


def test_a_pass_opens_a_closed_video(client: FlaskClient) -> None:
    answer = fetch(client, f"/media/~good/{SECRET}/1/720/00000.m4s")
    assert (answer.status_code, answer.data) == (200, SEGMENT)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        f"/media/{SECRET}/1/720/00000.m4s",
        f"/media/~bad/{SECRET}/1/720/00000.m4s",
        f"/media/~/{SECRET}/1/720/00000.m4s",
        f"/media/~good/~good/{SECRET}/1/720/00000.m4s",
        f"/media/{SECRET}/~good/1/720/00000.m4s",
        "/media/~good",
    ],
)
def test_without_its_pass_a_closed_video_is_not_there(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/720/99999.m4s",
        f"{BASE}/720",
        f"{BASE}/720/",
        f"{BASE}/",
        f"/media/{VIDEO}",
        f"/media/{VIDEO.lower()}/1/720/00000.m4s",
        f"/media/{VIDEO}/01/720/00000.m4s",
        f"/media/{VIDEO}/0/720/00000.m4s",
        f"{BASE}/720/../720/00000.m4s",
        f"{BASE}/../../../secret",
        f"{BASE}/%2e%2e/%2e%2e/%2e%2e/secret",
        f"{BASE}/..%2f..%2f..%2fsecret",
        f"{BASE}/..%5c..%5csecret",
        f"{BASE}/x%00.m4s",
        f"{BASE}/x%0a",
        f"{BASE}/720//00000.m4s",
        f"{BASE}/%2fetc/passwd",
        f"{BASE}/720/.hidden",
        f"{BASE}/{'x' * 300}",
        f"{BASE}/link",
        f"{BASE}/folder-link/secret",
        "/media/.unfinished/x",
        "/media/.metadata/x",
    ],
)
def test_there_is_nothing_else(client: FlaskClient, objects: LocalObjects, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    objects.path(f"media/{VIDEO}/1/link").symlink_to(tmp_path / "secret")
    objects.path(f"media/{VIDEO}/1/folder-link").symlink_to(tmp_path)
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert b"secret" not in answer.data


@pytest.mark.parametrize("address", [BASE, f"/media/~good/{SECRET}/1"])
def test_a_receipt_is_for_the_api_to_show_to_its_owner(
    client: FlaskClient, proxied: FlaskClient, objects: LocalObjects, address: str
) -> None:
    objects.put(f"media/{VIDEO}/1/receipt.json", b"{}", "")
    objects.put(f"media/{SECRET}/1/receipt.json", b"{}", "")
    answers = [fetch(each, f"{address}/receipt.json") for each in (client, proxied)]
    assert [answer.status_code for answer in answers] == [404, 404]


# --- left to a proxy --------------------------------------------------------------------------------------------------


@pytest.fixture
def proxied(objects: LocalObjects) -> Iterator[FlaskClient]:
    app = Flask("test")
    app.register_blueprint(media.blueprint(objects, may_watch, accel="/.media"))
    with app.test_client() as client:
        yield client


def test_a_file_can_be_left_to_a_proxy(proxied: FlaskClient) -> None:
    answer = fetch(proxied, Range="bytes=0-1")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["X-Accel-Redirect"] == f"/.media/{VIDEO}/1/720/00000.m4s"
    assert (answer.mimetype, answer.headers["Cache-Control"]) == (
        "video/iso.segment",
        "public, max-age=31536000, immutable",
    )
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "path", [f"/media/{SECRET}/1/720/00000.m4s", f"/media/~bad/{SECRET}/1/720/00000.m4s", f"{BASE}/720/00001.m4s"]
)
def test_the_proxy_is_not_asked_for_what_may_not_be_seen_or_is_not_there(proxied: FlaskClient, path: str) -> None:
    answer = fetch(proxied, path)
    assert (answer.status_code, "X-Accel-Redirect" in answer.headers) == (404, False)


def test_a_good_pass_leads_the_proxy_to_the_file_without_it(proxied: FlaskClient) -> None:
    answer = fetch(proxied, f"/media/~good/{SECRET}/1/720/00000.m4s")
    assert answer.headers["X-Accel-Redirect"] == f"/.media/{SECRET}/1/720/00000.m4s"
    assert answer.headers["Cache-Control"].startswith("private")
