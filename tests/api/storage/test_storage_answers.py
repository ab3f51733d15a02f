"""What the storage answers when it is not about the form: its video, the machine, the address."""

import io
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from sluice.adapters.local.durable import DiskFull
from sluice.errors import Unavailable
from tests.api.storage.conftest import BODY, KEY, Place, multipart, stock, stream, ticket, told, upload


def test_a_key_that_takes_no_more_is_refused_before_the_file_is_read(place: Place, client: FlaskClient) -> None:
    upload(client, ticket(place), b"first")
    place.may_arrive = lambda: False
    assert told(upload(client, ticket(place), b"second")) == (412, "PreconditionFailed")
    assert place.raw.read(KEY) == b"first"
    assert place.arrivals == [("raw", KEY)]


def test_a_key_that_was_taken_meanwhile_is_refused_in_the_end(place: Place, client: FlaskClient) -> None:
    answers = iter([True, False])
    place.may_arrive = lambda: next(answers)
    assert told(upload(client, ticket(place))) == (412, "PreconditionFailed")
    assert place.files() == []
    assert place.arrivals == []


def test_a_disk_without_room_refuses_early(place: Place, client: FlaskClient) -> None:
    named = [["content-length-range", 0, 1 << 50]]
    answer = stream(client, io.BytesIO(multipart(stock(conditions=named))), 1 << 49)
    assert told(answer) == (507, "InsufficientStorage")
    assert place.files() == []


def test_a_disk_that_fills_up_leaves_nothing(
    place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFull("full")

    monkeypatch.setattr(place.raw, "_place", full)
    assert told(upload(client, ticket(place))) == (507, "InsufficientStorage")
    assert place.stored() == []


def test_a_store_that_does_not_answer_is_503(place: Place, client: FlaskClient) -> None:
    def away() -> bool:
        raise Unavailable("locked")

    place.may_arrive = away
    assert told(upload(client, ticket(place))) == (503, "ServiceUnavailable")


def test_media_takes_no_uploads(client: FlaskClient) -> None:
    assert told(upload(client, stock(), bucket="media")) == (403, "AccessDenied")


def test_an_unknown_bucket_is_told(client: FlaskClient) -> None:
    assert told(upload(client, stock(), bucket="other")) == (404, "NoSuchBucket")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/storage/raw", f"/storage/raw/{KEY}", "/storage/"])
def test_nothing_is_read_or_removed_here(place: Place, client: FlaskClient, method: str, path: str) -> None:
    place.raw.put(KEY, BODY, "")
    assert told(client.open(path, method=method)) == (405, "MethodNotAllowed")
    assert place.raw.read(KEY) == BODY


def test_a_head_tells_nothing(client: FlaskClient) -> None:
    assert client.head(f"/storage/raw/{KEY}").status_code == 405


def test_a_preflight_lets_every_site_post(client: FlaskClient) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/storage/raw", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_every_site_may_read_the_answer(place: Place, client: FlaskClient) -> None:
    taken, refused = upload(client, ticket(place)), upload(client, {})
    assert taken.headers["Access-Control-Allow-Origin"] == refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in taken.headers["Access-Control-Expose-Headers"]


def test_an_error_can_not_carry_markup(client: FlaskClient) -> None:
    answer = upload(client, stock(fields={"<b>\x01": "x"}, conditions=[]), bucket="raw")
    tree = ElementTree.fromstring(answer.data)
    assert "<b>" in (tree.findtext("Message") or "")
    assert tree.findtext("Resource") == "/storage/raw"
    assert tree.findtext("RequestId")
