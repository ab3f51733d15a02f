"""An upload becomes a video."""

from typing import Any

import pytest

from sluice.api.schemas import Video
from sluice.api.wire import read
from sluice.ports import App
from sluice.video import Visibility


def publish(caller: Any, video_id: str, **more: Any) -> Any:
    return caller("POST", "/api/videos", json={"id": video_id, "title": "A walk", **more})


def test_an_uploaded_file_becomes_a_video(ann: Any, shelf: Any, app: App) -> None:
    video = shelf.ticket()
    shelf.upload(video)

    answer = publish(ann, video.id, description="In the snow.\r\nCold.", visibility="unlisted")

    shown = read(Video, answer.json)
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
