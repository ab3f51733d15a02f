"""Every error is a problem, and tells no more than it should."""

import logging
from io import BytesIO
from typing import Any

import pytest

from sluice.api.schemas import Problem
from sluice.api.wire import read
from sluice.errors import Unavailable
from sluice.ports import App

MIME = "application/problem+json"
JSON = "application/json"


def problem_of(answer: Any) -> Problem:
    assert answer.mimetype == MIME
    problem = read(Problem, answer.json)
    assert problem.status == answer.status_code
    return problem


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/videos/", "/api//videos", "/nothing"])
def test_an_unknown_address_is_not_found(anybody: Any, path: str) -> None:
    assert problem_of(anybody("GET", path)).code == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/videos", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("GET", "/api/uploads", {"OPTIONS", "POST"}),
        ("POST", "/api/videos/01JGFJJZ00PZ8K5N3V6X9YQ2RT", {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}),
        ("BREW", "/api/health", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(anybody: Any, method: str, path: str, allowed: set[str]) -> None:
    answer = anybody(method, path)

    assert problem_of(answer).code == "method_not_allowed"
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "{'title': 1}",
        '{"title": NaN}',
        '{"title": "a", "title": "b"}',
        '{"size": ' + "9" * 5000 + "}",
        "[" * 30000,
        b"\xff\xfe",
        b'\xef\xbb\xbf{"size": 1}',
        b'{"title": "\xe9"}',
        '{"size": 1} {"size": 2}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_json_is_malformed(ann: Any, body: str | bytes) -> None:
    answer = ann("POST", "/api/uploads", data=body, content_type=JSON)

    assert (answer.status_code, problem_of(answer).code) == (400, "malformed_json")


@pytest.mark.parametrize("body", ["[]", "null", "5", '"{}"', "true"])
def test_a_body_that_is_no_object_is_invalid(ann: Any, body: str) -> None:
    answer = ann("POST", "/api/uploads", data=body, content_type=JSON)

    assert (answer.status_code, answer.json["errors"]) == (422, [{"field": "body", "message": "Send a JSON object."}])


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
def test_a_body_must_say_that_it_is_json(ann: Any, content_type: str | None) -> None:
    answer = ann("POST", "/api/uploads", data="{}", content_type=content_type)

    assert (answer.status_code, problem_of(answer).code) == (415, "not_json")


def test_a_body_may_name_its_charset(ann: Any) -> None:
    assert ann("POST", "/api/uploads", data="{}", content_type="application/json; charset=UTF-8").status_code == 201


def test_a_large_body_is_not_read(ann: Any) -> None:
    answer = ann("POST", "/api/uploads", data=b" " * (64 * 1024 + 1), content_type=JSON)

    assert (answer.status_code, problem_of(answer).code) == (413, "body_too_large")


def test_a_large_body_in_chunks_is_not_cut_short(ann: Any) -> None:
    stream, chunked = BytesIO(b"{}" + b" " * 64 * 1024), {"wsgi.input_terminated": True}

    answer = ann("POST", "/api/uploads", input_stream=stream, content_type=JSON, environ_overrides=chunked)

    assert (answer.status_code, problem_of(answer).code) == (413, "body_too_large")


def test_a_small_body_in_chunks_is_read_whole(ann: Any) -> None:
    stream, chunked = BytesIO(b"{}" + b" " * (64 * 1024 - 2)), {"wsgi.input_terminated": True}

    answer = ann("POST", "/api/uploads", input_stream=stream, content_type=JSON, environ_overrides=chunked)

    assert answer.status_code == 201


def test_what_is_away_may_come_back(ann: Any, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise Unavailable("/var/lib/secret/sluice.db is locked")

    monkeypatch.setattr(app.videos, "owned", away)

    answer = ann("GET", "/api/me/videos")

    assert (answer.status_code, problem_of(answer).code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.get_data(as_text=True)


def test_a_bug_shows_an_id_and_nothing_else(
    ann: Any, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def bug(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(app.videos, "owned", bug)

    answer = ann("GET", "/api/me/videos")

    assert (answer.status_code, problem_of(answer).code) == (500, "internal_error")
    assert "hunter2" not in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in answer.json["detail"]
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [answer.headers["X-Request-Id"] in record.getMessage() for record in logged] == [True]
    assert logged[0].exc_info is not None


def test_problems_are_not_stored_by_caches(anybody: Any) -> None:
    assert anybody("GET", "/api/nothing").headers["Cache-Control"] == "no-store"
