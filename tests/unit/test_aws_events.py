"""Events of the shape that AWS sends, with our ids in them, as they lie in our queues."""

import json
from pathlib import Path

import pytest

from sluice.adapters.aws import mediaconvert_ends
from sluice.entry import aws_events
from sluice.errors import Refused
from sluice.messages import EncodeFailed, EncodeLost, EncodeProgressed, EncodeSucceeded, SourceArrived
from tests.making import an_id

FOLDER = Path(__file__).parents[1] / "data" / "events"
ID = an_id(1)


def text(name):
    return (FOLDER / f"{name}.json").read_text()


def parsed(name, **detail):
    event = json.loads(text(name))
    event.get("detail", {}).update(detail)
    return aws_events.parse(json.dumps(event))


@pytest.mark.parametrize("name", ["s3_post", "s3_put", "s3_multipart"])
def test_an_upload_in_any_way_is_a_source_that_arrived(name):
    assert parsed(name) == [SourceArrived(ID)]


def test_an_object_that_is_no_source_is_nothing_to_us():
    assert parsed("s3_other_key") == []


def test_a_key_is_decoded_before_it_is_judged():
    quoted = "%30" + ID[1:]
    assert aws_events.parse(text("s3_put").replace(f'"key": "{ID}"', f'"key": "{quoted}"')) == [SourceArrived(ID)]


def test_the_test_event_is_nothing_to_us():
    assert parsed("s3_test") == []


def test_a_complete_job_is_an_encode_that_succeeded():
    assert parsed("mediaconvert_complete") == [EncodeSucceeded(ID, 1, 8.0)]


def test_a_job_whose_outputs_have_no_length_is_an_encode_that_succeeded():
    assert parsed("mediaconvert_complete", outputGroupDetails=[{"type": "HLS_GROUP"}]) == [EncodeSucceeded(ID, 1)]


def test_a_job_in_error_is_an_encode_that_failed_for_a_reason_its_owner_can_act_on():
    (failed,) = parsed("mediaconvert_error")
    assert (failed.video_id, failed.attempt, failed.code) == (ID, 1, "damaged")
    assert "upload it again" in failed.detail


def test_the_services_own_words_are_for_the_log(caplog):
    (failed,) = parsed("mediaconvert_error")
    assert "s3://" not in failed.detail
    assert f"video={ID} attempt=1 MediaConvert error 1076" in caplog.text
    assert "unexpected end of file" in caplog.text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (1010, "damaged"),
        (1020, "no_video_stream"),
        (1021, "sound_unreadable"),
        (1030, "unsupported"),
        (1075, "damaged"),
        (1092, "sound_unreadable"),
        (1401, "encoder_denied"),
        (1433, "encoder_denied"),
        (1507, "too_long"),
        (1700, "encode_failed"),
        (None, "encode_failed"),
    ],
)
def test_each_error_has_a_code_of_ours(error, code):
    (failed,) = parsed("mediaconvert_error", errorCode=error)
    assert isinstance(failed, EncodeFailed)
    assert failed.code == code


@pytest.mark.parametrize("error", [1550, 1999])
def test_trouble_of_the_services_own_is_worth_another_attempt(error):
    assert parsed("mediaconvert_error", errorCode=error) == [EncodeLost(ID, 1)]


def test_every_reason_tells_what_to_do():
    details = {mediaconvert_ends.end(ID, 1, "ERROR", error).detail for error in (None, 1010, 1020, 1021, 1030, 1401)}
    assert len(details) == 6
    assert all(any(verb in detail for verb in ("upload", "try again", "tell")) for detail in details)


def test_a_cancelled_job_is_an_encode_that_failed():
    (failed,) = parsed("mediaconvert_canceled")
    assert (failed.code, failed.attempt) == ("encode_canceled", 1)


def test_a_job_that_begins_has_made_no_progress_yet():
    assert parsed("mediaconvert_progressing") == [EncodeProgressed(ID, 1, 0.0)]


def test_a_status_update_tells_how_far_the_job_is():
    assert parsed("mediaconvert_status_update") == [EncodeProgressed(ID, 1, 38.0)]


@pytest.mark.parametrize("progress", [None, {}, {"jobPercentComplete": None, "currentPhase": "TRANSCODING"}])
def test_a_status_update_that_can_not_tell_is_nothing_to_us(progress):
    assert parsed("mediaconvert_status_update", jobProgress=progress) == []


def test_what_a_job_found_in_its_input_is_nothing_to_us():
    assert parsed("mediaconvert_input_information") == []


@pytest.mark.parametrize("metadata", [None, {}, {"id": ID}, {"id": "somebody-elses", "attempt": "1"}])
def test_a_job_that_is_not_ours_is_nothing_to_us(metadata):
    assert parsed("mediaconvert_complete", userMetadata=metadata) == []


@pytest.mark.parametrize("attempt", ["one", None, ""])
def test_a_job_of_ours_with_a_broken_attempt_is_poison(attempt):
    with pytest.raises(Refused) as refused:
        parsed("mediaconvert_complete", userMetadata={"id": ID, "attempt": attempt})
    assert refused.value.code == "unknown_message"
