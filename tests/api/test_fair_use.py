"""Too much of it, as a caller sees that."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.api.schemas import Problem
from sluice.api.wire import read
from sluice.ports import App
from sluice.settings import FairUse, Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, fair_use=FairUse(uploads_at_once=2, stored_bytes=1000, user_calls_per_minute=4))


def code_of(answer: Any) -> str:
    assert answer.mimetype == "application/problem+json"
    return read(Problem, answer.json).code


def test_one_upload_too_many_is_told_to_wait(ann: Any, app: App) -> None:
    tickets = [ann("POST", "/api/uploads", json={}).status_code for _ in range(2)]

    answer = ann("POST", "/api/uploads", json={})

    assert (tickets, answer.status_code, code_of(answer)) == ([201, 201], 429, "uploads_limit")
    assert int(answer.headers["Retry-After"]) == 3600
    assert len(app.videos.owned("ann", before=None, limit=10)) == 2


def test_one_call_too_many_is_told_to_wait(ann: Any, bob: Any, shelf: Any) -> None:
    video = shelf.published()
    published = [ann("POST", "/api/videos", json={"id": video.id, "title": "A walk"}).status_code for _ in range(4)]

    answer = ann("POST", f"/api/videos/{video.id}/retry")

    assert (published, answer.status_code, code_of(answer)) == ([200] * 4, 429, "calls_limit")
    assert answer.headers["Retry-After"] == "60"
    assert bob("POST", "/api/uploads", json={}).status_code == 201


def test_so_is_one_name_too_many(ann: Any) -> None:
    answers = [ann("POST", "/api/me/name").status_code for _ in range(5)]

    assert answers == [202] * 4 + [429]


def test_a_repetition_under_its_key_costs_nothing(ann: Any) -> None:
    key = {"Idempotency-Key": "once"}

    answers = [ann("POST", "/api/uploads", json={}, headers=key).status_code for _ in range(9)]

    assert answers == [201] * 9


def test_what_can_not_be_kept_is_forbidden(ann: Any) -> None:
    answer = ann("POST", "/api/uploads", json={"size": 1001})

    assert (answer.status_code, code_of(answer)) == (403, "stored_bytes_limit")
    assert "Retry-After" not in answer.headers
    assert "Delete videos" in answer.json["detail"]
