"""The functions of the lanes and the sweep, over the local home instead of AWS."""

import json
import logging
from types import SimpleNamespace

import pytest

from sluice import library
from sluice.entry import lambda_logs, lambdas
from sluice.errors import Unavailable
from sluice.messages import SourceArrived, VideoDeleted, dumps
from sluice.video import Status

CONTEXT = SimpleNamespace(aws_request_id="r-1")


@pytest.fixture(autouse=True)
def _home(story, monkeypatch):
    monkeypatch.setattr(lambdas, "_home", lambda: story.app)


def sqs(*bodies):
    """An event of SQS, its messages numbered from 0."""
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


def failed(result):
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def test_a_poison_record_is_given_back_and_the_others_are_done(story):
    first, second = story.ticket(title="A film"), story.ticket(title="Another")
    story.upload(first)
    story.upload(second)

    event = sqs(dumps(SourceArrived(first.id)), '{"poison": 1}', dumps(SourceArrived(second.id)))

    assert failed(lambdas.sources(event, CONTEXT)) == ["1"]
    assert [story.video(one).status for one in (first, second)] == [Status.PROCESSING, Status.PROCESSING]


def test_what_could_not_be_done_now_is_given_back(story):
    video = story.ticket(title="A film")
    story.upload(video)
    story.verdict = Unavailable("the storage is away")

    assert failed(lambdas.sources(sqs(dumps(SourceArrived(video.id))), CONTEXT)) == ["0"]


def test_news_that_mean_nothing_to_us_are_done(story):
    assert (
        failed(lambdas.encodes(sqs('{"source": "aws.mediaconvert", "detail": {"status": "COMPLETE"}}'), CONTEXT)) == []
    )


def test_a_task_is_done(story):
    video = story.ticket(title="A film")
    story.upload(video)
    library.delete(story.app, video.owner, video.id)

    assert failed(lambdas.tasks(sqs(dumps(VideoDeleted(video.id))), CONTEXT)) == []
    assert story.objects(video) == []


def test_the_sweep_tells_how_many_were_due_and_how_many_stay_overdue(story, monkeypatch, caplog):
    helped, stuck = story.ticket(title="A film"), story.ticket(title="Another")
    story.move(seconds=61)
    real = type(story.app.sources).head
    monkeypatch.setattr(type(story.app.sources), "head", _failing_for(stuck.id, real))

    with caplog.at_level("INFO"):
        swept = lambdas.sweep({"detail-type": "Scheduled Event"}, CONTEXT)

    assert swept == {"due": 2, "overdue": 1}
    assert caplog.records[-1].told == {"due": 2, "overdue": 1}
    assert story.video(helped).due_at > story.now > story.video(stuck).due_at


@pytest.fixture
def root():
    """The root logger, which is put back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.mark.parametrize("level", ["INFO", "ERROR"])
def test_what_the_alarm_counts_is_written_at_every_level(level, root, capsys):
    lambda_logs.install(level)

    lambdas.sweep({"detail-type": "Scheduled Event"}, CONTEXT)

    assert json.loads(capsys.readouterr().out)["overdue"] == 0


def _failing_for(key, real):
    def head(objects, asked):
        if asked == key:
            raise Unavailable("the storage is away")
        return real(objects, asked)

    return head


def test_results_are_json():
    assert json.loads(json.dumps(lambdas.tasks(sqs("poison"), CONTEXT))) == {
        "batchItemFailures": [{"itemIdentifier": "0"}]
    }
