"""Messages, and AWS's events as messages."""

import json
import re
from pathlib import Path

import pytest

from sluice.entry import aws_events
from sluice.errors import Refused
from sluice.messages import (
    EncodeFailed,
    EncodeLost,
    EncodeProgressed,
    EncodeSucceeded,
    OwnerDeleted,
    OwnerRenamed,
    SourceArrived,
    VideoDeleted,
    dumps,
    lane_of,
)
from tests.making import an_id

ID = an_id(1)
EVERY = [
    SourceArrived(ID),
    EncodeProgressed(ID, 1, 40.5, None, True),
    EncodeSucceeded(ID, 1, 8.5),
    EncodeFailed(ID, 1, "damaged", "It is damaged."),
    EncodeLost(ID, 1, True),
    VideoDeleted(ID),
    OwnerDeleted("ann"),
    OwnerRenamed("ann", "Änn"),
]

# JSON's reader takes them for numbers.
ODD = [float("nan"), float("inf"), 10**400]


def s3_event(key=ID, name="ObjectCreated:Post"):
    return {"Records": [{"eventName": name, "s3": {"bucket": {"name": "raw"}, "object": {"key": key, "size": 1}}}]}


def mediaconvert(status, attempt="1", **detail):
    metadata = {"id": ID, "attempt": attempt}
    return {"source": "aws.mediaconvert", "detail": {"status": status, "userMetadata": metadata, **detail}}


def lasting(milliseconds):
    return {"outputGroupDetails": [{"outputDetails": [{"durationInMs": milliseconds}]}]}


def parse(event):
    return aws_events.parse(json.dumps(event))


@pytest.mark.parametrize("message", EVERY, ids=lambda message: type(message).__name__)
def test_a_message_reads_back_as_it_was_written(message):
    assert aws_events.parse(dumps(message)) == [message]


def test_every_message_has_its_lane():
    assert [lane_of(message) for message in EVERY] == ["sources"] + 4 * ["encodes"] + 3 * ["tasks"]


def test_a_created_object_is_a_source_that_arrived():
    assert parse(s3_event()) == [SourceArrived(ID)]


def test_a_notification_with_several_records_is_several_messages():
    records = s3_event()["Records"] + s3_event(an_id(2))["Records"]
    assert parse({"Records": records}) == [SourceArrived(ID), SourceArrived(an_id(2))]


@pytest.mark.parametrize("key", ["logs/2026", "..%2Fetc", "a+b", ID.lower()])
def test_keys_that_are_no_videos_are_nothing_to_us(key):
    assert parse(s3_event(key)) == []


def test_a_removed_object_is_nothing_to_us():
    assert parse(s3_event(name="ObjectRemoved:Delete")) == []


def test_s3s_test_event_is_nothing_to_us():
    assert parse({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw"}) == []


def test_a_complete_job_is_an_encode_that_succeeded():
    assert parse(mediaconvert("COMPLETE", "2")) == [EncodeSucceeded(ID, 2)]


def test_a_job_in_error_is_an_encode_that_failed_with_a_reason_in_our_words():
    (message,) = parse(mediaconvert("ERROR", errorMessage="Bad input in s3://raw"))
    assert isinstance(message, EncodeFailed)
    assert message.code == "encode_failed"
    assert "s3://" not in message.detail


def test_a_cancelled_job_is_an_encode_that_failed():
    (message,) = parse(mediaconvert("CANCELED"))
    assert (message.code, message.attempt) == ("encode_canceled", 1)


def test_a_status_update_is_progress():
    (message,) = parse(mediaconvert("STATUS_UPDATE", jobProgress={"jobPercentComplete": 42}))
    assert message == EncodeProgressed(ID, 1, 42.0)


def test_somebody_elses_job_is_nothing_to_us():
    assert parse({"source": "aws.mediaconvert", "detail": {"status": "COMPLETE", "userMetadata": {}}}) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"type": "Nonsense"}',
        '{"type": "SourceArrived"}',
        '{"type": "SourceArrived", "video_id": 5}',
        '{"type": "EncodeSucceeded", "video_id": "x", "attempt": true}',
        '{"Records": 5}',
        '{"Records": [{}]}',
        '{"source": "aws.mediaconvert"}',
        json.dumps(mediaconvert("COMPLETE", "one")),
        *(json.dumps(mediaconvert("STATUS_UPDATE", jobProgress={"jobPercentComplete": one})) for one in ODD),
        *(json.dumps(mediaconvert("COMPLETE", **lasting(one))) for one in ODD),
        *(json.dumps({"type": "EncodeProgressed", "video_id": "x", "attempt": 1, "percent": one}) for one in ODD),
    ],
)
def test_poison_is_refused(body):
    with pytest.raises(Refused) as refusal:
        aws_events.parse(body)
    assert refusal.value.code == "unknown_message"


def test_what_the_docs_tell_operators_to_send_are_messages():
    docs = (Path(__file__).parents[2] / "docs" / "DEPLOY.md").read_text()
    bodies = re.findall(r'\{"type": .*?\}', docs)
    assert [aws_events.parse(body) for body in bodies] == [[OwnerDeleted("SUB")], [OwnerRenamed("SUB", "Another Name")]]
