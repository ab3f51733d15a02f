"""Where browsers send their files: forms signed by stock boto3, and everything somebody might do to them."""

import hashlib
import io
import json
import logging
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sluice.adapters.local.durable import DiskFull
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.forms import LocalForms
from sluice.api import storage
from sluice.api.multipart_upload import MultipartUpload, Readable
from sluice.errors import Unavailable
from sluice.ports import Form
from tests.stock_s3 import KEY as STORAGE_KEY
from tests.stock_s3 import s3_client

KEY = "01JD0000000000000000000001"
BODY = b"\x00\x01 a film \r\n--not the boundary\r\n \xff"
CLIENT = s3_client()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Place:
    """The storage as a test sees it: its objects, what arrived, and what it is told."""

    def __init__(self, folder: Path) -> None:
        signer = LocalForms("raw", "/storage/raw", STORAGE_KEY, now=utc_now)
        self.folder = folder
        self.raw = LocalObjects(folder, forms=signer)
        self.arrivals: list[tuple[str, str]] = []
        self.may_arrive: Callable[[], bool] = lambda: True
        self.arrived: Callable[[], None] = lambda: None
        self.now = utc_now
        self.client = self._app().test_client()

    def _app(self) -> Flask:
        app = Flask("test")
        app.config["MAX_CONTENT_LENGTH"] = 1000
        routes = storage.blueprint(
            {"raw": self.raw},
            STORAGE_KEY,
            may_arrive=lambda bucket, key: self.may_arrive(),
            arrived=self._arrived,
            now=lambda: self.now(),
        )
        app.register_blueprint(routes)
        return app

    def _arrived(self, bucket: str, key: str) -> None:
        self.arrivals.append((bucket, key))
        self.arrived()

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.name[0] != ".")

    def stored(self) -> list[str]:
        return [name for name in self.files() if not name.startswith(".metadata/")]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "raw")


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return place.client


def ticket(place: Place, max_bytes: int = 1000) -> dict[str, str]:
    expires_at = utc_now() + timedelta(hours=1)
    form: Form = place.raw.upload_form(KEY, {"user-id": "ann"}, max_bytes=max_bytes, expires_at=expires_at)
    return dict(form.fields)


def stock(key: str = KEY, fields: dict[str, str] | None = None, conditions: list[Any] | None = None) -> dict[str, str]:
    """A form of somebody who has the storage keys and boto3."""
    made: dict[str, str] = CLIENT.generate_presigned_post("raw", key, Fields=fields, Conditions=conditions)["fields"]
    return made


def part(name: str, value: bytes, extra: str = "") -> bytes:
    return f'--bnd\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"


def multipart(
    fields: dict[str, str], body: bytes = BODY, after: bytes = b"--bnd--\r\n", filename: str = "f.mp4"
) -> bytes:
    before = b"".join(part(name, value.encode()) for name, value in fields.items())
    return before + part("file", body, f'; filename="{filename}"') + after


def send(client: FlaskClient, body: bytes, bucket: str = "raw", **more: Any) -> TestResponse:
    kind = more.pop("content_type", "multipart/form-data; boundary=bnd")
    return client.post(f"/storage/{bucket}", data=body, content_type=kind, buffered=True, **more)


def upload(client: FlaskClient, fields: dict[str, str], body: bytes = BODY, **more: Any) -> TestResponse:
    return send(client, multipart(fields, body), **more)


def stream(client: FlaskClient, body: Readable, length: int) -> TestResponse:
    """Send as the real server hands a body over."""
    given = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(length)}
    given["CONTENT_TYPE"] = "multipart/form-data; boundary=bnd"
    return client.post("/storage/raw", environ_overrides=given, buffered=True)


def told(answer: TestResponse) -> tuple[int, str | None]:
    assert answer.mimetype == "application/xml"
    return answer.status_code, ElementTree.fromstring(answer.data).findtext("Code")


# --- what is taken ----------------------------------------------------------------------------------------------------


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


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["key", "x-amz-meta-user-id", "policy", "x-amz-signature", "x-amz-date"])
def test_a_changed_field_is_refused(place: Place, client: FlaskClient, field: str) -> None:
    fields = ticket(place)
    other = "1" if fields[field].endswith("0") else "0"
    answer = upload(client, {**fields, field: fields[field][:-1] + other})
    assert answer.status_code == 403
    assert place.files() == []


@pytest.mark.parametrize("field", ["x-amz-meta-user-id", "policy", "x-amz-signature", "x-amz-credential"])
def test_a_missing_field_is_refused(place: Place, client: FlaskClient, field: str) -> None:
    fields = ticket(place)
    del fields[field]
    assert told(upload(client, fields)) == (403, "AccessDenied")
    assert place.files() == []


def test_a_form_without_key_is_refused(place: Place, client: FlaskClient) -> None:
    fields = ticket(place)
    del fields["key"]
    assert told(upload(client, fields)) == (400, "InvalidArgument")


