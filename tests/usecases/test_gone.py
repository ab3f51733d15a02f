"""Videos that are deleted or forgotten while something of theirs is under way."""

import pytest

from sluice import library
from sluice.messages import EncodeFailed, EncodeLost, EncodeSucceeded, OwnerDeleted, OwnerRenamed, SourceArrived
from sluice.sweep import sweep
from tests.making import ANN

ENDS = pytest.mark.parametrize(
    "end",
    [EncodeSucceeded, lambda *of: EncodeFailed(*of, "damaged", "It is damaged."), EncodeLost],
    ids=["succeeded", "failed", "lost"],
)


@pytest.fixture
def while_ordering(story, monkeypatch):
    """Have something happen between the encoder's answer and its saving."""
    real_submit = story.app.encoder.submit

    def happen(what):
        def submit(order):
            job = real_submit(order)
            what()
            return job

        monkeypatch.setattr(story.app.encoder, "submit", submit)

    return happen


def test_a_job_that_is_ordered_while_its_video_is_deleted_is_cancelled(story, uploaded, while_ordering):
    while_ordering(lambda: library.delete(story.app, ANN, uploaded.id))
    story.handle(SourceArrived(uploaded.id))
    assert story.video(uploaded).gone
    assert not story.home.queue.has("encoder", f"{uploaded.id}/1")


def test_the_job_of_a_deleted_video_is_not_cancelled_at_every_look(story, processing, monkeypatch):
    cancelled = []
    monkeypatch.setattr(story.app.encoder, "cancel", cancelled.append)
    monkeypatch.setattr(story.app.encoder, "cancel_order", lambda *_: None)
    library.delete(story.app, ANN, processing.id)
    for _ in range(3):
        story.move(seconds=61)
        sweep(story.app)
    assert cancelled == [processing.job]


@pytest.fixture
def dying(story, uploaded, while_ordering):
    """Its encode was ordered, by somebody who died before the row named the job."""

    def die():
        raise SystemExit

    while_ordering(die)
    with pytest.raises(SystemExit):
        story.handle(SourceArrived(uploaded.id))
    assert story.video(uploaded).awaits_job
    assert story.home.queue.has("encoder", f"{uploaded.id}/1")
    return uploaded


def test_a_job_that_no_row_names_is_cancelled_with_its_video(story, dying):
    library.delete(story.app, ANN, dying.id)
    story.deliver("tasks")
    assert not story.home.queue.has("encoder", f"{dying.id}/1")


def test_a_job_that_no_row_names_is_cancelled_where_its_encode_ends_otherwise(story, dying, hours_of_sweeps):
    hours_of_sweeps(49)
    assert story.failure_code(dying) == "encode_timeout"
    assert not story.home.queue.has("encoder", f"{dying.id}/1")


def test_a_job_that_is_ordered_while_its_row_goes_is_cancelled(story, uploaded, while_ordering):
    while_ordering(lambda: story.app.videos.delete(uploaded.id))
    story.handle(SourceArrived(uploaded.id))
    assert not story.home.queue.has("encoder", f"{uploaded.id}/1")


def test_a_job_that_another_ordered_for_the_same_attempt_goes_on(story, uploaded, while_ordering):
    while_ordering(lambda: story.app.videos.save(story.video(uploaded).submitted(f"{uploaded.id}/1")))
    story.handle(SourceArrived(uploaded.id))
    assert story.home.queue.has("encoder", story.video(uploaded).job)


@ENDS
def test_what_an_encode_leaves_after_its_video_was_deleted_goes(story, processing, end):
    library.delete(story.app, ANN, processing.id)
    story.deliver("tasks")
    story.encode(processing)
    story.handle(end(processing.id, 1))
    assert story.objects(processing) == []


@ENDS
def test_what_an_encode_leaves_after_its_row_was_forgotten_goes(story, processing, end):
    story.encode(processing)
    story.app.videos.delete(processing.id)
    story.handle(end(processing.id, 1))
    assert story.objects(processing) == [processing.id]


def test_an_upload_whose_row_was_forgotten_is_removed(story, uploaded):
    story.app.videos.delete(uploaded.id)
    story.handle(SourceArrived(uploaded.id))
    assert story.objects(uploaded) == []


def test_what_lies_under_a_key_that_is_no_videos_stays(story):
    story.app.sources.put("anything", b"else", "text/plain")
    story.handle(SourceArrived("anything"))
    assert story.app.sources.read("anything") == b"else"


@pytest.fixture
def purged(story, monkeypatch):
    """A video of Ann's, between two others of hers, that is forgotten just after her videos were listed."""
    real_owned, videos = story.app.videos.owned, [story.ticket() for _ in range(3)]

    def owned(*args, **given):
        found = real_owned(*args, **given)
        story.app.videos.delete(videos[1].id)
        return found

    monkeypatch.setattr(story.app.videos, "owned", owned)
    return videos[1]


def test_a_user_leaves_with_all_videos_though_one_is_forgotten_meanwhile(story, purged):
    story.handle(OwnerDeleted(ANN))
    assert not story.is_known(purged)
    assert library.owned_page(story.app, ANN, before=None, limit=9).items == []


def test_a_new_name_shows_on_all_videos_though_one_is_forgotten_meanwhile(story, purged):
    story.handle(OwnerRenamed(ANN, "Anna"))
    assert not story.is_known(purged)
    left = library.owned_page(story.app, ANN, before=None, limit=9).items
    assert [video.owner_name for video in left] == ["Anna", "Anna"]
