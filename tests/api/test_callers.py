"""Callers who mean harm, against the whole of what this machine serves."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sluice.api.app import description
from sluice.entry.serve import web_app
from sluice.ports import App
from sluice.settings import Settings
from sluice.video import Failure, Status, Visibility
from sluice.wiring.local import local_home

WRITING = ("post", "patch", "put", "delete")
AT_ONCE = 8
OPERATIONS = [
    (method.upper(), path, "requestBody" in operation)
    for path, methods in description()["paths"].items()
    for method, operation in methods.items()
]
ABOUT_ONE = [one for one in OPERATIONS if "{id}" in one[1]]
CHANGES = [one for one in OPERATIONS if one[0].lower() in WRITING]


def names(operations: list[tuple[str, str, bool]]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in operations]


def body_for(path: str, video_id: str) -> dict[str, str]:
    return {"id": video_id, "title": "Mine"} if path == "/api/videos" else {"title": "Mine"}


# --- somebody else's --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "takes_body"), ABOUT_ONE, ids=names(ABOUT_ONE))
@pytest.mark.parametrize("status", [Status.PENDING, Status.DONE, Status.FAILED])
def test_another_s_private_video_is_not_there_for_any_verb(
    bob: Any, shelf: Any, app: App, status: Status, method: str, path: str, takes_body: bool
) -> None:
    failure = Failure("damaged", "It is damaged.") if status is Status.FAILED else None
    video = shelf.private(status=status, failure=failure, playable=status is Status.DONE)

    answer = bob(method, path.format(id=video.id, number=1), json={"title": "Mine"} if takes_body else None)

    nobody = bob(method, path.format(id=app.new_id()), json={"title": "Mine"} if takes_body else None)
    assert (answer.status_code, answer.data) == (404, nobody.data)
    assert app.videos.get(video.id) == video


@pytest.mark.parametrize(("method", "path", "takes_body"), CHANGES, ids=names(CHANGES))
def test_a_cookie_never_authorises_a_change(
    ann: Any, anybody: Any, shelf: Any, app: App, method: str, path: str, takes_body: bool
) -> None:
    video = shelf.published(status=Status.FAILED, failure=Failure("damaged", "It is damaged."))
    for name in ("Authorization", "accessToken", "CognitoIdentityServiceProvider.the-client.ann.accessToken"):
        anybody.client.set_cookie(name, ann.token)

    answer = anybody(method, path.format(id=video.id, number=1), json=body_for(path, video.id) if takes_body else None)

    assert answer.status_code == 401
    assert app.videos.owned("ann", before=None, limit=10) == [video]


def test_a_token_in_the_address_authorises_nothing(ann: Any, anybody: Any, app: App) -> None:
    answer = anybody("POST", f"/api/uploads?access_token={ann.token}&token={ann.token}", json={})

    assert answer.status_code == 401
    assert app.videos.owned("ann", before=None, limit=10) == []


# --- all at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_once(web: Flask, ann: Any) -> Callable[..., list[Any]]:
    """The answers to the same call of Ann's, made by many at the same moment."""

    def at_once(path: str, **request: Any) -> list[Any]:
        start = threading.Barrier(AT_ONCE)
        headers = {"Authorization": f"Bearer {ann.token}", **request.pop("headers", {})}

        def call(_: int) -> Any:
            client = web.test_client()
            start.wait()
            return client.post(path, headers=headers, **request)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(call, range(AT_ONCE)))

    return at_once


def test_creating_at_once_under_one_key_makes_one_video(at_once: Any, app: App) -> None:
    answers = at_once("/api/uploads", json={}, headers={"Idempotency-Key": "once"})

    (video,) = app.videos.owned("ann", before=None, limit=10)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json["id"] for answer in answers if answer.status_code == 201} == {video.id}


def test_publishing_at_once_publishes_once(at_once: Any, app: App, shelf: Any) -> None:
    video = shelf.draft()
    shelf.upload(video)

    answers = at_once("/api/videos", json={"id": video.id, "title": "A walk"})

    assert sorted(answer.status_code for answer in answers)[-1] == 201
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert app.videos.get(video.id).settled


# --- what people write ------------------------------------------------------------------------------------------------

TEXTS = [
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} %s %n",
    "'; DROP TABLE videos; --",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "]]><!--",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_stay_words(ann: Any, anybody: Any, shelf: Any, app: App, text: str) -> None:
    video = shelf.done(visibility=Visibility.PUBLIC)
    changed = ann("PATCH", f"/api/videos/{video.id}", json={"title": text, "description": text})

    shown = anybody("GET", "/api/videos")

    assert (shown.json["items"][0]["title"], shown.json["items"][0]["description"]) == (text, text)
    assert app.videos.get(video.id).title == text
    assert (shown.mimetype, shown.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
    assert text not in str(changed.headers) + str(shown.headers)


@pytest.mark.parametrize("text", ["one\r\nSet-Cookie: a=b", "one\u2028two", "one\x00", "\u202egnp.exe", "\ud800"])
def test_words_that_would_be_more_than_words_are_refused(ann: Any, shelf: Any, text: str) -> None:
    body = json.dumps({"title": text})

    answer = ann("PATCH", f"/api/videos/{shelf.done().id}", data=body, content_type="application/json")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "title")


# --- on its guard -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Everything on one origin, with accounts of its own and a site of two pages."""
    folder: Path = tmp_path_factory.mktemp("whole")
    site = folder / "site"
    (site / "watch").mkdir(parents=True)
    (site / "index.html").write_text("home")
    (site / "watch" / "index.html").write_text("watch")
    (site / "csp.json").write_text("{}")
    return web_app(local_home(Settings(data=folder / "data", site=site))).test_client()


EVERYWHERE = [
    *(
        ("GET", path)
        for path in ("/", "/watch", "/watch/", "/nothing", "/config.json", "/a%0d%0aSet-Cookie:b", "//x/..")
    ),
    *(("GET", path) for path in ("/api/videos", "/api/nothing", "/api/docs", "/api/openapi.json", "/api/oembed")),
    *((method, "/api/videos") for method in ("HEAD", "OPTIONS", "POST", "PUT", "TRACE")),
    *((method, "/storage/raw") for method in ("GET", "OPTIONS", "POST", "DELETE")),
    *((method, "/storage/media/x") for method in ("GET", "POST")),
    *((method, "/media/x") for method in ("GET", "HEAD", "OPTIONS", "POST")),
    *((method, "/cognito") for method in ("GET", "OPTIONS", "POST")),
    *(("GET", f"/cognito/{path}") for path in ("outbox", "outbox.json", "local_Sluice/.well-known/jwks.json", "x")),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_every_answer_is_on_its_guard_and_sets_no_cookie(whole: FlaskClient, method: str, path: str) -> None:
    headers = whole.open(path, method=method).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
    assert "Access-Control-Allow-Credentials" not in headers
