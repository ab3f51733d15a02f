"""What was uploaded, for its owner to download."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sluice.api import downloads
from sluice.entry.serve import web_app
from sluice.settings import Settings
from sluice.video import Failure, Status
from sluice.wiring.local import LocalHome

FILM = b"a film"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Sources are kept when their videos are done."""
    return replace(settings, keep_source=True)


@pytest.fixture
def web(web: Flask, home: LocalHome) -> Flask:
    web.register_blueprint(downloads.blueprint(home.sources, home.downloads))
    return web


@pytest.fixture
def video(shelf: Any) -> Any:
    """A finished video of Ann's whose source is kept."""
    video = shelf.done()
    shelf.upload(video)
    return video


@pytest.fixture
def address(ann: Any, video: Any) -> str:
    """Where she may fetch it."""
    return str(ann("GET", f"/api/videos/{video.id}/source").json["url"])


def fetch(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    return client.get(address, headers=headers, buffered=True)


def changed(address: str, **wanted: str) -> str:
    """The address with other words in its query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **wanted})))


# --- who may ask ------------------------------------------------------------------------------------------------------


def test_the_owner_is_told_where_the_upload_is(ann: Any, video: Any) -> None:
    told = ann("GET", f"/api/videos/{video.id}/source")
    assert (told.status_code, told.headers["Cache-Control"]) == (200, "private, no-cache")
    assert told.json["url"].startswith(f"https://sluice.example.org/storage/raw/{video.id}?")
    assert (told.json["fileName"], told.json["expiresAt"]) == ("walk.mp4", "2026-11-21T12:15:00.001Z")


def test_nobody_else_is_told(anybody: Any, bob: Any, video: Any) -> None:
    assert bob("GET", f"/api/videos/{video.id}/source").status_code == 404
    assert anybody("GET", f"/api/videos/{video.id}/source").status_code == 401


def test_a_video_that_is_not_there_has_no_source(ann: Any, clock: Any) -> None:
    assert ann("GET", f"/api/videos/{clock.new_id()}/source").status_code == 404


def test_a_deleted_video_has_none(ann: Any, video: Any) -> None:
    ann("DELETE", f"/api/videos/{video.id}")
    assert ann("GET", f"/api/videos/{video.id}/source").status_code == 404


def test_before_the_upload_there_is_none(ann: Any, shelf: Any) -> None:
    refusal = ann("GET", f"/api/videos/{shelf.ticket().id}/source")
    assert (refusal.status_code, refusal.json["code"]) == (409, "not_uploaded")


def test_a_source_that_is_gone_is_told(ann: Any, shelf: Any) -> None:
    refusal = ann("GET", f"/api/videos/{shelf.done().id}/source")
    assert (refusal.status_code, refusal.json["code"]) == (409, "source_gone")


def test_a_failed_video_still_has_its_source(ann: Any, shelf: Any) -> None:
    video = shelf.draft(status=Status.FAILED, failure=Failure("damaged", "It is damaged."))
    shelf.upload(video)
    assert ann("GET", f"/api/videos/{video.id}/source").status_code == 200


def test_the_owner_alone_sees_that_it_is_kept(ann: Any, bob: Any, video: Any) -> None:
    assert ann("GET", f"/api/videos/{video.id}").json["sourceKept"] is True
    assert bob("GET", f"/api/videos/{video.id}").json["sourceKept"] is False


@pytest.mark.parametrize("usually", [True, False])
def test_until_the_video_is_done_it_is_kept_from_the_upload_on(shelf: Any, usually: bool) -> None:
    assert not shelf.ticket().keeps_source(usually=usually)
    assert shelf.draft().keeps_source(usually=usually)
    assert shelf.draft(status=Status.FAILED).keeps_source(usually=usually)


@pytest.mark.parametrize("kept", [True, False])
def test_the_setting_of_another_time_says_nothing_of_it(shelf: Any, kept: bool) -> None:
    assert shelf.done(source_kept=kept).keeps_source(usually=not kept) is kept


def test_of_what_an_earlier_release_finished_the_setting_tells(shelf: Any) -> None:
    assert shelf.done().keeps_source(usually=True)
    assert not shelf.done().keeps_source(usually=False)


# --- the link ---------------------------------------------------------------------------------------------------------


def test_whoever_has_the_link_gets_the_file(client: FlaskClient, address: str) -> None:
    answer = fetch(client, address)
    assert (answer.status_code, answer.data) == (200, FILM)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="walk.mp4"'
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_broken_download_goes_on_where_it_ended(client: FlaskClient, address: str) -> None:
    etag = fetch(client, address).headers["ETag"]
    rest = fetch(client, address, **{"Range": "bytes=2-", "If-Range": etag})
    assert (rest.status_code, rest.headers["Content-Range"], rest.data) == (206, "bytes 2-5/6", b"film")


def test_a_head_has_the_size_alone(client: FlaskClient, address: str) -> None:
    answer = client.head(address)
    assert (answer.status_code, answer.headers["Content-Length"], answer.data) == (200, "6", b"")


def test_the_link_expires(client: FlaskClient, clock: Any, address: str) -> None:
    clock.forward(minutes=14)
    assert fetch(client, address).status_code == 200
    clock.forward(minutes=1)
    assert fetch(client, address).status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {"expires": "1999999999"},
        {"expires": "-1"},
        {"expires": ""},
        {"name": "other.mp4"},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "é" * 64},
    ],
)
def test_a_link_can_not_be_changed(client: FlaskClient, address: str, wanted: dict[str, str]) -> None:
    answer = fetch(client, changed(address, **wanted))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert FILM not in answer.data


def test_a_link_leads_to_no_other_file(client: FlaskClient, shelf: Any, video: Any, address: str) -> None:
    other = shelf.done()
    shelf.upload(other)
    assert fetch(client, address.replace(video.id, other.id)).status_code == 404


def test_without_a_signature_there_is_nothing(client: FlaskClient, video: Any) -> None:
    assert fetch(client, f"/storage/raw/{video.id}").status_code == 404


def test_the_whole_server_gives_it_out(home: LocalHome, address: str) -> None:
    answer = web_app(home).test_client().get(address, buffered=True)
    assert (answer.status_code, answer.data) == (200, FILM)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_nothing_is_written_by_a_link(home: LocalHome, address: str, method: str) -> None:
    assert web_app(home).test_client().open(address, method=method).status_code == 405
    assert home.sources.read(address.rpartition("/")[2].partition("?")[0]) == FILM
