"""The function that looks into uploads, run as Lambda runs it: the layers' own programs, reading S3 over loopback."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sluice.adapters.aws.dynamo import DynamoVideos
from sluice.adapters.aws.table import Table
from sluice.video import Status
from tests.e2e.encoding import AAC, X264, make, picture, tone
from tests.making import ANN, a_video, an_id
from tests.packages import the_package
from tests.rehearsal.account import an_account
from tests.rehearsal.lambda_box import Function, LambdaBox, unpack
from tests.rehearsal.mediaconvert import MediaConvert, serving

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def account():
    with an_account() as account:
        yield account


@pytest.fixture(scope="module")
def encoder(account):
    """Where orders go; nobody listens to what becomes of them."""
    with serving(MediaConvert(account.client, lambda event: None)) as address:
        replace(account, endpoint=address).client("mediaconvert").create_queue(Name="encodes")
        yield address


@pytest.fixture(scope="module")
def sources(account, encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    function = Function("sluice-sources", "sluice.entry.lambdas.sources", account.settings, 1024, 120, layer=True)
    surroundings = {"AWS_ENDPOINT_URL": account.endpoint, "AWS_ENDPOINT_URL_MEDIACONVERT": encoder}
    with LambdaBox(unpack(the_package(), folder), function, folder / "log", **surroundings) as box:
        yield box


@pytest.fixture
def videos(account):
    """The rows, as another program sees them."""
    return DynamoVideos(Table(account.client, account.settings["SLUICE_TABLE"]), lambda: datetime.now(UTC))


@pytest.fixture
def upload(account, videos, sources):
    """Uploads a file as the n-th video; the row once the function was told of it."""

    def upload(number, file):
        videos.add(a_video(number, title="A film"))
        bucket = account.settings["SLUICE_RAW_BUCKET"]
        account.client("s3").upload_file(str(file), bucket, an_id(number), ExtraArgs={"Metadata": {"user-id": ANN}})
        record = {
            "eventName": "ObjectCreated:Post",
            "s3": {"bucket": {"name": bucket}, "object": {"key": an_id(number)}},
        }
        result = sources.invoke({"Records": [{"messageId": "m1", "body": json.dumps({"Records": [record]})}]})
        assert result == {"batchItemFailures": []}, sources.lines()
        return videos.get(an_id(number))

    return upload


def test_a_film_is_looked_into_and_its_encode_is_ordered(upload, tmp_path):
    video = upload(1, make(tmp_path / "film.mp4", *picture(3), *tone(4), *X264, *AAC))

    assert (video.status, video.attempt, video.job is None) == (Status.PROCESSING, 1, False)
    assert (video.facts.width, video.facts.height, video.facts.has_audio) == (640, 360, True)
    assert video.facts.duration_s == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(("number", "content"), [(2, b"This is no film.\n" * 100), (3, b"\0" * 5000)])
def test_what_is_no_film_is_refused_with_the_reason(upload, tmp_path, number, content):
    (tmp_path / "text.mp4").write_bytes(content)
    video = upload(number, tmp_path / "text.mp4")

    assert (video.status, video.failure.code) == (Status.FAILED, "not_a_video")


def test_half_a_film_is_refused_with_the_reason(upload, tmp_path):
    film = make(tmp_path / "film.mp4", *picture(3), *X264)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    video = upload(4, film)

    assert (video.status, video.failure.code) == (Status.FAILED, "damaged")
