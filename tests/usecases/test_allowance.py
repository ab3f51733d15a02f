"""A user's minutes a day: counted when a video is begun, told to whoever wants more."""

from dataclasses import replace

import pytest

from sluice import library, uploads
from sluice.errors import Refused, Unavailable
from sluice.messages import EncodeFailed, EncodeLost, EncodeSucceeded, SourceArrived
from sluice.video import Status
from tests.making import ANN, BOB, an_id
from tests.usecases.conftest import SOURCE


@pytest.fixture
def limited(story):
    """A home that encodes ten minutes a day for a user, at noon; every film is four minutes long."""
    story.app = replace(
        story.app,
        settings=replace(story.app.settings, daily_minutes=10),
        probe=lambda location: replace(SOURCE, duration_s=240.0),
    )
    return story


def begun(story, owner=ANN):
    video = story.ticket(owner=owner)
    story.upload(video)
    story.handle(SourceArrived(video.id))
    return story.video(video)


def lengthen(story, duration_s):
    story.app = replace(story.app, probe=lambda location: replace(SOURCE, duration_s=duration_s))


def test_without_a_limit_nothing_is_counted(story):
    story.app = replace(story.app, probe=lambda location: replace(SOURCE, duration_s=20_000.0), ledger=None)
    assert [begun(story).status for _ in range(3)] == [Status.PROCESSING] * 3


def test_videos_are_encoded_until_the_day_is_used_up(limited):
    assert [begun(limited).status for _ in range(3)] == [Status.PROCESSING, Status.PROCESSING, Status.FAILED]


def test_the_owner_is_told_how_much_is_left_and_until_when(limited):
    last = [begun(limited) for _ in range(3)][-1]
    assert (last.failure.code, last.failure.detail) == (
        "daily_limit",
        "The video is 4 minutes long, and of the 10 minutes that are encoded for you in a day 2 are left. "
        "Try again from 2026-11-22 00:00 UTC on.",
    )


def test_a_refused_video_is_not_encoded_and_its_source_is_kept(limited):
    last = [begun(limited) for _ in range(3)][-1]
    assert (last.attempt, last.job) == (0, None)
    assert limited.objects(last) == [last.id]


def test_a_shorter_video_still_fits(limited):
    begun(limited), begun(limited)
    lengthen(limited, 120.0)
    assert begun(limited).status is Status.PROCESSING


def test_others_have_minutes_of_their_own(limited):
    begun(limited), begun(limited)
    assert begun(limited, owner=BOB).status is Status.PROCESSING


def test_the_next_day_is_a_new_one(limited):
    last = [begun(limited) for _ in range(3)][-1]
    limited.move(hours=12)
    library.retry(limited.app, ANN, last.id)
    limited.deliver("sources")
    assert limited.video(last).status is Status.PROCESSING


def test_a_retry_on_the_same_day_is_refused_again(limited):
    last = [begun(limited) for _ in range(3)][-1]
    library.retry(limited.app, ANN, last.id)
    limited.deliver("sources")
    assert limited.failure_code(last) == "daily_limit"


def test_a_video_that_is_announced_twice_counts_once(limited):
    video = begun(limited)
    limited.handle(SourceArrived(video.id))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 240


def test_a_probe_that_is_repeated_after_a_crash_counts_once(limited):
    video = limited.ticket()
    limited.upload(video)
    with limited.failing(write=3), pytest.raises(Unavailable):
        limited.handle(SourceArrived(video.id))
    assert limited.video(video).status is Status.PENDING
    limited.handle(SourceArrived(video.id))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 240


def test_a_probe_that_finds_a_longer_film_after_a_crash_counts_it_whole(limited):
    video = limited.ticket()
    limited.upload(video)
    with limited.failing(write=3), pytest.raises(Unavailable):
        limited.handle(SourceArrived(video.id))
    lengthen(limited, 500.0)
    limited.handle(SourceArrived(video.id))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 500


