"""The public list, page by page."""

from typing import Any

import pytest

from sluice.video import Visibility


def test_the_list_shows_finished_public_videos_newest_first(anybody: Any, shelf: Any) -> None:
    first, second = shelf.done(), shelf.done()
    shelf.private()
    shelf.published()
    shelf.done(visibility=Visibility.UNLISTED)
    shelf.done(gone=True)

    answer = anybody("GET", "/api/videos")

    assert [item["id"] for item in answer.json["items"]] == [second.id, first.id]
    assert answer.json["nextCursor"] is None


def test_pages_follow_each_other_without_gap_or_overlap(anybody: Any, shelf: Any) -> None:
    made = [shelf.done().id for _ in range(5)]

    first = anybody("GET", "/api/videos?limit=2").json
    second = anybody("GET", f"/api/videos?limit=2&cursor={first['nextCursor']}").json
    third = anybody("GET", f"/api/videos?limit=2&cursor={second['nextCursor']}").json

    assert [item["id"] for page in (first, second, third) for item in page["items"]] == made[::-1]
    assert third["nextCursor"] is None


def test_a_page_that_ends_with_the_last_video_has_no_next(anybody: Any, shelf: Any) -> None:
    shelf.done()
    shelf.done()

    assert anybody("GET", "/api/videos?limit=2").json["nextCursor"] is None


def test_a_new_video_does_not_shift_the_pages(anybody: Any, shelf: Any) -> None:
    oldest, newest = shelf.done(), shelf.done()
    first = anybody("GET", "/api/videos?limit=1").json
    shelf.done()

    second = anybody("GET", f"/api/videos?limit=1&cursor={first['nextCursor']}").json

    assert [first["items"][0]["id"], second["items"][0]["id"]] == [newest.id, oldest.id]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=5.0", "limit"),
        ("limit=+5", "limit"),
        ("limit=1_0", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=", "cursor"),
        ("cursor=garbage", "cursor"),
        ("cursor=MDFKR0ZKSlowMFBaOEs1TjNWNlg5WVEyUlU", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("page=2", "page"),
    ],
)
@pytest.mark.parametrize("path", ["/api/videos", "/api/me/videos"])
def test_a_list_takes_a_plain_limit_and_a_cursor_of_ours(ann: Any, path: str, query: str, field: str) -> None:
    answer = ann("GET", f"{path}?{query}")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_an_unchanged_list_is_not_sent_again(anybody: Any, shelf: Any) -> None:
    shelf.done()
    etag = anybody("GET", "/api/videos").headers["ETag"]

    assert anybody("GET", "/api/videos", headers={"If-None-Match": etag}).status_code == 304
