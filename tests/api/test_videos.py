"""What viewers and owners see of a video."""

import re
from typing import Any

import pytest

from sluice.ports import App
from sluice.video import Failure, Status, Visibility
from sluice.wiring.local import LocalHome


def test_a_finished_video_is_shown_with_its_facts_and_addresses(anybody: Any, shelf: Any) -> None:
    video = shelf.done(description="In the snow.")

    answer = anybody("GET", f"/api/videos/{video.id}")

    assert answer.json == {
        "id": video.id,
        "userId": "ann",
        "owner": "Ann Example",
        "title": "A walk",
        "description": "In the snow.",
        "visibility": "public",
        "status": "done",
        "draft": False,
        "filename": None,
        "sourceKept": False,
        "error": None,
        "createdAt": "2026-11-21T12:00:00.000Z",
        "duration": 12.346,
        "width": 1280,
        "height": 720,
        "repairs": ["rotation"],
        "playable": True,
        "playback": {
            "hls": f"https://sluice.example.org/media/{video.id}/1/master.m3u8",
            "thumbnail": f"https://sluice.example.org/media/{video.id}/1/thumbnail.jpg",
        },
        "progress": {"stage": "done", "percent": 100.0, "secondsLeft": None},
    }


def test_its_owner_sees_the_file_name(ann: Any, shelf: Any) -> None:
    shown = ann("GET", f"/api/videos/{shelf.done().id}").json

    assert shown["filename"] == "walk.mp4"


def test_why_it_failed_is_told_to_whoever_may_see_it(bob: Any, shelf: Any) -> None:
    failure = Failure("no_video", "The file holds no video.")
    video = shelf.published(status=Status.FAILED, failure=failure)

    told = {"code": "no_video", "detail": "The file holds no video."}
    assert bob("GET", f"/api/videos/{video.id}").json["error"] == told
    assert bob("GET", f"/api/videos/{video.id}/status").json["error"] == told


def test_an_owner_without_a_name_is_shown_under_a_stable_one(anybody: Any, shelf: Any) -> None:
    first, second = shelf.done(owner_name=""), shelf.done(owner_name="")

    names = {anybody("GET", f"/api/videos/{video.id}").json["owner"] for video in (first, second)}

    assert names == {"user-49915e"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Zoë  Ex\tample", "Zoë Ex ample"), ("gro.knab\u202eann", "gro.knab ann"), ("\u2066\u200b", "user-49915e")],
)
def test_a_name_from_elsewhere_is_shown_as_it_can_be_seen(anybody: Any, shelf: Any, name: str, shown: str) -> None:
    assert anybody("GET", f"/api/videos/{shelf.done(owner_name=name).id}").json["owner"] == shown


def test_a_draft_is_shown_to_its_owner_under_its_file_name(ann: Any, shelf: Any) -> None:
    shown = ann("GET", f"/api/videos/{shelf.draft().id}").json

    assert (shown["draft"], shown["title"]) == (True, "walk.mp4")


def test_a_draft_without_a_file_name_is_untitled(ann: Any, shelf: Any) -> None:
    assert ann("GET", f"/api/videos/{shelf.draft(filename=None).id}").json["title"] == "Untitled"


def test_a_private_video_has_signed_addresses_for_its_owner(ann: Any, shelf: Any, home: LocalHome) -> None:
    video = shelf.private()

    address = ann("GET", f"/api/videos/{video.id}").json["playback"]["hls"]

    found = re.fullmatch(rf"https://sluice\.example\.org/media/~([^/]+)/{video.id}/1/master\.m3u8", address)
    assert found is not None
    assert home.links.admits(found[1], video.id)


def test_signed_addresses_do_not_change_the_etag_all_the_time(ann: Any, shelf: Any, clock: Any) -> None:
    path = f"/api/videos/{shelf.private().id}"
    first = ann("GET", path)
    clock.forward(minutes=10)

    assert ann("GET", path).headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("kind", ["ticket", "draft", "private"])
@pytest.mark.parametrize("suffix", ["", "/status"])
def test_what_is_not_open_exists_for_its_owner_alone(
    ann: Any, bob: Any, anybody: Any, shelf: Any, kind: str, suffix: str
) -> None:
    path = f"/api/videos/{getattr(shelf, kind)().id}{suffix}"

    assert ann("GET", path).status_code == 200
    assert bob("GET", path).status_code == 404
    assert anybody("GET", path).status_code == 404


def test_a_missing_video_and_a_hidden_one_look_the_same(bob: Any, app: App, shelf: Any) -> None:
    hidden = bob("GET", f"/api/videos/{shelf.private().id}")
    missing = bob("GET", f"/api/videos/{app.new_id()}")

    assert hidden.json == missing.json


def test_an_unlisted_video_is_for_everybody_who_has_its_address(anybody: Any, shelf: Any) -> None:
    video = shelf.done(visibility=Visibility.UNLISTED)

    assert anybody("GET", f"/api/videos/{video.id}").status_code == 200


def test_a_bad_token_is_refused_even_where_none_is_needed(anybody: Any, shelf: Any) -> None:
    answer = anybody("GET", f"/api/videos/{shelf.done().id}", headers={"Authorization": "Bearer a.b.c"})

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "bad", ["1", "01JGFJJZ00PZ8K5N3V6X9YQ2RU", "Z" * 26, "0" * 25, "0" * 27, "%00", "..", "é" * 26]
)
def test_what_is_no_id_is_not_found(anybody: Any, bad: str) -> None:
    answer = anybody("GET", f"/api/videos/{bad}")

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_an_expired_ticket_is_gone(ann: Any, shelf: Any, clock: Any) -> None:
    video = shelf.ticket()
    clock.forward(hours=1, seconds=1)

    assert ann("GET", f"/api/videos/{video.id}").status_code == 404


def test_another_one_than_is_asked_for_is_a_problem(anybody: Any, shelf: Any) -> None:
    answer = anybody("GET", f"/api/videos/{shelf.done().id}", headers={"If-Match": '"other"'})

    assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert answer.content_type == "application/problem+json"
