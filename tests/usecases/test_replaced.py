"""Sources in whose place another file is put, as whoever holds a form can do in S3."""

from dataclasses import replace

import pytest

from sluice import library
from sluice.errors import Conflict, Refused, Unavailable
from sluice.messages import EncodeLost, EncodeSucceeded, SourceArrived
from sluice.video import Status
from tests.making import ANN
from tests.usecases.conftest import SOURCE


def refuse(job):
    raise Unavailable("the encoder does not answer")


def put_another(story, video):
    with story.home.sources.receive(video.id, {"user-id": video.owner}) as incoming:
        incoming.write(b"another film")
        incoming.commit()


def test_a_film_in_whose_place_another_is_put_is_encoded_no_further(story, processing):
    story.encode(processing)
    put_another(story, processing)
    story.handle(SourceArrived(processing.id))
    assert story.failure_code(processing) == "source_replaced"
    assert not story.home.queue.has("encoder", processing.job)
    assert story.objects(processing) == [processing.id]


def test_a_job_that_could_not_be_cancelled_is_cancelled_when_the_news_comes_again(story, processing, monkeypatch):
    put_another(story, processing)
    with monkeypatch.context() as patch:
        patch.setattr(story.app.encoder, "cancel", refuse)
        with pytest.raises(Unavailable):
            story.handle(SourceArrived(processing.id))
    story.handle(SourceArrived(processing.id))
    assert story.failure_code(processing) == "source_replaced"
    assert not story.home.queue.has("encoder", processing.job)


def test_another_try_is_that_of_the_file_that_is_there_now(story, processing):
    put_another(story, processing)
    story.handle(SourceArrived(processing.id))
    library.retry(story.app, ANN, processing.id)
    story.deliver("sources")
    assert (story.video(processing).status, story.video(processing).attempt) == (Status.PROCESSING, 2)
    story.handle(SourceArrived(processing.id))
    assert story.video(processing).status is Status.PROCESSING


def test_the_lost_encode_of_a_film_that_was_replaced_is_not_ordered_again(story, processing):
    put_another(story, processing)
    story.handle(EncodeLost(processing.id, 1))
    story.deliver("sources")
    assert story.failure_code(processing) == "source_replaced"
    assert not story.home.queue.has("encoder", f"{processing.id}/2")


def test_what_an_earlier_release_began_goes_on(story, processing):
    story.app.videos.save(replace(processing, source_stamp=None))
    story.handle(SourceArrived(processing.id))
    assert story.video(processing).status is Status.PROCESSING


def test_a_film_that_is_replaced_while_it_is_looked_into_is_looked_into_again(story, uploaded):
    lengths = iter([10.0, 20.0])

    def probe(location):
        if (duration_s := next(lengths)) == 10.0:
            put_another(story, uploaded)
        return replace(SOURCE, duration_s=duration_s)

    story.app = replace(story.app, probe=probe)
    with pytest.raises(Conflict):
        story.handle(SourceArrived(uploaded.id))
    assert story.video(uploaded).status is Status.PENDING
    story.handle(SourceArrived(uploaded.id))
    assert story.video(uploaded).facts.duration_s == 20.0


def test_a_film_that_another_began_with_a_later_file_is_not_ordered_for_the_earlier_one(story, uploaded, monkeypatch):
    real_save = story.app.videos.save

    def save_after_another(changed):
        monkeypatch.setattr(story.app.videos, "save", real_save)
        real_save(replace(changed, source_stamp="a later file"))
        return real_save(changed)

    monkeypatch.setattr(story.app.videos, "save", save_after_another)
    story.handle(SourceArrived(uploaded.id))
    assert story.video(uploaded).awaits_job
    assert not story.home.queue.has("encoder", f"{uploaded.id}/1")


def bytes_of(story, video):
    return story.app.videos.held(video.owner, story.now).bytes


@pytest.fixture
def kept(story, processing):
    """A finished video whose source is kept, as are its bytes."""
    story.app = replace(story.app, settings=replace(story.app.settings, keep_source=True))
    story.encode(processing)
    story.handle(EncodeSucceeded(processing.id, 1))
    assert story.video(processing).source_kept
    return story.video(processing)


def test_a_file_in_the_place_of_a_kept_source_goes_and_is_not_counted(story, kept):
    put_another(story, kept)
    story.handle(SourceArrived(kept.id))
    assert story.app.sources.head(kept.id) is None
    assert (story.video(kept).status, story.video(kept).source_kept) == (Status.DONE, False)
    assert bytes_of(story, kept) == sum(size for _, size in story.app.media.list(f"media/{kept.id}/"))


def test_a_kept_source_that_is_announced_again_stays(story, kept):
    story.handle(SourceArrived(kept.id))
    assert story.app.sources.read(kept.id) == b"film"
    assert story.video(kept) == kept


def test_a_file_in_the_place_of_a_kept_source_is_not_given_out_as_it(story, kept):
    put_another(story, kept)
    with pytest.raises(Refused, match="no longer kept"):
        library.source(story.app, ANN, kept.id)


def test_a_file_in_the_place_of_a_failed_one_is_counted(story, uploaded):
    story.refuse_source()
    story.handle(SourceArrived(uploaded.id))
    put_another(story, uploaded)
    story.handle(SourceArrived(uploaded.id))
    assert story.failure_code(uploaded) == "damaged"
    assert bytes_of(story, uploaded) == len(b"another film")


def test_a_file_that_ended_an_encode_is_counted(story, processing):
    put_another(story, processing)
    story.handle(SourceArrived(processing.id))
    assert bytes_of(story, processing) == len(b"another film")
