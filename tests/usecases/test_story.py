"""From ticket to done, and what may go wrong on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sluice import layout, library, uploads
from sluice.errors import NotFound, Refused, Unplayable
from sluice.messages import (
    EncodeFailed,
    EncodeLost,
    EncodeProgressed,
    EncodeSucceeded,
    OwnerDeleted,
    OwnerRenamed,
    SourceArrived,
)
from sluice.video import MAX_LOSSES, Status, Visibility
from tests.making import ANN, BOB, an_id
from tests.usecases.conftest import SOURCE


@pytest.fixture
def processing(story):
    """A published video whose encode runs."""
    video = story.ticket()
    story.upload(video)
    story.publish(video)
    story.handle(SourceArrived(video.id))
    return story.video(video)


@pytest.fixture
def done(story, processing):
    story.encode(processing)
    story.handle(EncodeSucceeded(processing.id, 1))
    return story.video(processing)


@pytest.fixture
def failed(story, processing):
    story.handle(EncodeFailed(processing.id, 1, "damaged", "It is damaged."))
    return story.video(processing)


# tickets


def test_a_ticket_is_stored_before_it_is_given_out(story):
    ticket = uploads.issue_ticket(story.app, ANN, filename="film.mov", size=10, title=None)
    assert story.video(ticket.video) == ticket.video
    assert ticket.form.fields["key"] == ticket.video.id
    assert ticket.form.fields["x-amz-meta-user-id"] == ANN


def test_a_file_that_is_too_large_gets_no_ticket(story):
    with pytest.raises(Refused) as refusal:
        uploads.issue_ticket(story.app, ANN, filename=None, size=100_000_001, title=None)
    assert refusal.value.code == "too_large"


# publishing


def test_a_video_whose_file_is_not_there_can_not_be_published(story):
    video = story.ticket()
    with pytest.raises(Refused) as refusal:
        story.publish(video)
    assert refusal.value.code == "not_uploaded"


def test_a_file_that_somebody_else_uploaded_does_not_count(story):
    video = story.ticket()
    story.upload(video, owner=BOB)
    with pytest.raises(Refused):
        story.publish(video)
    story.handle(SourceArrived(video.id))
    assert story.video(video).status is Status.PENDING


def test_somebody_else_can_not_publish_it(story):
    video = story.ticket()
    story.upload(video)
    with pytest.raises(NotFound):
        uploads.publish(story.app, BOB, video.id, title="Mine", description="", visibility=Visibility.PUBLIC)


def test_publishing_twice_changes_nothing(story, processing):
    again = story.publish(processing, title="Another")
    assert again.title == "A film"


def test_of_many_who_publish_at_once_one_was_first(story, monkeypatch):
    video = story.ticket()
    story.upload(video)
    real_save = story.app.videos.save

    def save_after_another(changed):
        monkeypatch.setattr(story.app.videos, "save", real_save)
        real_save(story.video(video).publish("The first", "", Visibility.PUBLIC))
        return real_save(changed)

    monkeypatch.setattr(story.app.videos, "save", save_after_another)
    published, first = uploads.publish(
        story.app, ANN, video.id, title="The second", description="", visibility=Visibility.PUBLIC
    )
    assert (published.title, first) == ("The first", False)


def test_a_video_that_is_deleted_meanwhile_is_not_published(story, monkeypatch):
    video = story.ticket()
    story.upload(video)
    real_save = story.app.videos.save

    def save_after_deletion(changed):
        monkeypatch.setattr(story.app.videos, "save", real_save)
        library.delete(story.app, ANN, video.id)
        return real_save(changed)

    monkeypatch.setattr(story.app.videos, "save", save_after_deletion)
    with pytest.raises(NotFound):
        story.publish(video)


def test_nobody_else_sees_a_titled_video_before_its_file_has_come(story):
    video = story.ticket(title="Not yet")
    with pytest.raises(NotFound):
        library.watch(story.app, None, video.id)


def test_what_its_owner_decides_while_it_is_uploaded_is_not_undone_by_the_end_of_the_upload(story):
    video = story.ticket(title="A film")
    library.edit(story.app, ANN, video.id, visibility=Visibility.PRIVATE)
    with pytest.raises(Refused):
        story.publish(video)
    story.upload(video)
    published = story.publish(video, title="Another", visibility=Visibility.PUBLIC)
    assert (published.title, published.visibility, published.arrived) == ("A film", Visibility.PRIVATE, True)


def test_a_draft_that_was_hidden_is_still_to_be_published(story):
    video = story.ticket()
    library.edit(story.app, ANN, video.id, visibility=Visibility.PRIVATE)
    story.upload(video)
    published = story.publish(video, visibility=Visibility.UNLISTED)
    assert (published.title, published.visibility) == ("A film", Visibility.UNLISTED)


def test_a_title_with_the_ticket_publishes_by_itself(story):
    video = story.ticket(title="Holiday")
    story.upload(video)
    story.handle(SourceArrived(video.id))
    story.encode(video)
    story.handle(EncodeSucceeded(video.id, 1))
    assert [found.title for found in library.public_page(story.app, before=None, limit=9).items] == ["Holiday"]


def test_a_video_can_be_published_after_it_was_encoded(story):
    video = story.ticket()
    story.upload(video)
    story.handle(SourceArrived(video.id))
    story.encode(video)
    story.handle(EncodeSucceeded(video.id, 1))
    assert not story.video(video).listed
    story.publish(video)
    assert story.video(video).listed


# uploading


def test_an_upload_may_arrive_once(story):
    video = story.ticket()
    assert uploads.may_arrive(story.app, video.id)
    story.upload(video)
    assert not uploads.may_arrive(story.app, video.id)


def test_no_upload_may_arrive_for_a_video_that_is_past_pending(story, done):
    assert not uploads.may_arrive(story.app, done.id)


def test_no_upload_may_arrive_for_a_deleted_video(story):
    video = story.ticket()
    library.delete(story.app, ANN, video.id)
    assert not uploads.may_arrive(story.app, video.id)


def test_no_upload_may_arrive_for_a_video_that_was_forgotten(story):
    assert not uploads.may_arrive(story.app, an_id(99))


def test_a_key_that_is_no_videos_may_arrive(story):
    assert uploads.may_arrive(story.app, "anything")


# encoding


def test_publishing_while_the_source_is_probed_costs_no_second_probe(story, monkeypatch):
    video = story.ticket()
    story.upload(video)
    looks = []

    def probe(location):
        looks.append(location)
        story.publish(video)
        return SOURCE

    object.__setattr__(story.app, "probe", probe)
    story.handle(SourceArrived(video.id))
    assert (story.video(video).status, story.video(video).title, len(looks)) == (Status.PROCESSING, "A film", 1)
    assert story.home.queue.has("encoder", story.video(video).job)


def test_a_video_that_is_deleted_while_it_is_probed_is_not_encoded(story):
    video = story.ticket()
    story.upload(video)

    def probe(location):
        library.delete(story.app, ANN, video.id)
        return SOURCE

    object.__setattr__(story.app, "probe", probe)
    story.handle(SourceArrived(video.id))
    assert (story.video(video).status, story.video(video).attempt) == (Status.PENDING, 0)


def test_an_arrived_source_is_ordered_from_the_encoder(story, processing):
    assert (processing.status, processing.attempt) == (Status.PROCESSING, 1)
    assert story.home.queue.has("encoder", processing.job)


def test_a_source_announced_twice_is_encoded_once(story, processing):
    story.handle(SourceArrived(processing.id))
    assert story.video(processing) == processing


def test_an_unplayable_source_fails_the_video_and_is_kept(story):
    story.refuse_source("damaged")
    video = story.ticket()
    story.upload(video)
    story.handle(SourceArrived(video.id))
    assert story.video(video).failure.code == "damaged"
    assert story.objects(video) == [video.id]


def test_an_order_that_the_encoder_can_not_fill_fails_the_video(story, monkeypatch):
    def refuse(order):
        raise Unplayable("too_small", "It is too small.")

    monkeypatch.setattr(story.app.encoder, "submit", refuse)
    video = story.ticket()
    story.upload(video)
    story.handle(SourceArrived(video.id))
    assert (story.video(video).status, story.failure_code(video)) == (Status.FAILED, "too_small")


def test_an_announcement_without_an_upload_changes_nothing(story):
    video = story.ticket()
    story.handle(SourceArrived(video.id))
    assert story.video(video) == video


def test_news_of_an_unknown_video_is_dropped(story):
    story.handle(SourceArrived(an_id(99)))
    story.handle(EncodeSucceeded(an_id(99), 1))
    story.handle(EncodeFailed(an_id(99), 1, "x", "X."))
    assert list(story.app.videos.due(story.now + timedelta(days=1))) == []


def test_a_finished_encode_is_done_with_measured_facts_and_without_its_source(story, done):
    assert done.status is Status.DONE
    assert [(one.name, one.average_bandwidth) for one in done.facts.renditions] == [("360", 4000), ("240", 4000)]
    assert done.id not in story.objects(done)
    master = story.app.media.read(layout.media_key(done.id, 1, layout.MASTER)).decode()
    assert "AVERAGE-BANDWIDTH=4000" in master


@pytest.mark.parametrize("missing", [layout.PLAYLIST, layout.INIT, "00001.m4s"])
def test_an_encode_whose_output_is_not_whole_is_never_done(story, processing, missing):
    story.encode(processing, leave_out=missing)
    story.home.queue.drop("encoder", processing.job)
    story.handle(EncodeSucceeded(processing.id, 1))
    assert story.video(processing).failure.code == "output_incomplete"


def test_false_news_of_success_while_the_encode_runs_changes_nothing(story, processing):
    story.handle(EncodeSucceeded(processing.id, 1))
    assert story.video(processing) == processing


def test_success_told_twice_changes_nothing(story, done):
    story.handle(EncodeSucceeded(done.id, 1))
    assert story.video(done) == done


def test_an_error_after_success_changes_nothing(story, done):
    story.handle(EncodeFailed(done.id, 1, "late", "Late."))
    assert story.video(done) == done


def test_a_failed_encode_keeps_the_source_and_removes_what_was_published(story, processing):
    story.encode(processing)
    story.handle(EncodeFailed(processing.id, 1, "damaged", "It is damaged."))
    assert story.video(processing).failure.detail == "It is damaged."
    assert story.objects(processing) == [processing.id]


def test_a_job_that_is_said_to_have_failed_does_not_run_on(story, processing):
    story.handle(EncodeFailed(processing.id, 1, "damaged", "It is damaged."))
    assert not story.home.queue.has("encoder", processing.job)


def test_a_replayed_upload_of_a_done_video_is_removed_again(story, done):
    story.upload(done)
    story.handle(SourceArrived(done.id))
    assert done.id not in story.objects(done)
    assert story.video(done) == done


def test_progress_is_noted_for_the_running_attempt(story, processing):
    story.handle(EncodeProgressed(processing.id, 1, 40.0, 3.0, playable=True))
    noted = story.video(processing)
    assert (noted.progress.percent, noted.playable) == (40.0, True)
    assert library.playback(story.app, noted).hls.endswith(f"/{noted.id}/1/master.m3u8")


def test_a_lost_encode_is_ordered_again_in_a_folder_of_its_own(story, processing):
    story.encode(processing)
    story.handle(EncodeLost(processing.id, 1))
    story.deliver("sources")
    video = story.video(processing)
    assert (video.status, video.attempt) == (Status.PROCESSING, 2)
    assert story.home.queue.has("encoder", video.job)


def test_a_lost_encode_is_ordered_again_by_the_plan_it_will_be_judged_by(story, processing, monkeypatch):
    smaller = replace(processing.facts, renditions=processing.facts.renditions[:1])
    monkeypatch.setattr("sluice.processing.plan", lambda *_, **__: smaller)
    orders = []
    monkeypatch.setattr(story.app.encoder, "submit", lambda order: orders.append(order) or "job")
    story.handle(EncodeLost(processing.id, 1))
    story.deliver("sources")
    assert [order.facts for order in orders] == [processing.facts]


def test_what_a_lost_encode_published_can_be_watched_while_the_next_is_under_way(story, processing):
    story.encode(processing)
    published = story.objects(processing)
    story.handle(EncodeLost(processing.id, 1))
    assert story.objects(processing) == published
    story.encode(processing)
    story.handle(EncodeSucceeded(processing.id, 2))
    assert attempts_of(story, processing) == {"2"}


def test_of_several_lost_encodes_the_last_one_can_be_watched(story, processing):
    story.encode(processing)
    story.handle(EncodeLost(processing.id, 1))
    story.encode(processing)
    story.handle(EncodeLost(processing.id, 2))
    assert attempts_of(story, processing) == {"2"}


def test_nothing_of_a_lost_encode_outlives_the_failure_of_the_next(story, processing):
    story.encode(processing)
    story.handle(EncodeLost(processing.id, 1))
    story.handle(EncodeFailed(processing.id, 2, "damaged", "It is damaged."))
    assert story.objects(processing) == [processing.id]


def test_nothing_of_a_lost_encode_outlives_its_video(story, processing):
    story.encode(processing)
    story.handle(EncodeLost(processing.id, 1))
    library.delete(story.app, ANN, processing.id)
    story.deliver("tasks")
    assert story.objects(processing) == []


def test_a_video_whose_encode_is_lost_again_and_again_fails(story, processing):
    for attempt in range(1, MAX_LOSSES + 1):
        story.handle(EncodeLost(processing.id, attempt))
    assert story.video(processing).failure.code == "encode_lost"


# retrying


def test_a_retried_video_is_encoded_again(story, failed):
    library.retry(story.app, ANN, failed.id)
    story.deliver("sources")
    story.encode(failed)
    story.handle(EncodeSucceeded(failed.id, 2))
    assert story.video(failed).status is Status.DONE


def test_a_video_without_its_source_can_not_be_retried(story, failed):
    story.app.sources.delete(failed.id)
    with pytest.raises(Refused) as refusal:
        library.retry(story.app, ANN, failed.id)
    assert refusal.value.code == "source_gone"


def test_only_the_owner_may_retry(story, failed):
    with pytest.raises(NotFound):
        library.retry(story.app, BOB, failed.id)


# watching


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_everybody_may_watch_an_open_video(story, done, visibility):
    library.edit(story.app, ANN, done.id, visibility=visibility)
    assert library.watch(story.app, None, done.id).id == done.id


def test_only_the_owner_may_watch_a_private_video(story, done):
    library.edit(story.app, ANN, done.id, visibility=Visibility.PRIVATE)
    assert library.watch(story.app, ANN, done.id).id == done.id
    with pytest.raises(NotFound):
        library.watch(story.app, BOB, done.id)


def test_a_private_videos_media_has_an_address_that_expires(story, done):
    private = library.edit(story.app, ANN, done.id, visibility=Visibility.PRIVATE)
    assert library.playback(story.app, done).hls == f"/media/{done.id}/1/master.m3u8"
    assert library.playback(story.app, private).hls.startswith("/media/~")


def test_nobody_else_sees_a_draft(story):
    video = story.ticket()
    assert library.watch(story.app, ANN, video.id).id == video.id
    with pytest.raises(NotFound):
        library.watch(story.app, None, video.id)


def test_lists_go_on_where_the_last_page_ended(story):
    videos = [story.ticket() for _ in range(3)]
    first = library.owned_page(story.app, ANN, before=None, limit=2)
    second = library.owned_page(story.app, ANN, before=first.next_before, limit=2)
    assert [video.id for video in [*first.items, *second.items]] == [video.id for video in reversed(videos)]
    assert second.next_before is None


def test_a_page_of_nothing_but_spent_tickets_is_passed_over(story):
    first = story.ticket()
    story.upload(first)
    story.publish(first)
    for _ in range(5):
        story.ticket()
    story.move(hours=1, seconds=1)
    page = library.owned_page(story.app, ANN, before=None, limit=2)
    assert ([video.id for video in page.items], page.next_before) == ([first.id], None)


def test_an_expired_ticket_is_no_video_any_more(story):
    video = story.ticket()
    story.move(hours=1, seconds=1)
    assert library.owned_page(story.app, ANN, before=None, limit=9).items == []
    with pytest.raises(NotFound):
        library.watch(story.app, ANN, video.id)


# deleting


def test_a_deleted_video_leaves_no_object_and_no_job(story, processing):
    story.encode(processing)
    library.delete(story.app, ANN, processing.id)
    story.deliver("tasks")
    assert story.objects(processing) == []
    assert not story.home.queue.has("encoder", processing.job)


def test_a_deleted_video_is_not_found_at_once(story, done):
    library.delete(story.app, ANN, done.id)
    with pytest.raises(NotFound):
        library.watch(story.app, ANN, done.id)
    with pytest.raises(NotFound):
        library.delete(story.app, ANN, done.id)


def test_only_the_owner_may_delete_or_edit(story, done):
    with pytest.raises(NotFound):
        library.delete(story.app, BOB, done.id)
    with pytest.raises(NotFound):
        library.edit(story.app, BOB, done.id, title="Mine")
    assert story.video(done) == done


def test_a_user_who_leaves_takes_their_videos_along(story, done):
    other = story.ticket(owner=BOB)
    story.handle(OwnerDeleted(ANN))
    story.deliver("tasks")
    assert story.objects(done) == []
    assert story.video(done).gone
    assert not story.video(other).gone


def test_a_new_name_shows_on_every_video(story, done, monkeypatch):
    monkeypatch.setattr(library, "BATCH", 1)
    other = story.ticket()
    story.handle(OwnerRenamed(ANN, "Anna"))
    assert {story.video(done).owner_name, story.video(other).owner_name} == {"Anna"}


# the log


def test_the_request_that_asked_for_the_ticket_is_in_every_line_of_the_story(story, caplog):
    caplog.set_level("INFO", "sluice")
    ticket = uploads.issue_ticket(story.app, ANN, filename="film.mov", size=10, title="A film", request="r-1")
    story.upload(ticket.video)
    story.handle(SourceArrived(ticket.video.id))
    story.encode(ticket.video)
    story.handle(EncodeSucceeded(ticket.video.id, 1))
    library.delete(story.app, ANN, ticket.video.id)
    begin = f"video={ticket.video.id} request=r-1"
    assert [record.getMessage() for record in caplog.records] == [
        f"{begin} ticket",
        f"{begin} pending->processing attempt=1",
        f"{begin} processing->done attempt=1",
        f"{begin} done->gone attempt=1",
    ]


def test_a_failure_is_logged_with_its_code_once(story, caplog):
    caplog.set_level("INFO", "sluice.changes")
    video = story.ticket(title="A film")
    story.upload(video)
    story.refuse_source("damaged")
    story.handle(SourceArrived(video.id))
    library.delete(story.app, ANN, video.id)
    assert caplog.messages == [
        f"video={video.id} request=- pending->failed attempt=0 code=damaged",
        f"video={video.id} request=- failed->gone attempt=0",
    ]


def attempts_of(story, video):
    """The attempts of which anything is published."""
    return {key.split("/")[2] for key, _ in story.app.media.list(layout.video_prefix(video.id))}
