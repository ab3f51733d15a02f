"""Creating calls under an Idempotency-Key."""

from typing import Any

import pytest

from sluice.errors import Unavailable
from sluice.ports import App
from sluice.video import Failure, Status

KEY = {"Idempotency-Key": "key-1"}


def ask(caller: Any, headers: dict[str, str] = KEY, **body: Any) -> Any:
    return caller("POST", "/api/uploads", json=body, headers=headers)


def test_the_same_call_gets_the_same_answer_and_makes_nothing_new(ann: Any, app: App) -> None:
    first = ask(ann, title="A walk")
    again = ask(ann, title="A walk")

    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(app.videos.owned("ann", before=None, limit=10)) == 1


def test_spacing_and_order_do_not_make_another_call(ann: Any) -> None:
    first = ask(ann, title="A walk", size=5)
    again = ann(
        "POST", "/api/uploads", data=' {"size":5, "title" : "A walk"}', content_type="application/json", headers=KEY
    )

    assert again.data == first.data


def test_another_call_under_the_same_key_is_refused(ann: Any, app: App) -> None:
    ask(ann, title="A walk")

    answer = ask(ann, title="Another walk")

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert len(app.videos.owned("ann", before=None, limit=10)) == 1


def test_a_key_does_not_reach_from_one_address_to_the_next(ann: Any, shelf: Any) -> None:
    ask(ann, title="A walk")

    answer = ann("POST", "/api/videos", json={"id": shelf.draft().id, "title": "A walk"}, headers=KEY)

    assert answer.json["code"] == "idempotency_key_reused"


def test_everybody_has_keys_of_their_own(ann: Any, bob: Any) -> None:
    assert ask(ann).json["id"] != ask(bob).json["id"]


def test_without_a_key_every_call_counts(ann: Any) -> None:
    assert ask(ann, headers={}).json["id"] != ask(ann, headers={}).json["id"]


def test_a_key_is_forgotten_after_a_day(ann: Any, shelf: Any, clock: Any) -> None:
    body = {"id": shelf.done().id, "title": "A walk"}
    ann("POST", "/api/videos", json=body, headers=KEY)
    clock.forward(hours=25)

    assert "Idempotency-Replayed" not in ann("POST", "/api/videos", json=body, headers=KEY).headers


def test_a_ticket_is_not_given_again_when_it_is_over(ann: Any, clock: Any) -> None:
    first = ask(ann)
    clock.forward(minutes=59)
    assert ask(ann).json["id"] == first.json["id"]
    clock.forward(minutes=2)

    assert ask(ann).json["id"] != first.json["id"]


def test_a_call_that_is_under_way_is_a_conflict(ann: Any, app: App) -> None:
    app.replies.claim("ann", "key-1", now=app.now())

    answer = ask(ann)

    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


def test_a_refusal_is_not_kept(ann: Any, shelf: Any) -> None:
    video = shelf.ticket()
    body = {"id": video.id, "title": "A walk"}
    refused = ann("POST", "/api/videos", json=body, headers=KEY)
    shelf.upload(video)

    again = ann("POST", "/api/videos", json=body, headers=KEY)

    assert (refused.status_code, again.status_code) == (409, 201)


def test_a_failure_of_ours_leaves_the_key_free(ann: Any, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(video: Any) -> Any:
        raise Unavailable("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(app.videos, "add", fail)
        failed = ask(ann)

    assert (failed.status_code, ask(ann).status_code) == (503, 201)


def test_publishing_twice_under_a_key_says_created_twice(ann: Any, shelf: Any) -> None:
    body = {"id": shelf.draft().id, "title": "A walk"}

    answers = [ann("POST", "/api/videos", json=body, headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data


def test_a_retry_can_be_repeated_under_a_key(ann: Any, shelf: Any) -> None:
    video = shelf.published(status=Status.FAILED, failure=Failure("encode_failed", "It broke."))
    shelf.upload(video)

    answers = [ann("POST", f"/api/videos/{video.id}/retry", headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "\u00e9", "tab\there"])
def test_a_key_is_1_to_255_visible_ascii_characters(ann: Any, key: str) -> None:
    answer = ask(ann, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
