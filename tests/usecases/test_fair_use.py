"""What a user may hold and how often they may call: refused where it is too much, with what to do about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sluice import fair_use, library
from sluice.errors import Refused
from sluice.messages import EncodeSucceeded, SourceArrived
from sluice.settings import FairUse
from sluice.video import Status, Visibility
from tests.making import ANN, BOB
from tests.usecases.conftest import SOURCE

NO_BOUNDS = FairUse(0, 0, 0, 0, 0, 0)


@pytest.fixture
def bounded(story):
    """Sets bounds; whatever isn't named has none."""

    def bounded(**bounds):
        settings = replace(story.app.settings, fair_use=replace(NO_BOUNDS, **bounds))
        story.app = replace(story.app, settings=settings)
        return story

    return bounded


def refusal(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def begun(story, owner=ANN):
    video = story.ticket(owner=owner)
    story.upload(video)
    story.handle(SourceArrived(video.id))
    return story.video(video)


def finished(story):
    video = begun(story)
    story.encode(video)
    story.handle(EncodeSucceeded(video.id, 1))
    return story.video(video)


def test_without_bounds_nothing_is_asked(bounded):
    story = bounded()
    story.app = replace(story.app, rates=None)
    assert begun(story).status is Status.PROCESSING
    assert fair_use.admits(story.app, "203.0.113.7")


def test_nobody_meets_the_usual_bounds_by_accident():
    usual = FairUse()
    assert min(usual.uploads_at_once, usual.user_calls_per_minute, usual.address_calls_per_minute) >= 3000
    assert min(usual.stored_minutes / 60, usual.stored_bytes / 10**9, usual.address_sign_ups_per_hour) >= 1000


# calls


def test_tickets_publishing_and_retries_are_calls_that_count(bounded):
    story = bounded(user_calls_per_minute=3)
    video = story.ticket()
    story.upload(video)
    story.publish(video)
    assert refusal(lambda: library.retry(story.app, ANN, video.id)).code == "not_failed"
    assert refusal(lambda: library.retry(story.app, ANN, video.id)).code == "calls_limit"
    assert refusal(lambda: story.publish(video)).code == "calls_limit"
    assert refusal(story.ticket).code == "calls_limit"


def test_who_calls_too_often_is_told_how_long_to_wait(bounded):
    story = bounded(user_calls_per_minute=1)
    story.move(seconds=18.5)
    story.ticket()
    refused = refusal(story.ticket)
    assert (refused.detail, refused.retry_after_s) == (
        "You made all 1 calls that you have in a minute. Try again in 42 s.",
        42,
    )
    story.move(seconds=42)
    assert story.ticket().status is Status.PENDING


def test_another_may_still_call(bounded):
    story = bounded(user_calls_per_minute=1)
    story.ticket()
    assert story.ticket(owner=BOB).owner == BOB


def test_looking_and_deleting_never_count(bounded):
    story = bounded(user_calls_per_minute=1)
    video = story.ticket()
    library.watch(story.app, ANN, video.id)
    library.edit(story.app, ANN, video.id, visibility=Visibility.PRIVATE)
    library.delete(story.app, ANN, video.id)
    assert story.video(video).gone


def test_an_address_has_so_many_calls_a_minute(bounded):
    story = bounded(address_calls_per_minute=2)
    assert [fair_use.admits(story.app, "203.0.113.7") for _ in range(3)] == [True, True, False]
    assert fair_use.admits(story.app, "203.0.113.8")


# uploads under way


def test_only_so_many_uploads_are_under_way(bounded):
    story = bounded(uploads_at_once=2)
    story.ticket()
    story.move(minutes=10)
    story.ticket()
    refused = refusal(story.ticket)
    assert (refused.code, refused.retry_after_s) == ("uploads_limit", 50 * 60)
    assert refused.detail == (
        "You have 2 uploads under way, as many as you may. "
        "Finish one or delete it, or wait until 2026-11-21 13:00:01 UTC."
    )


def test_waiting_as_long_as_one_is_told_is_enough(bounded):
    story = bounded(uploads_at_once=1)
    story.ticket()
    wait_s = refusal(story.ticket).retry_after_s
    story.move(seconds=wait_s + 1)
    assert story.ticket().status is Status.PENDING


def test_an_upload_that_ended_makes_room(bounded):
    story = bounded(uploads_at_once=1)
    begun(story)
    assert story.ticket().status is Status.PENDING


def test_a_ticket_that_was_deleted_makes_room(bounded):
    story = bounded(uploads_at_once=1)
    library.delete(story.app, ANN, story.ticket().id)
    assert story.ticket().status is Status.PENDING


# what is kept


def test_no_ticket_is_given_when_all_minutes_are_used(bounded):
    story = bounded(stored_minutes=4)
    story.app = replace(story.app, probe=lambda location: replace(SOURCE, duration_s=240.0))
    video = begun(story)
    refused = refusal(story.ticket)
    assert (refused.code, refused.retry_after_s) == ("stored_minutes_limit", None)
    assert refused.detail == "All 4 minutes that are kept for you are used. Delete videos to make room for others."
    library.delete(story.app, ANN, video.id)
    assert story.ticket().status is Status.PENDING


def test_a_film_that_does_not_fit_is_not_encoded(bounded):
    story = bounded(stored_minutes=7)
    story.app = replace(story.app, probe=lambda location: replace(SOURCE, duration_s=240.0))
    assert begun(story).status is Status.PROCESSING
    video = begun(story)
    assert (video.attempt, video.failure.code) == (0, "stored_minutes_limit")
    assert video.failure.detail == (
        "The video is 4 minutes long, and of the 7 that are kept for you 3 are left. "
        "Delete videos to make room for others. Then try again."
    )


def test_room_that_was_made_lets_it_be_tried_again(bounded):
    story = bounded(stored_minutes=7)
    story.app = replace(story.app, probe=lambda location: replace(SOURCE, duration_s=240.0))
    first, second = begun(story), begun(story)
    library.delete(story.app, ANN, first.id)
    library.retry(story.app, ANN, second.id)
    story.deliver("sources")
    assert story.video(second).status is Status.PROCESSING


def test_an_upload_that_says_its_size_must_fit(bounded):
    story = bounded(stored_bytes=1000)
    assert story.ticket(size=1000).status is Status.PENDING
    refused = refusal(lambda: story.ticket(size=1001))
    assert (refused.code, refused.detail) == (
        "stored_bytes_limit",
        "Of the 1000 bytes that are kept for you 1000 are left. Delete videos to make room for others.",
    )


def test_no_ticket_is_given_when_all_bytes_are_used(bounded):
    story = bounded(stored_bytes=1000)
    video = finished(story)
    assert video.stored_bytes > 1000
    assert refusal(story.ticket).code == "stored_bytes_limit"
    assert story.ticket(owner=BOB).owner == BOB


# how much a video takes up


def held(story):
    return story.app.videos.held(ANN, story.now + timedelta(hours=2))


def test_a_source_takes_up_its_size_while_it_is_encoded_and_after_a_failure(story):
    assert begun(story).stored_bytes == len(b"film")
    story.refuse_source()
    assert begun(story).status is Status.FAILED
    assert held(story).bytes == 2 * len(b"film")


def test_a_finished_video_takes_up_its_stream(story):
    video = finished(story)
    sizes = [story.app.media.head(key).size for key in story.objects(video) if not key.endswith("master.m3u8")]
    assert video.stored_bytes == held(story).bytes == sum(sizes)


def test_a_source_that_is_kept_stays_when_the_setting_is_another_one_later(story):
    usual = story.app
    story.app = replace(usual, settings=replace(usual.settings, keep_source=True))
    video = finished(story)
    story.app = usual
    story.handle(EncodeSucceeded(video.id, video.attempt))
    assert story.app.sources.head(video.id) is not None


def test_a_source_that_is_kept_counts_too(story):
    without = finished(story).stored_bytes
    story.app = replace(story.app, settings=replace(story.app.settings, keep_source=True))
    assert finished(story).stored_bytes == without + len(b"film")
