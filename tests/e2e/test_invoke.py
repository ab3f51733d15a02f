"""`sluice invoke`: events as AWS sends them, through the code that Lambda runs, against the local home."""

import json

import pytest

from tests.making import an_id

pytestmark = pytest.mark.e2e


def sqs(*bodies):
    """An event as SQS hands it to Lambda."""
    records = [
        {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
        for number, body in enumerate(bodies)
    ]
    return json.dumps({"Records": records})


def s3(key):
    record = {"eventName": "ObjectCreated:Post", "s3": {"bucket": {"name": "raw"}, "object": {"key": key}}}
    return {"Records": [record]}


def mediaconvert(video_id, status, attempt=1):
    detail = {"status": status, "userMetadata": {"id": video_id, "attempt": str(attempt)}, "errorMessage": "Bad input"}
    return {"source": "aws.mediaconvert", "detail-type": "MediaConvert Job State Change", "detail": detail}


def invoke(running, lane, *bodies):
    """The message ids that are to be delivered again."""
    result = json.loads(running.sluice("invoke", lane, stdin=sqs(*bodies)))
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


@pytest.fixture(scope="module")
def ann(running):
    return running.user()


def test_poison_alone_is_delivered_again(running):
    test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent"}
    assert invoke(running, "sources", test_event, "not json", s3(an_id(1)), s3("strange key"), "{}") == ["1", "4"]


def test_late_false_and_doubled_events_do_not_change_a_finished_video(running, ann, clips):
    video = ann.wait_end(ann.upload(clips / "short.mp4"))
    events = [mediaconvert(video["id"], status, attempt) for status in ("COMPLETE", "ERROR") for attempt in (1, 2)]
    assert invoke(running, "encodes", *events, *events) == []
    assert invoke(running, "sources", s3(video["id"]), s3(video["id"])) == []
    assert ann.video(video["id"]) == video


def test_a_false_success_does_not_finish_a_running_encode(running, ann, clips):
    video_id = ann.upload(clips / "long.mp4")
    ann.wait(video_id, lambda video: video["playable"])
    assert invoke(running, "encodes", mediaconvert(video_id, "COMPLETE")) == []
    assert ann.video(video_id)["status"] == "processing"
    assert ann.wait_end(video_id)["status"] == "done"


def test_an_error_fails_a_running_encode_and_a_retry_finishes_it(running, ann, clips):
    video_id = ann.upload(clips / "long.mp4")
    ann.wait(video_id, lambda video: video["playable"])
    assert invoke(running, "encodes", mediaconvert(video_id, "ERROR")) == []
    failed = ann.video(video_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "encode_failed")
    assert ann.call("POST", f"/videos/{video_id}/retry").status_code == 202
    again = ann.wait_end(video_id)
    assert again["status"] == "done"
    assert again["playback"]["hls"].endswith("/2/master.m3u8")


def test_something_that_is_no_event_is_told(running):
    with pytest.raises(Exception, match="exit status 2"):
        running.sluice("invoke", "sources", stdin="{}")
