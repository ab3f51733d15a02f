"""Publishing, watching and changing videos."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.api.schemas import Video, VideoStatus
from sluice.ports import App
from sluice.video import Failure, Progress, Status, Visibility


def publish(caller: Any, video_id: str, **more: Any) -> Any:
    return caller("POST", "/api/videos", json={"id": video_id, "title": "A walk", **more})


# --- publishing -------------------------------------------------------------------------------------------------------


def test_an_uploaded_file_becomes_a_video(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.ticket()
    shelf.upload(video)

    answer = publish(ann, video.id, description="In the snow.\r\nCold.", visibility="unlisted")

    shown = Video.model_validate(answer.json)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"https://sluice.example.org/api/videos/{video.id}"
    assert (shown.title, shown.description, shown.visibility) == ("A walk", "In the snow.\nCold.", "unlisted")
    assert app.videos.get(video.id).visibility is Visibility.UNLISTED


def test_publishing_again_answers_the_video_as_it_is(ann: Any, shelf: Any) -> None:
    video = shelf.published(title="The first title")

    answer = publish(ann, video.id, visibility="private")

    assert (answer.status_code, answer.json["title"], answer.json["visibility"]) == (200, "The first title", "public")


def test_what_was_not_uploaded_can_not_be_published(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.ticket()

    answer = publish(ann, video.id)

    assert (answer.status_code, answer.json["code"]) == (409, "not_uploaded")
    assert app.videos.get(video.id) == video


def test_a_file_that_another_uploaded_does_not_count(ann: Any, shelf: Any) -> None:
    video = shelf.ticket()
    shelf.upload(video, owner="bob")

    assert publish(ann, video.id).json["code"] == "not_uploaded"


def test_another_s_upload_can_not_be_published(bob: Any, shelf: Any) -> None:
    video = shelf.ticket()
    shelf.upload(video)

    assert publish(bob, video.id).status_code == 404


def test_an_id_in_lower_case_is_the_same_id(ann: Any, shelf: Any) -> None:
    video = shelf.draft()

    assert publish(ann, video.id.lower()).json["id"] == video.id
    assert ann("GET", f"/api/videos/{video.id.lower()}").json["id"] == video.id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "not-a-ulid"}, "id"),
        ({"id": 7}, "id"),
        ({"id": None}, "id"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"title": ["A walk"]}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "a\x9bb"}, "title"),
        ({"title": "evil\u202egnp.exe"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"description": "a\x07b"}, "description"),
        ({"description": None}, "description"),
        ({"description": "\udfff"}, "description"),
        ({"visibility": "friends"}, "visibility"),
        ({"visibility": True}, "visibility"),
        ({"owner": "bob"}, "owner"),
        ({"status": "done"}, "status"),
        ({"\ud800": 1}, "body"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named_and_not_echoed(
    ann: Any, shelf: Any, app: App, change: dict[str, Any], field: str
) -> None:
    video = shelf.draft()

    answer = publish(ann, **{"video_id": video.id, **change}) if "id" not in change else publish(ann, change["id"])

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_fields")
    assert [set(error) for error in answer.json["errors"]] == [{"field", "message"}]
    assert answer.json["errors"][0]["field"] == field
    assert app.videos.get(video.id) == video


def test_every_missing_field_is_named(ann: Any) -> None:
    answer = ann("POST", "/api/videos", json={})

    assert [error["field"] for error in answer.json["errors"]] == ["id", "title"]


def test_what_was_sent_is_not_repeated_in_the_problem(ann: Any, shelf: Any) -> None:
    answer = publish(ann, shelf.draft().id, visibility="s3cret-value", title="s3cret\x00title")

    assert "s3cret" not in answer.get_data(as_text=True)


def test_words_are_normalised(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.draft()

    publish(ann, video.id, title="  Cafe\u0301 \u2764\ufe0f\u200d\U0001f525 ", description="one\r\ntwo\rthree\t\n")

    stored = app.videos.get(video.id)
    assert stored.title == "Caf\u00e9 \u2764\ufe0f\u200d\U0001f525"
    assert stored.description == "one\ntwo\nthree"


@pytest.mark.parametrize("title", ["x", "x" * 200, "\U0001f525" * 200])
def test_a_title_has_1_to_200_characters(ann: Any, shelf: Any, title: str) -> None:
    assert publish(ann, shelf.draft().id, title=title).json["title"] == title


def test_the_longest_description_fits_however_it_is_escaped(ann: Any, shelf: Any) -> None:
    longest = "\U0001f525" * 5000

    answer = publish(ann, shelf.draft().id, description=longest)

    assert answer.json["description"] == longest


# --- watching ---------------------------------------------------------------------------------------------------------


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
        "error": None,
        "createdAt": "2026-11-21T12:00:00.000Z",
        "duration": 12.346,
        "width": 1280,
        "height": 720,
        "repairs": None,
        "playable": True,
        "playback": {
            "hls": f"https://sluice.example.org/media/{video.id}/1/master.m3u8",
            "thumbnail": f"https://sluice.example.org/media/{video.id}/1/thumbnail.jpg",
        },
        "progress": {"stage": "done", "percent": 100.0, "secondsLeft": None},
    }


def test_its_owner_sees_more(ann: Any, shelf: Any) -> None:
    shown = ann("GET", f"/api/videos/{shelf.done().id}").json

    assert (shown["filename"], shown["repairs"]) == ("walk.mp4", ["rotation"])


def test_why_it_failed_is_told_to_its_owner_alone(ann: Any, bob: Any, shelf: Any) -> None:
    failure = Failure("no_video", "The file holds no video.")
    video = shelf.published(status=Status.FAILED, failure=failure)

    assert ann("GET", f"/api/videos/{video.id}").json["error"] == {
        "code": "no_video",
        "detail": "The file holds no video.",
    }
    assert bob("GET", f"/api/videos/{video.id}").json["error"] is None
    assert bob("GET", f"/api/videos/{video.id}/status").json["error"] is None


def test_an_owner_without_a_name_is_shown_under_a_stable_one(anybody: Any, shelf: Any) -> None:
    first, second = shelf.done(owner_name=""), shelf.done(owner_name="")

    names = {anybody("GET", f"/api/videos/{video.id}").json["owner"] for video in (first, second)}

    assert names == {"user-49915e"}


def test_a_draft_is_shown_to_its_owner_under_its_file_name(ann: Any, shelf: Any) -> None:
    shown = ann("GET", f"/api/videos/{shelf.draft().id}").json

    assert (shown["draft"], shown["title"]) == (True, "walk.mp4")


def test_a_draft_without_a_file_name_is_untitled(ann: Any, shelf: Any) -> None:
    assert ann("GET", f"/api/videos/{shelf.draft(filename=None).id}").json["title"] == "Untitled"


def test_a_private_video_has_signed_addresses_for_its_owner(ann: Any, shelf: Any) -> None:
    video = shelf.private()

    shown = ann("GET", f"/api/videos/{video.id}").json

    assert shown["playback"]["hls"] == f"https://sluice.example.org/media/~signed/{video.id}/1/master.m3u8"


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


# --- its progress -----------------------------------------------------------------------------------------------------


def stage(caller: Any, video: Any) -> tuple[Any, ...]:
    progress = VideoStatus.model_validate(caller("GET", f"/api/videos/{video.id}/status").json).progress
    return progress.stage, progress.percent, progress.seconds_left


def test_a_video_without_a_file_is_uploading(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.ticket()) == ("uploading", 0.0, None)


def test_a_video_with_a_file_is_queued(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.draft()) == ("queued", 0.0, None)


def test_a_video_that_no_encoder_took_is_queued(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.published(status=Status.PROCESSING, attempt=1)) == ("queued", 0.0, None)


def test_a_video_that_is_being_encoded_tells_how_far_it_is(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.PROCESSING, attempt=1, job="job-1")
    app.videos.note(video.id, 1, Progress(41.26, 17.04), playable=False)

    assert stage(ann, video) == ("encoding", 41.3, 17.0)


def test_a_finished_video_is_at_100(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.done()) == ("done", 100.0, None)


def test_a_failed_video_says_so(ann: Any, shelf: Any) -> None:
    assert stage(ann, shelf.draft(status=Status.FAILED, failure=Failure("x", "y"))) == ("failed", 0.0, None)


def test_a_video_may_be_watched_before_it_is_done(anybody: Any, shelf: Any, app: App) -> None:
    video = shelf.published(status=Status.PROCESSING, attempt=2, job="job-1")
    app.videos.note(video.id, 2, Progress(10.0), playable=True)

    shown = anybody("GET", f"/api/videos/{video.id}").json

    assert shown["playable"] is True
    assert shown["playback"] == {
        "hls": f"https://sluice.example.org/media/{video.id}/2/master.m3u8",
        "thumbnail": None,
    }


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "/status"])
def test_an_unchanged_video_is_not_sent_again(ann: Any, shelf: Any, suffix: str) -> None:
    path = f"/api/videos/{shelf.done().id}{suffix}"
    first = ann("GET", path)

    again = ann("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")


def test_a_changed_video_is_sent_again(ann: Any, shelf: Any) -> None:
    path = f"/api/videos/{shelf.done().id}"
    first = ann("GET", path)
    ann("PATCH", path, json={"title": "Another"})

    again = ann("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.json["title"]) == (200, "Another")


def test_owner_and_viewer_have_different_etags(ann: Any, bob: Any, shelf: Any) -> None:
    path = f"/api/videos/{shelf.done().id}"

    assert ann("GET", path).headers["ETag"] != bob("GET", path).headers["ETag"]


def test_answers_are_for_their_caller_alone(ann: Any, shelf: Any) -> None:
    answer = ann("GET", f"/api/videos/{shelf.done().id}")

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]


# --- changing ---------------------------------------------------------------------------------------------------------


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


# --- the public list --------------------------------------------------------------------------------------------------


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


def test_a_lost_race_is_a_conflict(ann: Any, shelf: Any, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    video = shelf.done()
    stale = replace(video, version=0)
    monkeypatch.setattr(app.videos, "get", lambda video_id: stale)

    answer = ann("PATCH", f"/api/videos/{video.id}", json={"title": "Too late"})

    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
