"""A day's minutes, as a caller sees them."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.api.schemas import Problem
from sluice.api.wire import read
from sluice.ports import App
from sluice.settings import Settings
from sluice.video import Failure, Status


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, daily_minutes=10)


def use_up(app: App, clock: Any, owner: str) -> None:
    assert app.ledger.book(owner, clock.time.date(), "01JD0000000000000000000001", 1, 600, limit_s=600)


def test_who_used_up_the_day_gets_no_ticket_and_is_told_until_when(ann: Any, app: App, clock: Any) -> None:
    use_up(app, clock, "ann")

    answer = ann("POST", "/api/uploads", json={})

    problem = read(Problem, answer.json)
    assert (answer.status_code, answer.mimetype, problem.code) == (429, "application/problem+json", "daily_limit")
    assert problem.detail.endswith("0 are left. Upload more from 2026-11-22 00:00 UTC on.")
    assert answer.headers["Retry-After"] == str(12 * 3600)
    assert app.videos.owned("ann", before=None, limit=10) == []


def test_who_used_up_the_day_is_told_in_how_many_seconds_the_next_one_begins(ann: Any, app: App, clock: Any) -> None:
    use_up(app, clock, "ann")

    assert ann("POST", "/api/uploads", json={}).headers["Retry-After"] == str(12 * 3600)


def test_who_waits_as_long_as_told_gets_a_ticket(ann: Any, app: App, clock: Any) -> None:
    clock.forward(seconds=0.5)
    use_up(app, clock, "ann")
    wait_s = int(ann("POST", "/api/uploads", json={}).headers["Retry-After"])

    clock.forward(seconds=wait_s)

    assert ann("POST", "/api/uploads", json={}).status_code == 201


def test_a_refusal_that_stays_says_nothing_of_later(ann: Any) -> None:
    answer = ann("POST", "/api/uploads", json={"size": 1 << 40})

    assert (answer.status_code, answer.headers.get("Retry-After")) == (413, None)


def test_another_gets_a_ticket(bob: Any, app: App, clock: Any) -> None:
    use_up(app, clock, "ann")

    assert bob("POST", "/api/uploads", json={}).status_code == 201


def test_a_refusal_is_not_kept_for_the_next_day(ann: Any, app: App, clock: Any) -> None:
    use_up(app, clock, "ann")
    key = {"Idempotency-Key": "first"}
    ann("POST", "/api/uploads", json={}, headers=key)

    clock.forward(days=1)

    assert ann("POST", "/api/uploads", json={}, headers=key).status_code == 201


@pytest.mark.parametrize("code", ["daily_limit", "stored_minutes_limit"])
@pytest.mark.parametrize("address", ["/api/videos/{}", "/api/videos/{}/status"])
def test_the_owner_alone_reads_which_limit_kept_a_video_from_being_encoded(
    ann: Any, bob: Any, anybody: Any, shelf: Any, code: str, address: str
) -> None:
    failure = Failure(code, "The video is 4 minutes long, and 2 are left.")
    video = shelf.published(status=Status.FAILED, failure=failure)

    assert ann("GET", address.format(video.id)).json["error"] == {"code": code, "detail": failure.detail}
    for other in (bob, anybody):
        told = other("GET", address.format(video.id)).json["error"]
        assert (told["code"], "minutes" in told["detail"]) == ("owner_limit", False)