def test_a_key_after_the_file_is_no_key(place: Place, client: FlaskClient) -> None:
    fields = ticket(place)
    del fields["key"]
    after = part("key", KEY.encode()) + b"--bnd--\r\n"
    assert send(client, multipart(fields, after=after)).status_code == 400
    assert place.files() == []


def test_a_widened_policy_is_refused(place: Place, client: FlaskClient) -> None:
    fields = ticket(place)
    policy = json.loads(b64decode(fields["policy"]))
    policy["conditions"] = [one for one in policy["conditions"] if isinstance(one, dict)]
    fields["policy"] = b64encode(json.dumps(policy).encode()).decode()
    assert told(upload(client, fields)) == (403, "SignatureDoesNotMatch")


def test_an_expired_form_is_refused(place: Place, client: FlaskClient) -> None:
    fields = ticket(place)
    place.now = lambda: utc_now() + timedelta(hours=2)
    assert told(upload(client, fields)) == (403, "AccessDenied")
    assert place.files() == []


def test_an_unsigned_field_is_refused(place: Place, client: FlaskClient) -> None:
    assert told(upload(client, {**ticket(place), "x-amz-meta-admin": "1"})) == (403, "AccessDenied")


def test_a_duplicate_field_is_refused(place: Place, client: FlaskClient) -> None:
    answer = send(client, part("KEY", KEY.encode()) + multipart(ticket(place)))
    assert told(answer) == (400, "InvalidArgument")
    assert place.files() == []


def test_a_second_file_is_refused(place: Place, client: FlaskClient) -> None:
    after = part("File", b"another", '; filename="g"') + b"--bnd--\r\n"
    assert told(send(client, multipart(ticket(place), after=after))) == (400, "InvalidArgument")
    assert place.files() == []


def test_a_form_without_file_is_refused(place: Place, client: FlaskClient) -> None:
    body = b"".join(part(name, value.encode()) for name, value in ticket(place).items()) + b"--bnd--\r\n"
    assert told(send(client, body)) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("size", "answer"),
    [(0, (400, "EntityTooSmall")), (1001, (400, "EntityTooLarge")), (3_000_000, (400, "EntityTooLarge"))],
)
def test_the_size_is_enforced(place: Place, client: FlaskClient, size: int, answer: tuple[int, str]) -> None:
    assert told(upload(client, ticket(place), b"x" * size)) == answer
    assert place.files() == []


@pytest.mark.parametrize("size", [1, 1000])
def test_the_limits_themselves_are_allowed(place: Place, client: FlaskClient, size: int) -> None:
    assert upload(client, ticket(place), b"x" * size).status_code == 204


@pytest.mark.parametrize("key", ["../x", "/etc/x", "a/../../x", ".hidden", "a\\b", "x" * 1025, "a//b", "a\0b"])
def test_a_key_that_is_not_safe_is_refused(place: Place, client: FlaskClient, key: str) -> None:
    assert told(upload(client, stock(key))) == (400, "InvalidArgument")
    assert place.files() == []


def test_a_file_name_can_not_lead_out(place: Place, client: FlaskClient) -> None:
    fields = stock("films/${filename}")
    assert send(client, multipart(fields, filename="../../x")).status_code == 204
    assert place.raw.head("films/x") is not None
    assert told(send(client, multipart(fields, filename=".."))) == (400, "InvalidArgument")


def test_too_much_metadata_is_refused(client: FlaskClient) -> None:
    named = {"x-amz-meta-novel": "x" * 2049}
    assert told(upload(client, stock(fields=named, conditions=[named]))) == (400, "MetadataTooLarge")


def test_another_kind_of_body_is_refused(client: FlaskClient) -> None:
    assert told(send(client, b"{}", content_type="application/json")) == (412, "PreconditionFailed")
    assert told(client.post("/storage/raw")) == (412, "PreconditionFailed")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 201}"]
)
def test_a_form_without_a_usable_boundary_is_refused(client: FlaskClient, kind: str) -> None:
    assert told(send(client, b"--bnd--", content_type=kind)) == (400, "MalformedPOSTRequest")


@pytest.mark.parametrize(
    "body",
    [
        b"nothing of the kind",
        b"--bnd\r\n\r\nno headers\r\n--bnd--\r\n",
        b"--bnd\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--bnd--\r\n",
        b'--bnd\r\nContent-Disposition: form-data; name="a\xff"\r\n\r\nx\r\n--bnd--\r\n',
        part("a", b"\xff") + b"--bnd--\r\n",
        part("a", b"cut off")[:-4],
    ],
)
def test_a_body_that_is_no_form_is_refused(client: FlaskClient, body: bytes) -> None:
    assert told(send(client, body)) == (400, "MalformedPOSTRequest")


