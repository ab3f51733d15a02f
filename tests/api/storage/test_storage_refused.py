"""What the storage refuses: forms that somebody changed, cut off or made too large."""

import io
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.api.storage.conftest import KEY, Place, multipart, part, send, stock, stream, ticket, told, upload, utc_now


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
