"""What operators see of the service by HTTP, and may do; nobody else."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from sluice.adapters.local.doorbell import Doorbell
from sluice.api import create_app
from sluice.messages import SourceArrived
from sluice.ports import App
from sluice.tokens import TokenCheck
from sluice.video import Failure, Progress, Status
from sluice.vitals.operations import LocalOperations
from sluice.wiring.local import LocalHome

from .conftest import CLIENT_ID, FACTS, ISSUER, JWKS, Caller, Clock, Shelf

OPERATORS = {"cognito:groups": ["cooks", "operators"]}
TORN = Failure("damaged", "It is damaged.")
SOMEWHERE = [("GET", "/api/ops"), ("POST", "/api/ops/dead-letters/1/replay"), ("DELETE", "/api/ops/dead-letters/1")]


@pytest.fixture
def web(app: App, home: LocalHome, clock: Clock) -> Flask:
    check = TokenCheck(ISSUER, CLIENT_ID, lambda: JWKS, clock.now)
    return create_app(app, token_check=check, operations=LocalOperations(home))


@pytest.fixture
def olga(sign_in: Callable[..., Caller]) -> Caller:
    return sign_in("olga", **OPERATORS)


@pytest.fixture
def look(olga: Caller) -> Callable[[], Any]:
    """What Olga sees."""

    def look() -> Any:
        answer = olga("GET", "/api/ops")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")
        return answer.json

    return look


@pytest.fixture
def dead(home: LocalHome, clock: Clock) -> int:
    """The number of a letter that died of five tries."""
    home.queue.send(SourceArrived("01JD0000000000000000000001"))
    _give_up(home, clock, "sources")
    home.queue.send(SourceArrived("01JD0000000000000000000002"))
    return 1


def _give_up(home: LocalHome, clock: Clock, lane: str) -> None:
    for _ in range(5):
        lease = home.queue.lease(lane, 30)
        assert lease is not None
        home.queue.retry(lease, "Unavailable: the disk is gone")
        clock.forward(seconds=600)


@pytest.fixture
def worker(home: LocalHome) -> Iterator[None]:
    with Doorbell(home.bells, "encoder", "encoder-0"), Doorbell(home.bells, "tasks", "tasks-0"):
        yield


# --- who may


@pytest.mark.parametrize(("method", "path"), SOMEWHERE)
def test_nobody_in_particular_must_sign_in(anybody: Caller, method: str, path: str) -> None:
    answer = anybody(method, path)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), SOMEWHERE)
@pytest.mark.parametrize(
    "groups", [None, [], ["cooks"], "operators", {"operators": True}, ["Operators"], [["operators"]]]
)
def test_who_is_no_operator_is_refused(
    sign_in: Callable[..., Caller], dead: int, home: LocalHome, method: str, path: str, groups: object
) -> None:
    answer = sign_in("ann", **{"cognito:groups": groups})(method, path)
    assert (answer.status_code, answer.json["code"]) == (403, "not_operator")
    assert [letter.number for letter in LocalOperations(home).overview().dead] == [dead]


@pytest.mark.parametrize(("method", "path"), SOMEWHERE)
def test_where_another_service_shows_this_that_is_said(
    app: App, clock: Clock, olga: Caller, method: str, path: str
) -> None:
    check = TokenCheck(ISSUER, CLIENT_ID, lambda: JWKS, clock.now)
    elsewhere = Caller(create_app(app, token_check=check).test_client(), olga.token)
    answer = elsewhere(method, path)
    assert (answer.status_code, answer.json["code"]) == (501, "not_here")
    assert "CloudWatch" in answer.json["detail"]


# --- what they see


def test_an_empty_service_has_every_lane_and_nothing_in_it(look: Callable[[], Any]) -> None:
    seen = look()
    assert [lane["name"] for lane in seen["lanes"]] == ["sources", "encodes", "tasks", "encoder"]
    assert seen["lanes"][0] == {
        "name": "sources",
        "waiting": 0,
        "later": 0,
        "leased": 0,
        "dead": 0,
        "oldestSeconds": None,
    }
    assert (seen["workers"], seen["encodes"], seen["failures"], seen["deadLetters"]) == ([], [], [], [])
    assert 0 < seen["freeBytes"] <= seen["sizeBytes"]


def test_a_lane_tells_how_long_it_has_been_waiting(look: Callable[[], Any], home: LocalHome, clock: Clock) -> None:
    home.queue.send(SourceArrived("01JD0000000000000000000001"))
    clock.forward(seconds=90)
    assert (look()["lanes"][0]["waiting"], look()["lanes"][0]["oldestSeconds"]) == (1, 90.0)


@pytest.mark.usefixtures("worker")
def test_workers_are_told_by_process(look: Callable[[], Any]) -> None:
    assert look()["workers"] == [{"pid": os.getpid(), "lanes": ["encoder", "tasks"], "busy": 0}]


@pytest.mark.usefixtures("worker")
def test_a_running_encode_tells_how_far_it_is(look: Callable[[], Any], home: LocalHome, shelf: Shelf) -> None:
    video = shelf.private(status=Status.PROCESSING, playable=False, job="j", facts=FACTS)
    home.queue.put("encoder", f'{{"video_id":"{video.id}","attempt":1}}', key=f"{video.id}/1")
    home.queue.lease("encoder", 30)
    home.app.videos.note(video.id, 1, Progress(41.26, 12.0), playable=True)
    (encode,) = look()["encodes"]
    assert (encode["id"], encode["title"], encode["owner"]) == (video.id, "A walk", "Ann Example")
    assert (encode["percent"], encode["secondsLeft"], encode["playable"]) == (41.3, 12.0, True)
    assert (encode["pid"], look()["workers"][0]["busy"]) == (os.getpid(), 1)


def test_an_encode_whose_video_is_gone_is_not_shown(look: Callable[[], Any], home: LocalHome) -> None:
    home.queue.put("encoder", '{"video_id":"01JD0000000000000000000001","attempt":1}', key="x")
    home.queue.lease("encoder", 30)
    assert look()["encodes"] == []


def test_failures_tell_their_reason_the_newest_first(look: Callable[[], Any], shelf: Shelf) -> None:
    old = shelf.published(status=Status.FAILED, failure=TORN)
    shelf.published(status=Status.FAILED, failure=TORN, gone=True)
    new = shelf.draft(status=Status.FAILED, failure=TORN)
    failures = look()["failures"]
    assert [one["id"] for one in failures] == [new.id, old.id]
    assert (failures[0]["title"], failures[0]["error"]) == ("walk.mp4", {"code": "damaged", "detail": TORN.detail})
    assert look()["videos"] == {"failed": 2, "gone": 1}


def test_a_dead_letter_tells_its_reason(look: Callable[[], Any], dead: int) -> None:
    (letter,) = look()["deadLetters"]
    assert letter == {
        "number": dead,
        "lane": "sources",
        "kind": "SourceArrived",
        "videoId": "01JD0000000000000000000001",
        "tries": 5,
        "ageSeconds": 3000.0,
        "error": "Unavailable: the disk is gone",
        "replayable": True,
    }


# --- what they may do


def test_a_dead_letter_is_delivered_again(olga: Caller, look: Callable[[], Any], dead: int) -> None:
    assert olga("POST", f"/api/ops/dead-letters/{dead}/replay").status_code == 204
    assert (look()["deadLetters"], look()["lanes"][0]["waiting"]) == ([], 2)


def test_a_dead_letter_is_dropped(olga: Caller, look: Callable[[], Any], dead: int) -> None:
    assert olga("DELETE", f"/api/ops/dead-letters/{dead}").status_code == 204
    assert (look()["deadLetters"], look()["lanes"][0]["waiting"]) == ([], 1)


def test_an_order_that_comes_again_by_itself_is_only_dropped(
    olga: Caller, look: Callable[[], Any], home: LocalHome, clock: Clock
) -> None:
    home.queue.put("encoder", '{"video_id":"01JD0000000000000000000001","attempt":1}', key="x")
    _give_up(home, clock, "encoder")
    answer = olga("POST", "/api/ops/dead-letters/1/replay")
    assert (answer.status_code, answer.json["code"]) == (409, "comes_again")
    assert look()["deadLetters"][0]["replayable"] is False


@pytest.mark.parametrize("number", ["2", "0", "999999999999999999999999"])
@pytest.mark.parametrize(("method", "tail"), [("POST", "/replay"), ("DELETE", "")])
def test_what_is_no_dead_letter_is_not_found(olga: Caller, dead: int, method: str, number: str, tail: str) -> None:
    answer = olga(method, f"/api/ops/dead-letters/{number}{tail}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
