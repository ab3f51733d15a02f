"""The caller's own videos."""

import json
from typing import Any

from sluice import flow, messages
from sluice.api.schemas import VideoList
from sluice.api.wire import read
from sluice.ports import App
from sluice.video import Failure, Status
from sluice.wiring.local import LocalHome


def test_the_owner_sees_their_videos_in_every_state(ann: Any, shelf: Any) -> None:
    failed = shelf.published(status=Status.FAILED, failure=Failure("no_video", "The file holds no video."))
    made = [failed, shelf.done(), shelf.private(), shelf.published(), shelf.draft(), shelf.ticket()]
    shelf.done(owner="bob")

    answer = ann("GET", "/api/me/videos")

    page = read(VideoList, answer.json)
    assert [item.id for item in page.items] == [video.id for video in reversed(made)]
    assert page.items[-1].error is not None
    assert [item.draft for item in page.items] == [True, True, False, False, False, False]


def test_deleted_videos_and_expired_tickets_are_left_out(ann: Any, shelf: Any, clock: Any) -> None:
    shelf.done(gone=True)
    shelf.ticket()
    clock.forward(hours=2)

    assert ann("GET", "/api/me/videos").json == {"items": [], "nextCursor": None}


def test_pages_end(ann: Any, shelf: Any) -> None:
    made = [shelf.draft().id for _ in range(3)]

    first = ann("GET", "/api/me/videos?limit=2").json
    second = ann("GET", f"/api/me/videos?limit=2&cursor={first['nextCursor']}").json

    assert [item["id"] for page in (first, second) for item in page["items"]] == made[::-1]
    assert second["nextCursor"] is None


def test_a_cursor_of_another_s_list_shows_nothing_of_theirs(ann: Any, bob: Any, shelf: Any) -> None:
    shelf.draft(owner="bob")
    shelf.draft(owner="bob")
    cursor = bob("GET", "/api/me/videos?limit=1").json["nextCursor"]

    assert ann("GET", f"/api/me/videos?cursor={cursor}").json["items"] == []


def test_one_s_own_list_needs_a_token(anybody: Any) -> None:
    assert anybody("GET", "/api/me/videos").status_code == 401


def test_an_unchanged_list_is_not_sent_again(ann: Any, shelf: Any) -> None:
    shelf.draft()
    etag = ann("GET", "/api/me/videos").headers["ETag"]

    assert ann("GET", "/api/me/videos", headers={"If-None-Match": etag}).status_code == 304


def do_the_tasks(app: App, home: LocalHome) -> None:
    """What a worker does with all that waits in the lane."""
    while lease := home.queue.lease("tasks", 30):
        flow.handle(app, messages.parse(json.loads(lease.body)))


def test_videos_are_shown_under_the_name_that_their_owner_has_now(
    ann: Any, shelf: Any, app: App, home: LocalHome
) -> None:
    old, other = shelf.done(owner_name="Ann before"), shelf.done(owner="bob", owner_name="Bob")

    answer = ann("POST", "/api/me/name")

    assert (answer.status_code, answer.data) == (202, b"")
    do_the_tasks(app, home)
    assert [app.videos.get(video.id).owner_name for video in (old, other)] == ["Ann Example", "Bob"]


def test_a_name_that_nobody_knows_changes_nothing(bob: Any, shelf: Any, app: App, home: LocalHome) -> None:
    video = shelf.done(owner="bob", owner_name="Bob")

    assert bob("POST", "/api/me/name").status_code == 202

    do_the_tasks(app, home)
    assert app.videos.get(video.id).owner_name == "Bob"


def test_who_has_left_has_no_name(sign_in: Any) -> None:
    assert sign_in("lea")("POST", "/api/me/name").status_code == 401


def test_nobody_is_renamed_without_a_token(anybody: Any) -> None:
    assert anybody("POST", "/api/me/name").status_code == 401
