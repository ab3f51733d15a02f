"""Owners change their videos; nobody else does."""

from dataclasses import replace
from typing import Any

import pytest

from sluice import library
from sluice.errors import Refused
from sluice.ports import App
from sluice.video import Failure, Status, Video, Visibility


def test_an_owner_changes_what_is_named_and_nothing_else(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.done(description="Old words")

    answer = ann("PATCH", f"/api/videos/{video.id}", json={"title": "New", "visibility": "private"})

    stored = app.videos.get(video.id)
    assert (answer.status_code, answer.json["title"]) == (200, "New")
    assert (stored.title, stored.description, stored.visibility) == ("New", "Old words", Visibility.PRIVATE)


def test_a_description_can_be_emptied(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.done(description="Old words")

    ann("PATCH", f"/api/videos/{video.id}", json={"description": ""})

    assert app.videos.get(video.id).description == ""


def test_no_change_changes_nothing(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.done()

    assert ann("PATCH", f"/api/videos/{video.id}", json={}).status_code == 200
    assert app.videos.get(video.id) == video


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"description": None}, "description"),
        ({"visibility": None}, "visibility"),
        ({"id": "x"}, "id"),
    ],
)
def test_a_change_to_nothing_is_no_change(ann: Any, shelf: Any, change: dict[str, Any], field: str) -> None:
    answer = ann("PATCH", f"/api/videos/{shelf.done().id}", json=change)

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_a_deleted_video_is_gone_for_everybody(ann: Any, anybody: Any, shelf: Any, app: App) -> None:
    video = shelf.done()

    answer = ann("DELETE", f"/api/videos/{video.id}")

    assert (answer.status_code, answer.data) == (204, b"")
    assert anybody("GET", f"/api/videos/{video.id}").status_code == 404
    assert ann("DELETE", f"/api/videos/{video.id}").status_code == 404
    assert app.videos.get(video.id).gone


def test_a_failed_video_is_tried_again(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.FAILED, failure=Failure("encode_failed", "It broke."))
    shelf.upload(video)

    answer = ann("POST", f"/api/videos/{video.id}/retry")

    assert (answer.status_code, answer.json["status"], answer.json["error"]) == (202, "pending", None)
    assert app.videos.get(video.id).status is Status.PENDING


def test_only_a_failed_video_is_tried_again(ann: Any, shelf: Any) -> None:
    answer = ann("POST", f"/api/videos/{shelf.done().id}/retry")

    assert (answer.status_code, answer.json["code"]) == (409, "not_failed")


VERBS = [("PATCH", "", {"title": "Mine"}), ("DELETE", "", None), ("POST", "/retry", None)]


@pytest.mark.parametrize(("method", "suffix", "body"), VERBS)
def test_nobody_changes_another_s_video(bob: Any, shelf: Any, app: App, method: str, suffix: str, body: Any) -> None:
    video = shelf.done()

    answer = bob(method, f"/api/videos/{video.id}{suffix}", json=body)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert app.videos.get(video.id) == video


@pytest.mark.parametrize(("method", "suffix", "body"), VERBS)
def test_nobody_changes_a_video_without_a_token(
    anybody: Any, shelf: Any, app: App, method: str, suffix: str, body: Any
) -> None:
    video = shelf.done()

    assert anybody(method, f"/api/videos/{video.id}{suffix}", json=body).status_code == 401
    assert app.videos.get(video.id) == video


def test_a_lost_race_is_a_conflict(ann: Any, shelf: Any, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    video = shelf.done()
    stale = replace(video, version=0)
    monkeypatch.setattr(app.videos, "get", lambda video_id: stale)

    answer = ann("PATCH", f"/api/videos/{video.id}", json={"title": "Too late"})

    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


CHANGES = [("PATCH", {"title": "New"}, 200), ("DELETE", None, 204)]


@pytest.mark.parametrize(("method", "body", "status"), CHANGES)
def test_what_is_as_it_was_read_is_changed(ann: Any, shelf: Any, method: str, body: Any, status: int) -> None:
    path = f"/api/videos/{shelf.done().id}"
    tag = ann("GET", path).headers["ETag"]

    assert ann(method, path, json=body, headers={"If-Match": tag}).status_code == status


@pytest.mark.parametrize(("method", "body", "_status"), CHANGES)
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_what_is_not_as_expected_stays(
    ann: Any, shelf: Any, app: App, header: str, method: str, body: Any, _status: int
) -> None:
    video = shelf.done()
    path = f"/api/videos/{video.id}"
    tag = '"other"' if header == "If-Match" else ann("GET", path).headers["ETag"]

    answer = ann(method, path, json=body, headers={header: tag})

    assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert app.videos.get(video.id) == video


def test_each_change_tells_by_what_to_expect_it(ann: Any, shelf: Any) -> None:
    path = f"/api/videos/{shelf.done().id}"
    tags = [ann("PATCH", path, json={"title": title}).headers["ETag"] for title in ("One", "Two")]

    assert ann("PATCH", path, json={"title": "Three"}, headers={"If-Match": tags[0]}).status_code == 412
    assert ann("PATCH", path, json={"title": "Three"}, headers={"If-Match": tags[1]}).status_code == 200


def test_what_is_expected_is_asked_of_what_is_changed(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.done(title="One")

    def require(current: Video) -> None:
        if current.title == "One":
            # Somebody else is quicker.
            app.videos.save(replace(current, title="Two"))
        else:
            raise Refused("changed", "It changed.")

    with pytest.raises(Refused):
        library.edit(app, video.owner, video.id, require, title="Three")
    assert app.videos.get(video.id).title == "Two"