@pytest.mark.parametrize(
    "body",
    [
        part("a", b"x" * 100_000) + b"--bnd--\r\n",
        b"x" * 100_000,
        b"--bnd\r\nX: " + b"x" * 100_000,
        b"".join(part(f"x-ignore-{number}", b"x" * 100) for number in range(1000)) + b"--bnd--\r\n",
    ],
)
def test_what_stands_before_the_file_is_bounded(client: FlaskClient, body: bytes) -> None:
    assert told(send(client, body)) in [(400, "MaxPostPreDataLengthExceeded"), (400, "MalformedPOSTRequest")]


def test_what_stands_after_the_file_is_bounded(place: Place, client: FlaskClient) -> None:
    answer = send(client, multipart(stock(), after=part("a", b"x" * 2_000_000) + b"--bnd--\r\n"))
    assert told(answer) == (400, "MaxPostPreDataLengthExceeded")
    assert place.files() == []


@pytest.mark.parametrize("after", [b"", b"--bn", b"--bnd", b"--bnd-", part("a", b"x")])
def test_a_form_that_is_cut_off_is_not_stored(place: Place, client: FlaskClient, after: bytes) -> None:
    assert told(send(client, multipart(ticket(place), after=after))) == (400, "MalformedPOSTRequest")
    assert place.files() == []


class Broken:
    """A body whose sender goes away, or stalls, after these bytes."""

    def __init__(self, body: bytes, error: OSError | None) -> None:
        self._body = io.BytesIO(body)
        self._error = error

    def read(self, size: int, /) -> bytes:
        piece = self._body.read(size)
        if not piece and self._error:
            raise self._error
        return piece


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, "MalformedPOSTRequest"),
        (ConnectionResetError(), "MalformedPOSTRequest"),
        (TimeoutError(), "RequestTimeout"),
    ],
)
def test_nothing_stays_of_a_sender_that_went_away(
    place: Place, client: FlaskClient, error: OSError | None, code: str
) -> None:
    body = multipart(stock(), b"x" * 600_000)
    answer = stream(client, Broken(body[:500_000], error), len(body))
    assert told(answer) == (400, code)
    assert place.files() == []


def test_a_form_is_judged_before_its_file_is_read(place: Place, client: FlaskClient) -> None:
    fields = {**ticket(place), "x-amz-meta-user-id": "bob"}
    body = io.BytesIO(multipart(fields, b"x" * 1_000_000))
    when_judged: list[int] = []

    def now() -> datetime:
        when_judged.append(body.tell())
        return utc_now()

    place.now = now
    answer = stream(client, body, 1_000_000)
    assert told(answer) == (403, "AccessDenied")
    assert when_judged == [16 << 10]


def test_the_sender_of_a_refused_file_is_heard_out(client: FlaskClient) -> None:
    body = io.BytesIO(multipart({}, b"x" * 1_000_000))
    length = len(body.getvalue())
    assert told(stream(client, body, length)) == (400, "InvalidArgument")
    assert body.tell() == length


# --- the state of its video -------------------------------------------------------------------------------------------


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


# --- when the machine fails -------------------------------------------------------------------------------------------


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


# --- the rest of the address ------------------------------------------------------------------------------------------


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


# --- the body ---------------------------------------------------------------------------------------------------------


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


class Given:
    """A body that comes in these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, size: int, /) -> bytes:
        return next(self._pieces, b"")


WHOLE = part("a", b"one") + part("file", BODY, '; filename="f"') + part("b", b"two") + b"--bnd--\r\n"


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_it_does_not_matter_how_a_form_is_cut_into_pieces(cut: int) -> None:
    form = MultipartUpload(Given([WHOLE[:cut], WHOLE[cut:]]), b"bnd")
    assert form.fields() == {"a": "one"}
    assert b"".join(form.pieces()) == BODY


# Whatever begins as a delimiter does, beside what only looks like one.
NEARLY = b"".join([BODY, b"\r\r\n", b"x--bnd", b"\r\n--bn", b"\n--b\r", b"d\r\n-", b"\r\n--b\r\n", b"x" * 50, b"\n"])


@pytest.mark.parametrize("length", range(1, 120))
def test_what_is_nearly_a_delimiter_is_content_wherever_a_piece_ends(length: int) -> None:
    whole = part("file", NEARLY, '; filename="f"') + part("b", b"two") + b"--bnd--\r\n"
    form = MultipartUpload(Given([whole[at : at + length] for at in range(0, len(whole), length)]), b"bnd")
    form.fields()
    assert b"".join(form.pieces()) == NEARLY


def test_a_piece_without_any_delimiter_is_passed_on_as_it_came() -> None:
    pieces = [
        part("file", b"", '; filename="f"')[:-2] + b"it begins ",
        content := bytes(range(256)) * 4,
        b"\r\n--bnd--\r\n",
    ]
    form = MultipartUpload(Given(pieces), b"bnd")
    form.fields()
    assert any(piece is content for piece in form.pieces())
