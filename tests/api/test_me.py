"""The caller's own videos."""

from typing import Any

from sluice.api.schemas import VideoList
from sluice.api.wire import read
from sluice.video import Failure, Status


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
