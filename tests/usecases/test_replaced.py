"""Sources in whose place another file is put, as whoever holds a form can do in S3."""

from dataclasses import replace

import pytest

from sluice import library
from sluice.errors import Conflict, Unavailable
from sluice.messages import EncodeLost, SourceArrived
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
