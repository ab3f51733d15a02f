"""Parts of files, and conditions on which they are served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sluice.adapters.local.files import LocalObjects
from sluice.api import media

KEY = "media/01JD0000000000000000000001/1/720/00000.m4s"
SEGMENT = bytes(range(100))


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    objects = LocalObjects(tmp_path / "media", prefix="media/")
    objects.put(KEY, SEGMENT, "")
    return objects


@pytest.fixture
def client(objects: LocalObjects) -> Iterator[FlaskClient]:
    app = Flask("test")
    app.register_blueprint(media.blueprint(objects, lambda video_id, pass_: True))
    with app.test_client() as client:
        yield client


def fetch(client: FlaskClient, **headers: str) -> TestResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/{KEY}", headers=given, buffered=True)


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [
        ("bytes=0-9", SEGMENT[:10], "bytes 0-9/100"),
        ("bytes=90-", SEGMENT[90:], "bytes 90-99/100"),
        ("bytes=90-1000", SEGMENT[90:], "bytes 90-99/100"),
        ("bytes=-10", SEGMENT[90:], "bytes 90-99/100"),
        ("bytes=-100", SEGMENT, "bytes 0-99/100"),
        ("bytes=5-5", SEGMENT[5:6], "bytes 5-5/100"),
    ],
)
def test_a_part_is_served(client: FlaskClient, asked: str, part: bytes, told: str) -> None:
    answer = fetch(client, Range=asked)
    assert (answer.status_code, answer.data) == (206, part)
    assert answer.headers["Content-Range"] == told
    assert answer.headers["Content-Length"] == str(len(part))


@pytest.mark.parametrize(
    "asked", ["bytes=100-", "bytes=1000-2000", "bytes=100-,200-300", "bytes=100-199,200-300", "bytes=-0"]
)
def test_a_part_that_is_not_there_is_416(client: FlaskClient, asked: str) -> None:
    answer = fetch(client, Range=asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */100"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=0-1,500-", "bytes=9-0", "bytes=-101", "bytes=100-,a"])
def test_several_parts_and_more_than_all_get_the_whole(client: FlaskClient, asked: str) -> None:
    answer = fetch(client, Range=asked)
    assert (answer.status_code, answer.data) == (200, SEGMENT)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["lines=1-2", "nonsense", "bytes=a-b", "bytes=", "bytes=-", f"bytes={'9' * 5000}-"])
def test_what_is_no_part_gets_the_whole(client: FlaskClient, asked: str) -> None:
    answer = fetch(client, Range=asked)
    assert (answer.status_code, answer.data) == (200, SEGMENT)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-,200-300", "bytes=100-199,200-300", "bytes=-0"])
def test_of_another_version_no_part_is_missing(client: FlaskClient, asked: str) -> None:
    assert fetch(client, Range=asked, If_Range='"other"').data == SEGMENT


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    etag = fetch(client).headers["ETag"]
    answer = fetch(client, If_None_Match=etag)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert not etag.startswith("W/")


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=100-", "bytes=-0"])
def test_of_an_unchanged_file_no_part_is_sent_again_either(client: FlaskClient, asked: str) -> None:
    assert fetch(client, If_None_Match=fetch(client).headers["ETag"], Range=asked).status_code == 304


def test_an_unchanged_file_is_known_by_its_date_too(client: FlaskClient) -> None:
    modified = fetch(client).headers["Last-Modified"]
    assert fetch(client, If_Modified_Since=modified).status_code == 304


def test_a_replaced_file_of_the_same_size_has_another_etag(client: FlaskClient, objects: LocalObjects) -> None:
    etag = fetch(client).headers["ETag"]
    objects.put(KEY, SEGMENT[::-1], "")
    answer = fetch(client, If_None_Match=etag)
    assert (answer.status_code, answer.data) == (200, SEGMENT[::-1])


def test_a_part_of_another_version_is_not_mixed_in(client: FlaskClient) -> None:
    etag = fetch(client).headers["ETag"]
    assert fetch(client, Range="bytes=0-9", If_Range=etag).status_code == 206
    assert fetch(client, Range="bytes=0-9", If_Range='"other"').data == SEGMENT


def test_a_part_of_something_alike_is_not_mixed_in(client: FlaskClient) -> None:
    etag = fetch(client).headers["ETag"]
    assert fetch(client, Range="bytes=0-9", If_Range=f"W/{etag}").data == SEGMENT


@pytest.mark.parametrize("part", [{}, {"Range": "bytes=0-9"}])
@pytest.mark.parametrize(
    "condition", [{"If_Match": '"other"'}, {"If_Unmodified_Since": "Sun, 22 Nov 2020 12:00:00 GMT"}]
)
def test_nothing_of_a_file_that_is_not_the_one_any_more(
    client: FlaskClient, part: dict[str, str], condition: dict[str, str]
) -> None:
    answer = fetch(client, **part, **condition)
    assert (answer.status_code, SEGMENT[:10] in answer.data) == (412, False)


def test_what_is_still_the_one_is_served(client: FlaskClient) -> None:
    first = fetch(client)
    assert fetch(client, If_Match=first.headers["ETag"], Range="bytes=0-9").status_code == 206
    star = fetch(client, If_Match="*", If_Unmodified_Since="Sun, 22 Nov 2020 12:00:00 GMT")
    assert (star.status_code, star.data) == (200, SEGMENT)
    assert fetch(client, If_Unmodified_Since=first.headers["Last-Modified"]).data == SEGMENT


def test_a_head_has_the_headers_alone(client: FlaskClient) -> None:
    answer = client.head(f"/{KEY}", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == "100"
    assert answer.headers["Accept-Ranges"] == "bytes"
