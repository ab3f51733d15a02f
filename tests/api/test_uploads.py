"""Asking for leave to upload."""

from typing import Any

import pytest

from sluice.api.schemas import UploadTicket
from sluice.api.wire import read
from sluice.ports import App
from sluice.video import Status


def test_a_ticket_carries_the_form_and_its_limits(ann: Any) -> None:
    answer = ann("POST", "/api/uploads", json={"filename": "walk.mp4", "size": 1000})

    ticket = read(UploadTicket, answer.json)
    assert answer.status_code == 201
    assert ticket.url == "https://sluice.example.org/storage/raw"
    assert (ticket.fields["key"], ticket.fields["x-amz-meta-user-id"]) == (ticket.id, "ann")
    assert {"policy", "x-amz-signature"} <= set(ticket.fields)
    assert ticket.max_bytes == 100_000_000
    assert ticket.expires_at == "2026-11-21T13:00:00.000Z"


def test_the_video_is_stored_before_its_first_byte(ann: Any, app: App) -> None:
    answer = ann("POST", "/api/uploads", json={"filename": "walk.mp4", "title": "A walk"})

    video = app.videos.get(answer.json["id"])
    assert (video.owner, video.status, video.filename, video.title) == ("ann", Status.PENDING, "walk.mp4", "A walk")
    assert video.owner_name == "Ann Example"


def test_the_answer_says_where_the_video_is(ann: Any) -> None:
    answer = ann("POST", "/api/uploads", json={})

    assert answer.headers["Location"] == f"https://sluice.example.org/api/videos/{answer.json['id']}"


def test_nothing_has_to_be_said_about_the_file(ann: Any) -> None:
    assert ann("POST", "/api/uploads", json={"filename": None, "size": None, "title": None}).status_code == 201


def test_a_file_over_the_limit_is_refused_before_it_is_sent(ann: Any, app: App) -> None:
    answer = ann("POST", "/api/uploads", json={"size": 100_000_001})

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert "100000000" in answer.json["detail"]
    assert app.videos.owned("ann", before=None, limit=10) == []


def test_without_a_token_there_is_no_ticket(anybody: Any) -> None:
    answer = anybody("POST", "/api/uploads", json={})

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_who_has_left_gets_no_ticket_for_a_token_that_lives_on(sign_in: Any, app: App) -> None:
    answer = sign_in("lea")("POST", "/api/uploads", json={})

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert app.videos.owned("lea", before=None, limit=10) == []


def test_the_token_is_looked_at_before_the_body(anybody: Any) -> None:
    assert anybody("POST", "/api/uploads", data="{", content_type="text/plain").status_code == 401


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\films\\walk.mp4", "walk.mp4"),
        ("/home/ann/walk.mp4", "walk.mp4"),
        ("../../etc/passwd", "passwd"),
        ("  walk.mp4 ", "walk.mp4"),
        ("cafe\u0301.mp4", "caf\u00e9.mp4"),
    ],
)
def test_a_file_name_is_kept_without_its_path(ann: Any, app: App, given: str, kept: str) -> None:
    answer = ann("POST", "/api/uploads", json={"filename": given})

    assert app.videos.get(answer.json["id"]).filename == kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filename": ""}, "filename"),
        ({"filename": "a" * 256}, "filename"),
        ({"filename": "walk\x00.mp4"}, "filename"),
        ({"filename": 5}, "filename"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": "5"}, "size"),
        ({"size": 5.5}, "size"),
        ({"size": True}, "size"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"colour": "red"}, "colour"),
        ({"max_bytes": 1}, "max_bytes"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named(ann: Any, body: dict[str, Any], field: str) -> None:
    answer = ann("POST", "/api/uploads", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_fields")
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_ticket_remembers_the_request_that_asked_for_it(ann: Any, app: App) -> None:
    answer = ann("POST", "/api/uploads", json={}, headers={"X-Request-Id": "my-script-7"})

    assert answer.headers["X-Request-Id"] == "my-script-7"
    assert app.videos.get(answer.json["id"]).request == "my-script-7"
