"""What every encoder keeps to, before anything is encoded. Another adapter joins by a fixture of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from sluice import layout
from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.mediaconvert import MediaConvertEncoder
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.aws.table import Table
from sluice.adapters.local.orders import LocalEncoder
from sluice.messages import EncodeLost
from sluice.ports import App, Encoder, Objects
from sluice.settings import Settings
from sluice.wiring.local import local_home
from tests.making import NOW
from tests.orders import ORDER
from tests.rehearsal.mediaconvert import MediaConvert, serving

NEXT = replace(ORDER, attempt=2)


@pytest.fixture
def home(tmp_path: Path) -> App:
    return local_home(Settings(data=tmp_path), now=lambda: NOW).app


@pytest.fixture
def local(home: App) -> Encoder:
    assert isinstance(home.encoder, LocalEncoder)
    return home.encoder


@pytest.fixture
def aws(
    clients: Clients, table: Table, now: Callable[[], datetime], media: Objects, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Encoder]:
    with serving(MediaConvert(clients, lambda event: None, idle=True)) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_MEDIACONVERT", address)
        queue = clients("mediaconvert").create_queue(Name="sluice")["Queue"]["Arn"]
        places = {"role": "arn:role", "queue": queue, "sources_bucket": "raw", "media_bucket": "media"}
        yield MediaConvertEncoder(clients, table, media=media, now=now, **places)


@pytest.fixture
def media(clients: Clients) -> Objects:
    clients("s3").create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return S3Objects(clients, "media")


@pytest.fixture(params=["local", "aws"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    made: Encoder = request.getfixturevalue(request.param)
    return made


def test_the_same_order_twice_is_one_job(encoder: Encoder) -> None:
    assert encoder.submit(ORDER) == encoder.submit(ORDER)


def test_another_attempt_is_another_job(encoder: Encoder) -> None:
    assert encoder.submit(ORDER) != encoder.submit(NEXT)


def test_a_job_that_waits_has_no_end(encoder: Encoder) -> None:
    job = encoder.submit(ORDER)

    assert encoder.end_of(ORDER.video_id, 1, job) is None


def test_a_job_that_ended_does_not_wait_for_its_turn(encoder: Encoder) -> None:
    job = encoder.submit(ORDER)
    encoder.cancel(job)

    assert not encoder.waits(job)


def test_a_cancelled_job_has_an_end_and_can_be_cancelled_again(encoder: Encoder) -> None:
    job = encoder.submit(ORDER)
    encoder.cancel(job)
    encoder.cancel(job)

    assert encoder.end_of(ORDER.video_id, 1, job) is not None


def test_cancelling_one_attempt_leaves_the_other(encoder: Encoder) -> None:
    first, second = encoder.submit(ORDER), encoder.submit(NEXT)
    encoder.cancel(first)

    assert encoder.end_of(ORDER.video_id, 2, second) is None


def test_a_job_is_cancelled_by_whoever_knows_only_what_was_ordered(encoder: Encoder) -> None:
    first, second = encoder.submit(ORDER), encoder.submit(NEXT)
    encoder.cancel_order(ORDER.video_id, 1)
    encoder.cancel_order(ORDER.video_id, 1)

    assert encoder.end_of(ORDER.video_id, 1, first) is not None
    assert encoder.end_of(ORDER.video_id, 2, second) is None


def test_where_nothing_was_ordered_there_is_nothing_to_cancel(encoder: Encoder) -> None:
    encoder.cancel_order(ORDER.video_id, 1)

    assert encoder.end_of(ORDER.video_id, 1, encoder.submit(ORDER)) is None


def test_a_job_that_nobody_knows_was_lost(encoder: Encoder) -> None:
    encoder.cancel("never-was")

    assert encoder.end_of(ORDER.video_id, 1, "never-was") == EncodeLost(ORDER.video_id, 1)


@pytest.mark.parametrize(("name", "bucket"), [("local", "home"), ("aws", "media")])
def test_where_nothing_was_encoded_there_is_nothing_to_arrange(
    name: str, bucket: str, request: pytest.FixtureRequest
) -> None:
    encoder, made = request.getfixturevalue(name), request.getfixturevalue(bucket)
    objects = made.media if isinstance(made, App) else made
    encoder.arrange(ORDER.video_id, 1, ORDER.facts)

    assert list(objects.list(layout.video_prefix(ORDER.video_id))) == []
