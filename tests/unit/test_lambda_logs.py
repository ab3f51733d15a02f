"""Log lines on Lambda: JSON with what one searches for, and without secrets."""

import json
import logging
import sys
from io import StringIO
from types import SimpleNamespace

import pytest

from sluice.entry import lambda_logs
from sluice.entry.lambda_logs import JsonLines, without_secrets
from tests.making import an_id

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"


@pytest.fixture
def root():
    """The root logger, which is put back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], level = before
    root.setLevel(level)
    lambda_logs.begin(None)


@pytest.fixture
def lines(root, monkeypatch):
    """What was logged since `install`."""
    out = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        lambda_logs.install("INFO")
    return lambda: [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_record_is_one_line_of_json_under_lambdas_own_names(lines):
    lambda_logs.begin(SimpleNamespace(aws_request_id="r-1"))
    logging.getLogger("sluice.flow").info("two\nlines and %s", "words")

    (line,) = lines()
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "sluice.flow", "message": "two\nlines and words", "requestId": "r-1"}


def test_a_line_of_no_event_has_no_request_id(lines):
    logging.getLogger("sluice").info("words")

    assert "requestId" not in lines()[0]


@pytest.mark.parametrize("message", [f"video={an_id(7)} pending->processing", f"path=/api/videos/{an_id(7)}/status"])
def test_the_video_can_be_searched_for(lines, message):
    logging.getLogger("sluice").info(message)

    assert lines()[0]["video"] == an_id(7)


def test_numbers_lie_beside_the_message(lines):
    logging.getLogger("sluice").info("swept", extra={"told": {"due": 3, "overdue": 1}})

    (line,) = lines()
    assert (line["due"], line["overdue"]) == (3, 1)


def test_an_error_is_told_in_the_same_line(lines):
    try:
        raise ValueError(f"Bearer {TOKEN}")
    except ValueError:
        logging.getLogger("sluice").exception("failed")

    (line,) = lines()
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: Bearer ...")


def test_other_libraries_are_heard_only_when_something_is_wrong(lines):
    logging.getLogger("botocore.credentials").info("Found credentials")
    logging.getLogger("botocore.endpoint").warning("slow")

    assert [line["message"] for line in lines()] == ["slow"]


def test_a_runtime_that_writes_lines_too_does_not_write_them_again(root, capsys):
    root.addHandler(logging.StreamHandler())
    lambda_logs.install("INFO")
    logging.getLogger("sluice").info("once")

    told = capsys.readouterr()
    assert (len(told.out.splitlines()), told.err) == (1, "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer ..."),
        (f"token {TOKEN} expired", "token ... expired"),
        ("https://s3/raw?X-Amz-Signature=abc123&a=b", "https://s3/raw?X-Amz-Signature=...&a=b"),
        ("'x-amz-security-token=FwoG/+Z=='", "'x-amz-security-token=...'"),
        (f"/media/~1790000000-{'a1' * 32}/{an_id(1)}/1/master.m3u8", f"/media/~.../{an_id(1)}/1/master.m3u8"),
        (f"video={an_id(1)} done", f"video={an_id(1)} done"),
    ],
)
def test_secrets_are_left_out(text, kept):
    assert without_secrets(text) == kept


def test_what_json_does_not_know_is_told_as_text():
    record = logging.makeLogRecord({"msg": "odd", "told": {"one": an_id}})

    assert "function an_id" in json.loads(JsonLines().format(record))["one"]
