"""Owners change their videos; nobody else does."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.ports import App
from sluice.video import Failure, Status, Visibility


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