def test_another_try_after_a_failed_encode_counts_again(limited):
    video = begun(limited)
    limited.handle(EncodeFailed(video.id, 1, "damaged", "It is damaged."))
    library.retry(limited.app, ANN, video.id)
    limited.deliver("sources")
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 480


def test_an_encode_that_its_machine_lost_counts_once(limited):
    video = begun(limited)
    limited.handle(EncodeLost(video.id, 1))
    assert limited.video(video).attempt == 2
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 240


def test_deleting_a_video_gives_nothing_back(limited):
    begun(limited)
    first = begun(limited)
    limited.encode(first)
    limited.handle(EncodeSucceeded(first.id, 1))
    library.delete(limited.app, ANN, first.id)
    assert begun(limited).failure.code == "daily_limit"


def test_a_video_longer_than_the_day_has_to_be_cut(limited):
    lengthen(limited, 601.0)
    video = begun(limited)
    assert (video.failure.code, video.failure.detail) == (
        "too_long",
        "The video is 10.1 minutes long, and no more than 10 minutes are encoded for you in a day.",
    )


def test_nothing_is_counted_for_what_can_not_be_played(limited):
    limited.app = replace(limited.app, probe=limited._probe)
    limited.refuse_source()
    begun(limited)
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 0


# films that were replaced after their probe


def test_an_encode_that_became_longer_than_what_was_booked_is_counted_whole(limited):
    video = begun(limited)
    limited.handle(EncodeSucceeded(video.id, 1, 36_000.5))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 36_001
    with pytest.raises(Refused) as refusal:
        limited.ticket()
    assert refusal.value.code == "daily_limit"


def test_news_of_a_longer_encode_that_is_told_twice_counts_once(limited):
    video = begun(limited)
    limited.handle(EncodeSucceeded(video.id, 1, 400.0))
    limited.handle(EncodeSucceeded(video.id, 1, 400.0))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 400


def test_a_longer_encode_counts_though_its_video_was_deleted(limited):
    video = begun(limited)
    library.delete(limited.app, ANN, video.id)
    limited.handle(EncodeSucceeded(video.id, 1, 400.0))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 400


def test_a_longer_encode_that_ends_after_midnight_counts_on_the_day_of_its_end(limited):
    video = begun(limited)
    limited.move(hours=13)
    limited.handle(EncodeSucceeded(video.id, 1, 400.0))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 400


def test_an_encode_that_is_as_long_as_what_was_booked_counts_nothing_more(limited):
    video = begun(limited)
    limited.move(hours=13)
    limited.handle(EncodeSucceeded(video.id, 1, 240.3))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 0


def test_a_longer_encode_of_nobody_known_counts_nothing(limited):
    limited.handle(EncodeSucceeded(an_id(99), 1, 400.0))
    assert limited.app.ledger.booked(ANN, limited.now.date()) == 0


# tickets


def test_a_ticket_is_given_while_anything_is_left(limited):
    begun(limited), begun(limited)
    assert limited.ticket().status is Status.PENDING


def test_no_ticket_is_given_when_nothing_is_left(limited):
    begun(limited), begun(limited)
    lengthen(limited, 120.0)
    begun(limited)
    with pytest.raises(Refused) as refusal:
        uploads.issue_ticket(limited.app, ANN, filename=None, size=None, title=None)
    assert (refusal.value.code, refusal.value.detail) == (
        "daily_limit",
        "You had all 10 minutes of video that are encoded for you in a day; 0 are left. "
        "Upload more from 2026-11-22 00:00 UTC on.",
    )


def test_another_still_gets_a_ticket(limited):
    lengthen(limited, 600.0)
    begun(limited)
    assert limited.ticket(owner=BOB).owner == BOB


def test_tickets_are_given_again_after_midnight(limited):
    lengthen(limited, 600.0)
    begun(limited)
    limited.move(hours=12)
    assert limited.ticket().status is Status.PENDING
