"""What the sweep does for videos whose messages got lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sluice import library
from sluice.entry import aws_events
from sluice.errors import Unavailable
from sluice.messages import EncodeSucceeded, SourceArrived
from sluice.sweep import Swept, sweep
from sluice.video import MAX_NUDGES, Status
from tests.making import ANN


def test_an_upload_that_nobody_announced_is_announced(story, uploaded, sweep_later):
    sweep_later()
    assert story.deliver("sources") == SourceArrived(uploaded.id)
    assert story.video(uploaded).status is Status.PROCESSING


def test_a_ticket_that_was_never_used_is_forgotten_when_nothing_can_arrive_any_more(story, sweep_later):
    video = story.ticket()
    sweep_later(hours=2)
    assert story.is_known(video)
    sweep_later(minutes=15)
    assert not story.is_known(video)


@pytest.fixture
def large_uploads(story):
    """A home that takes uploads of 5 GB, which may take half a day."""
    story.app = replace(story.app, settings=replace(story.app.settings, max_upload_bytes=5_000_000_000))


@pytest.mark.usefixtures("large_uploads")
def test_an_upload_that_ends_hours_after_its_ticket_is_taken(story, sweep_later):
    video = story.ticket(title="A film")
    for _ in range(12):
        sweep_later(hours=1)
    assert library.owned_page(story.app, ANN, before=None, limit=9).items == []
    story.upload(video)
    story.handle(SourceArrived(video.id))
    assert story.video(video).status is Status.PROCESSING
    assert library.owned_page(story.app, ANN, before=None, limit=9).items == [story.video(video)]


@pytest.mark.usefixtures("large_uploads")
def test_an_upload_that_ends_hours_after_its_ticket_is_found_though_nobody_announced_it(story, sweep_later):
    video = story.ticket(title="A film")
    sweep_later(hours=10)
    story.upload(video)
    sweep_later(hours=2, minutes=15)
    assert story.deliver("sources") == SourceArrived(video.id)


def test_a_video_that_is_never_started_ends_in_failed(story, uploaded, sweep_later):
    for _ in range(MAX_NUDGES + 1):
        sweep_later(hours=3)
    assert story.video(uploaded).failure.code == "not_processed"


def test_an_order_that_was_decided_but_never_sent_is_sent(story, uploaded, sweep_later):
    story.app.videos.save(story.video(uploaded).start(story_facts(story, uploaded), story.now))
    sweep_later()
    story.deliver("sources")
    assert story.home.queue.has("encoder", story.video(uploaded).job)


def test_an_encode_whose_end_nobody_told_is_done(story, processing, sweep_later):
    story.encode(processing)
    story.mark_complete(processing)
    story.home.queue.drop("encoder", processing.job)
    sweep_later()
    story.deliver("encodes")
    assert story.video(processing).status is Status.DONE


def test_an_end_that_the_sweep_found_is_told_again_until_all_of_it_is_done(story, processing, sweep_later, monkeypatch):
    story.encode(processing)
    story.mark_complete(processing)
    story.home.queue.drop("encoder", processing.job)
    sweep_later()
    (end,) = aws_events.parse(story.home.queue.lease("encodes", 30).body)
    with monkeypatch.context() as patch:
        patch.setattr(story.app.sources, "delete", unavailable)
        with pytest.raises(Unavailable):
            story.handle(end)
    assert story.video(processing).status is Status.DONE
    story.move(seconds=31)
    story.deliver("encodes")
    assert story.app.sources.head(processing.id) is None


def unavailable(*_):
    raise Unavailable("the disk does not answer")


def test_an_encode_that_vanished_is_ordered_again(story, processing, sweep_later):
    story.home.queue.drop("encoder", processing.job)
    sweep_later()
    story.deliver("encodes")
    assert story.video(processing).attempt == 2


def test_an_encode_that_runs_is_left_alone(story, processing, sweep_later):
    sweep_later()
    assert (story.video(processing).status, story.video(processing).attempt) == (Status.PROCESSING, 1)


@pytest.fixture
def asked(story, monkeypatch):
    """When the sweep asked the encoder for the end of a job."""
    times, real = [], story.app.encoder.end_of

    def end_of(*job):
        times.append(story.now)
        return real(*job)

    monkeypatch.setattr(story.app.encoder, "end_of", end_of)
    return times


def test_an_encode_that_runs_for_long_is_not_asked_for_every_minute(story, processing, hours_of_sweeps, asked):
    story.home.queue.lease("encoder", 1)
    hours_of_sweeps(4)
    asked.clear()
    hours_of_sweeps(4)
    assert len(asked) == 3


def test_an_order_that_has_no_job_is_sent_every_minute_however_long_it_takes(story, uploaded, sweep_later):
    story.app.videos.save(story.video(uploaded).start(story_facts(story, uploaded), story.now))
    sweep_later(hours=4)
    sweep_later()
    assert [story.take("sources"), story.take("sources")] == [SourceArrived(uploaded.id)] * 2


def test_the_end_of_a_long_encode_that_nobody_told_is_found(story, processing, hours_of_sweeps):
    hours_of_sweeps(4)
    story.encode(processing)
    story.mark_complete(processing)
    story.home.queue.drop("encoder", processing.job)
    hours_of_sweeps(1)
    story.deliver("encodes")
    assert story.video(processing).status is Status.DONE


def test_an_upload_may_wait_for_four_hours_before_it_fails(story, uploaded, sweep_later):
    for _ in range(4 * 60):
        sweep_later(seconds=60)
    assert story.video(uploaded).status is Status.PENDING


def test_an_encode_that_takes_for_ever_is_cancelled_and_failed(story, processing, hours_of_sweeps):
    story.home.queue.lease("encoder", 1)
    hours_of_sweeps(49)
    assert story.video(processing).failure.code == "encode_timeout"
    assert not story.home.queue.has("encoder", processing.job)


def test_the_time_in_which_the_machine_was_off_does_not_count(story, processing, sweep_later, hours_of_sweeps):
    story.home.queue.lease("encoder", 1)
    sweep_later()
    sweep_later(days=30)
    hours_of_sweeps(4)
    assert story.video(processing).status is Status.PROCESSING


def test_an_encode_that_waits_behind_others_is_not_failed_for_that(story, processing, hours_of_sweeps):
    hours_of_sweeps(49)
    assert story.video(processing).status is Status.PROCESSING


def test_the_time_in_which_it_waited_behind_others_does_not_count(story, processing, hours_of_sweeps):
    hours_of_sweeps(47)
    story.home.queue.lease("encoder", 1)
    hours_of_sweeps(40)
    assert story.video(processing).status is Status.PROCESSING


def test_an_encode_is_given_up_in_time_though_the_clock_was_ahead(story, processing, sweep_later, hours_of_sweeps):
    story.home.queue.lease("encoder", 1)
    sweep_later(days=400)
    sweep_later(days=-400)
    hours_of_sweeps(49)
    assert story.failure_code(processing) == "encode_timeout"


def test_an_end_that_nobody_told_is_found_before_the_encode_is_given_up(story, processing, sweep_later):
    story.move(hours=40)
    story.app.videos.save(processing.look_again(story.now))
    story.encode(processing)
    story.mark_complete(processing)
    story.home.queue.drop("encoder", processing.job)
    sweep_later(hours=7, minutes=58)
    story.deliver("encodes")
    assert story.video(processing).status is Status.DONE


def test_a_draft_goes_after_a_week_with_all_it_has(story, sweep_later):
    video = story.ticket()
    story.upload(video)
    story.handle(SourceArrived(video.id))
    story.encode(video)
    story.handle(EncodeSucceeded(video.id, 1))
    sweep_later(days=8)
    assert story.objects(video) == []
    sweep_later()
    assert not story.is_known(video)


def test_a_published_video_is_never_swept(story, processing, sweep_later):
    story.encode(processing)
    story.handle(EncodeSucceeded(processing.id, 1))
    sweep_later(days=400)
    assert story.video(processing).status is Status.DONE


def test_a_deleted_video_is_cleaned_though_its_message_was_lost(story, processing, sweep_later):
    library.delete(story.app, ANN, processing.id)
    sweep_later()
    assert story.objects(processing) == []


def test_a_deleted_videos_row_stays_until_no_upload_can_arrive(story, uploaded, sweep_later):
    library.delete(story.app, ANN, uploaded.id)
    sweep_later()
    assert story.is_known(uploaded)
    sweep_later(hours=3)
    assert not story.is_known(uploaded)


def test_an_upload_that_slips_in_after_the_deletion_is_removed(story, uploaded, sweep_later):
    library.delete(story.app, ANN, uploaded.id)
    sweep_later()
    story.upload(uploaded)
    sweep_later(hours=3)
    assert story.objects(uploaded) == []


@pytest.fixture(params=[Unavailable("the disk does not answer"), RuntimeError("a bug")], ids=["trouble", "bug"])
def beyond_help(request, story, uploaded, monkeypatch):
    """The upload, at whose source nobody can look."""
    real_head = story.app.sources.head

    def head(key):
        if key == uploaded.id:
            raise request.param
        return real_head(key)

    monkeypatch.setattr(story.app.sources, "head", head)
    return uploaded


def test_one_video_that_can_not_be_helped_does_not_hold_up_the_others(story, beyond_help, sweep_later):
    other = story.ticket(title="Other")
    story.upload(other)
    sweep_later()
    assert story.deliver("sources") == SourceArrived(other.id)


def test_a_video_that_can_not_be_helped_is_told_and_overdue_still(story, beyond_help, caplog):
    story.move(seconds=61)
    assert sweep(story.app) == Swept(due=1, overdue=1)
    assert f"video={beyond_help.id} request=- not swept" in caplog.text


def test_a_bug_is_told_with_its_traceback(story, uploaded, monkeypatch, caplog):
    monkeypatch.setattr(story.app.sources, "head", lambda key: 1 / 0)
    story.move(seconds=61)
    sweep(story.app)
    assert "ZeroDivisionError" in caplog.text
    assert "Traceback" in caplog.text


def test_all_announcements_lost_a_video_is_done_within_two_sweeps(story, uploaded, sweep_later):
    sweep_later()
    story.deliver("sources")
    story.encode(uploaded)
    story.mark_complete(uploaded)
    story.home.queue.drop("encoder", story.video(uploaded).job)
    sweep_later()
    story.deliver("encodes")
    assert story.video(uploaded).status is Status.DONE


def story_facts(story, video):
    """The facts that this source gets."""
    from sluice.ladder import plan

    return plan(story.app.probe(video.id), tall=False)


def test_a_sweep_with_nothing_due_does_nothing(story, processing):
    sweep(story.app)
    assert story.video(processing) == processing
    assert story.video(processing).due_at == story.now + timedelta(seconds=60)
