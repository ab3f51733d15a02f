"""What the storage takes of browsers and of stock boto3, and what it answers."""

import hashlib
import logging
import tracemalloc
from xml.etree import ElementTree

import pytest
import requests
from flask.testing import FlaskClient

from sluice.errors import Unavailable
from tests.api.storage.conftest import BODY, KEY, Place, multipart, part, send, stock, stream, ticket, upload


def test_an_upload_is_stored_with_its_owner(place: Place, client: FlaskClient) -> None:
    answer = upload(client, ticket(place))
    head = place.raw.head(KEY)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["ETag"] == f'"{hashlib.md5(BODY).hexdigest()}"'
    assert place.raw.read(KEY) == BODY
    assert head is not None
    assert head.metadata == {"user-id": "ann"}
    assert place.arrivals == [("raw", KEY)]


def test_what_requests_encodes_is_taken(place: Place, client: FlaskClient) -> None:
    prepared = requests.Request("POST", "http://x/", data=ticket(place), files={"file": ("a b.mp4", BODY)}).prepare()
    assert isinstance(prepared.body, bytes)
    answer = send(client, prepared.body, content_type=prepared.headers["Content-Type"])
    assert answer.status_code == 204
    assert place.raw.read(KEY) == BODY


def test_a_form_that_outsiders_signed_is_taken_for_any_key(place: Place, client: FlaskClient) -> None:
    assert upload(client, stock("folder/other.bin")).status_code == 204
    assert place.raw.read("folder/other.bin") == BODY


def test_every_part_may_have_a_file_name(place: Place, client: FlaskClient) -> None:
    fields = b"".join(part(name, value.encode(), '; filename="x"') for name, value in ticket(place).items())
    answer = send(client, fields + part("file", BODY) + b"--bnd--\r\n")
    assert answer.status_code == 204
    assert place.raw.read(KEY) == BODY


def test_field_names_are_taken_in_any_case(place: Place, client: FlaskClient) -> None:
    answer = upload(client, {name.upper(): value for name, value in ticket(place).items()})
    assert answer.status_code == 204


def test_the_file_name_is_put_into_the_key(place: Place, client: FlaskClient) -> None:
    fields = stock("films/${filename}")
    answer = send(client, multipart(fields, filename="/home/ann/films/one.mp4"))
    assert answer.status_code == 204
    assert place.raw.read("films/one.mp4") == BODY


def test_fields_after_the_file_are_ignored(place: Place, client: FlaskClient) -> None:
    after = part("key", b"other") + part("acl", b"public-read") + b"--bnd--\r\n"
    assert send(client, multipart(ticket(place), after=after)).status_code == 204
    assert place.stored() == [KEY]


def test_fields_to_be_ignored_are(place: Place, client: FlaskClient) -> None:
    assert upload(client, {**ticket(place), "x-ignore-me": "x"}).status_code == 204


@pytest.mark.parametrize(("wanted", "status"), [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("x", 204)])
def test_the_form_chooses_its_status(client: FlaskClient, wanted: str, status: int) -> None:
    named = {"success_action_status": wanted}
    assert upload(client, stock(fields=named, conditions=[named])).status_code == status


def test_a_201_tells_what_was_made(client: FlaskClient) -> None:
    named = {"success_action_status": "201"}
    answer = upload(client, stock("a&b", fields=named, conditions=[named]))
    tree = ElementTree.fromstring(answer.data)
    assert tree.tag == "PostResponse"
    assert (tree.findtext("Bucket"), tree.findtext("Key")) == ("raw", "a&b")
    assert tree.findtext("ETag") == answer.headers["ETag"]
    assert tree.findtext("Location") == "http://localhost/storage/raw/a%26b"


def test_a_redirect_is_not_followed(client: FlaskClient) -> None:
    named = {"success_action_redirect": "https://elsewhere.example/"}
    answer = upload(client, stock(fields=named, conditions=[named]))
    assert answer.status_code == 204


def test_an_empty_file_is_taken_where_the_policy_allows_it(place: Place, client: FlaskClient) -> None:
    assert upload(client, stock(), b"").status_code == 204
    assert place.raw.read(KEY) == b""


def test_an_upload_is_a_success_even_if_it_can_not_be_announced(
    place: Place, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise Unavailable("the queue is away")

    place.arrived = fail
    with caplog.at_level(logging.ERROR):
        assert upload(client, ticket(place)).status_code == 204
    assert "not announced" in caplog.text


def test_a_file_that_is_a_video_s_is_logged_by_its_id(
    place: Place, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="sluice.api.storage"):
        upload(client, stock(KEY))
        upload(client, stock("films/a"))
    assert [message.partition(" ")[2] for message in caplog.messages] == [
        f"bucket=raw video={KEY} stored bytes={len(BODY)}",
        f"bucket=raw key=films/a stored bytes={len(BODY)}",
    ]


class Zeros:
    """A large body that is made as it is read."""

    def __init__(self, before: bytes, size: int, after: bytes) -> None:
        self._pieces = iter([before, *[bytes(1 << 16)] * (size >> 16), after])
        self._left = b""

    def read(self, size: int, /) -> bytes:
        self._left = self._left or next(self._pieces, b"")
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def test_a_large_file_is_never_whole_in_memory(place: Place, client: FlaskClient) -> None:
    before, after = multipart(ticket(place, max_bytes=40 << 20)).split(BODY)
    size = 30 << 20
    tracemalloc.start()
    answer = stream(client, Zeros(before, size, after), len(before) + size + len(after))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    head = place.raw.head(KEY)
    assert answer.status_code == 204
    assert head is not None
    assert head.size == size
    assert peak < 8 << 20
