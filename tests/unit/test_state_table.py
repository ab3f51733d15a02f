"""DESIGN's state table, cell by cell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sluice.errors import Refused
from sluice.video import (
    DRAFT_KEPT,
    ENCODE_AT_MOST,
    MAX_LOSSES,
    MAX_NUDGES,
    SWEEP_AFTER,
    Failure,
    Status,
    Visibility,
)
from tests.making import BAD, FACTS, NOW, a_video, done, failed, in_state, processing

LATER = NOW + timedelta(minutes=5)
ENDS = [Status.DONE, Status.FAILED]
EVERY = list(Status)


# source arrived


def test_a_pending_video_whose_source_arrived_is_processing_at_the_next_attempt():
    started = a_video().start(FACTS, LATER)
    assert (started.status, started.attempt, started.facts) == (Status.PROCESSING, 1, FACTS)


def test_a_started_video_awaits_its_job_until_it_is_submitted():
    started = a_video().start(FACTS, NOW)
    assert started.awaits_job
    assert not started.submitted("job-1").awaits_job


def test_a_second_submission_does_not_replace_the_job():
    assert processing().submitted("job-2").job == "job-1"


@pytest.mark.parametrize("status", [Status.PROCESSING, *ENDS])
def test_a_source_that_arrives_again_is_ignored(status):
    video = in_state(status)
    assert video.start(FACTS, LATER) == video


# source unplayable


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING])
def test_an_unplayable_source_fails_the_video_with_its_reason(status):
    video = in_state(status).fail(BAD, LATER)
    assert (video.status, video.failure, video.job) == (Status.FAILED, BAD, None)


@pytest.mark.parametrize("status", ENDS)
def test_an_ended_video_does_not_fail_any_more(status):
    video = in_state(status)
    assert video.fail(Failure("other", "Other."), LATER) == video


# ticket expired


def test_a_video_whose_ticket_ran_out_with_nothing_uploaded_is_hidden():
    assert a_video().hidden(NOW + timedelta(hours=1, seconds=1))


def test_a_video_whose_upload_arrived_in_time_is_not_hidden_later():
    assert not a_video(arrived=True).hidden(NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    ("max_bytes", "grace"),
    [
        (100_000_000, timedelta(hours=1)),
        (450_000_000, timedelta(hours=1)),
        (5_400_000_000, timedelta(hours=12)),
    ],
)
def test_a_row_is_kept_until_an_upload_at_a_megabit_a_second_must_have_ended(max_bytes, grace):
    assert not a_video().forgettable(NOW + timedelta(hours=1) + grace, max_bytes)
    assert a_video().forgettable(NOW + timedelta(hours=1, seconds=1) + grace, max_bytes)


# encode ok


def test_a_successful_encode_ends_in_done():
    video = processing().finish(1, FACTS, LATER)
    assert (video.status, video.playable, video.job, video.due_at) == (Status.DONE, True, None, None)


@pytest.mark.parametrize("status", [Status.PENDING, *ENDS])
def test_a_successful_encode_is_old_news_in_every_other_state(status):
    video = in_state(status)
    assert video.finish(1, FACTS, LATER) == video


# encode error or cancelled


def test_a_failed_encode_ends_in_failed():
    assert processing().fail(BAD, LATER, 1).status is Status.FAILED


@pytest.mark.parametrize("status", [Status.PENDING, *ENDS])
def test_a_failed_encode_is_old_news_in_every_other_state(status):
    video = in_state(status)
    assert video.fail(Failure("other", "Other."), LATER, 1) == video


# any other attempt


@pytest.mark.parametrize("status", EVERY)
@pytest.mark.parametrize("attempt", [0, 2, 7])
def test_news_of_another_attempt_changes_nothing(status, attempt):
    video = in_state(status)
    assert video.finish(attempt, FACTS, LATER) == video
    assert video.fail(BAD, LATER, attempt) == video
    assert video.lose(attempt, LATER, planned=False) == video


# encode lost


def test_a_lost_encode_begins_another_attempt():
    video = processing(playable=True).lose(1, LATER, planned=False)
    assert (video.status, video.attempt, video.job, video.playable) == (Status.PROCESSING, 2, None, False)


@pytest.mark.parametrize("status", [Status.PENDING, *ENDS])
def test_a_lost_encode_is_old_news_in_every_other_state(status):
    video = in_state(status)
    assert video.lose(1, LATER, planned=False) == video


def test_an_encode_that_is_lost_too_often_fails():
    video = processing(losses=MAX_LOSSES - 1).lose(1, LATER, planned=False)
    assert (video.status, video.failure.code) == (Status.FAILED, "encode_lost")


def test_a_planned_stop_is_never_held_against_a_video():
    video = processing(losses=MAX_LOSSES - 1).lose(1, LATER, planned=True)
    assert (video.status, video.losses) == (Status.PROCESSING, MAX_LOSSES - 1)


# owner retries


def test_a_retried_video_waits_for_its_next_attempt():
    video = failed().retry(LATER)
    assert (video.status, video.failure, video.arrived) == (Status.PENDING, None, True)
    assert video.start(FACTS, LATER).attempt == 2


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING, Status.DONE])
def test_only_a_failed_video_can_be_retried(status):
    with pytest.raises(Refused, match="failed"):
        in_state(status).retry(LATER)


# owner deletes


@pytest.mark.parametrize("status", EVERY)
def test_a_deleted_video_is_gone_from_every_view(status):
    video = in_state(status).delete(LATER)
    assert video.hidden(NOW)
    assert not video.listed
    assert not video.open


@pytest.mark.parametrize("status", EVERY)
def test_nothing_that_happens_to_a_deleted_video_changes_it(status):
    video = in_state(status).delete(LATER)
    assert video.start(FACTS, LATER) == video
    assert video.finish(1, FACTS, LATER) == video
    assert video.fail(BAD, LATER) == video
    assert video.lose(1, LATER, planned=False) == video
    assert video.delete(LATER) == video


# publishing and drafts


def test_the_first_publishing_counts_and_a_repetition_changes_nothing():
    published = done(title=None).publish("First", "", Visibility.UNLISTED)
    again = published.publish("Second", "other", Visibility.PUBLIC)
    assert (again.title, again.visibility) == ("First", Visibility.UNLISTED)


def test_publishing_replaces_the_title_that_came_with_the_ticket():
    assert a_video(title="Holiday.mov").publish("Holiday", "", Visibility.PUBLIC).title == "Holiday"


def test_an_unpublished_video_goes_after_a_week():
    assert processing(title=None).finish(1, FACTS, NOW).due_at == NOW + DRAFT_KEPT


def test_a_draft_that_gets_a_title_stays():
    draft = processing(title=None).finish(1, FACTS, NOW)
    assert draft.publish("Kept", "", Visibility.PUBLIC).due_at is None
    assert draft.edit("Kept", None, None).due_at is None


@pytest.mark.parametrize(
    ("changes", "listed", "is_open"),
    [
        ({}, True, True),
        ({"visibility": Visibility.UNLISTED}, False, True),
        ({"visibility": Visibility.PRIVATE}, False, False),
        ({"title": None}, False, False),
    ],
)
def test_only_published_public_videos_are_listed_and_private_ones_are_closed(changes, listed, is_open):
    video = done(**changes)
    assert (video.listed, video.open) == (listed, is_open)


# the sweep


def test_a_nudged_video_is_looked_at_ever_more_rarely():
    once = a_video().nudge(NOW)
    twice = once.nudge(NOW)
    assert once.due_at == NOW + SWEEP_AFTER
    assert twice.due_at == NOW + 2 * SWEEP_AFTER


def test_a_video_that_nobody_ever_starts_fails_in_the_end():
    video = a_video(nudges=MAX_NUDGES).nudge(NOW)
    assert (video.status, video.failure.code) == (Status.FAILED, "not_processed")


@pytest.mark.parametrize(
    ("running", "pause"),
    [
        (timedelta(0), SWEEP_AFTER),
        (timedelta(minutes=4), SWEEP_AFTER),
        (timedelta(minutes=8), timedelta(minutes=2)),
        (timedelta(hours=6), timedelta(hours=1, minutes=30)),
    ],
)
def test_a_job_is_asked_for_more_rarely_the_longer_its_encode_runs(running, pause):
    now = NOW + running
    assert processing().look_again(now).due_at == now + pause


@pytest.mark.parametrize(("left", "looked_at"), [(180, 5), (10, 5), (5, 4), (3, 2), (1, 0), (0, -1)])
def test_an_encode_is_looked_at_every_minute_before_its_time_is_over(left, looked_at):
    end = NOW + ENCODE_AT_MOST
    assert processing().look_again(end - timedelta(minutes=left)).due_at == end - timedelta(minutes=looked_at)


@pytest.mark.parametrize(
    "video",
    [processing(job=None), processing().lose(1, NOW, planned=False)],
    ids=["no job yet", "lost"],
)
def test_what_has_no_running_job_is_looked_at_every_minute(video):
    now = NOW + timedelta(hours=6)
    assert video.look_again(now).due_at == now + SWEEP_AFTER


@pytest.mark.parametrize("video", [processing().delete(NOW), a_video()], ids=["deleted", "pending"])
@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), SWEEP_AFTER),
        (timedelta(hours=1), SWEEP_AFTER),
        (timedelta(hours=5), timedelta(hours=1)),
    ],
)
def test_what_only_an_upload_could_still_reach_is_looked_at_more_rarely_after_its_ticket(video, age, pause):
    assert video.look_again(NOW + age).due_at == NOW + age + pause


def test_an_encode_is_overdue_after_two_days():
    video = processing()
    assert not video.overdue(NOW + ENCODE_AT_MOST)
    assert video.overdue(NOW + ENCODE_AT_MOST + timedelta(seconds=1))


def test_no_transition_touches_the_version():
    assert replace(processing(), version=7).finish(1, FACTS, LATER).version == 7
