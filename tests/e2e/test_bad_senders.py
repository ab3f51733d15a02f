"""Senders that break off, stall or send what is no HTTP body, over real sockets."""

import json
import socket
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest
import requests

from tests.e2e.running import until

pytestmark = pytest.mark.e2e

CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def ann(running):
    return running.user()


def answer_to(running, head, body, *, cut=False):
    """Status and text of the answer, for which the sender waits before it sends any more."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as sender:
        sender.sendall(head.encode() + b"\r\n" + body)
        if cut:
            sender.shutdown(socket.SHUT_WR)
        with HTTPResponse(sender) as answer:
            answer.begin()
            return answer.status, answer.read().decode()


def api_head(ann, extra):
    return (
        f"POST /api/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ann.token}\r\n"
        f"Content-Type: application/json\r\n{extra}"
    )


@pytest.mark.parametrize("body", [b"ZZ\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX0\r\n\r\n"])
def test_chunks_that_are_none_are_the_senders_fault(running, ann, body):
    cognito = "POST /cognito HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSCognitoIdentityProviderService.SignUp\r\n"
    storage = "POST /storage/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    answers = [answer_to(running, head + CHUNKED, body) for head in (api_head(ann, ""), cognito, storage)]
    assert [status for status, _ in answers] == [400, 400, 400]
    codes = ["malformed_json", "SerializationException", "MalformedPOSTRequest"]
    assert all(code in text for code, (_, text) in zip(codes, answers, strict=True))


def test_a_body_that_is_cut_off_is_not_taken(running, ann):
    status, text = answer_to(running, api_head(ann, "Content-Length: 500\r\n"), b'{"title":"cut"}', cut=True)
    assert status == 400
    assert "malformed_json" in text


def test_a_body_that_will_be_too_long_is_refused_before_it_comes(running, ann):
    cognito = "POST /cognito HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSCognitoIdentityProviderService.SignUp\r\n"
    length = "Content-Length: 999999999\r\n"
    answers = [answer_to(running, head + length, b"{") for head in (api_head(ann, ""), cognito)]
    assert [status for status, _ in answers] == [413, 400]


@pytest.mark.parametrize("how", ["Content-Length: 90000000\r\n", CHUNKED])
def test_a_forged_form_is_refused_before_its_file_comes(running, ann, how):
    ticket = ann.ticket(filename="film.mp4")
    fields = {**ticket["fields"], "x-amz-signature": "0" * 64}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    form = "".join([*parts, '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n']).encode()
    body = f"{len(form):x}\r\n".encode() + form + b"\r\n" if how == CHUNKED else form
    head = f"POST /storage/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n{how}"
    status, text = answer_to(running, head, body)
    assert status == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in text


GET = "GET /api/health HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("get /api/health HTTP/1.1\r\nHost: x\r\n", 400),
        ("GET /api/health\r\n", 400),
        ("GET /api/health HTTP/1.1\r\n", 400),
        (f"{GET}Host: y\r\n", 400),
        (f"{GET}X-A: one\r\n two\r\n", 400),
        (f"{GET}X-Request-Id: a\x00b\r\n", 400),
        (f"{GET}Content-Length: 2\r\nContent-Length: 3\r\n", 400),
        (f"{GET}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
        (f"{GET}Transfer-Encoding: xchunked\r\n", 501),
        (f"{GET}Expect: a-miracle\r\n", 417),
        (f"{GET}X-A: {'a' * 70_000}\r\n", 431),
        (GET + "".join(f"X-{number}: a\r\n" for number in range(200)), 431),
        (f"GET /{'a' * 9000} HTTP/1.1\r\nHost: x\r\n", 414),
    ],
)
def test_what_is_no_request_is_refused_in_our_words(running, head, status):
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as sender, HTTPResponse(sender) as answer:
        sender.sendall(head.encode() + b"\r\n")
        answer.begin()
        problem = json.loads(answer.read())
    assert (answer.status, problem["status"], answer.headers["Content-Type"]) == (
        status,
        status,
        "application/problem+json",
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "aaaa" not in problem["detail"]


@pytest.mark.parametrize("header", ["SCRIPT_NAME: /api", "PATH_INFO: /config.json", "X-Script-Name: /api"])
def test_no_header_leads_to_another_address(running, header):
    status, text = answer_to(running, f"{GET}{header}\r\n", b"")
    assert (status, text) == (200, '{"status":"ok"}')


@pytest.fixture
def connect(running):
    """Opens connections to the server that are closed with the test."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=60))


HEAD = b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: "
BUNDLE = b"GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"


def upload_of(ticket, size):
    """A form up to the first byte of its file."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in ticket]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx')
    head = "POST /storage/raw HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    return f"{head}Content-Length: {size}\r\n\r\n{''.join(parts)}".encode()


def test_slow_senders_and_readers_delay_nobody(running, ann, connect, clips):
    uploads = [upload_of(ann.ticket()["fields"].items(), 1_000_000) for _ in range(64)]
    patient = [*uploads, *[HEAD] * 64, *[BUNDLE * 20] * 64]
    held = [connect() for _ in patient]
    [one.sendall(beginning) for one, beginning in zip(held, patient, strict=True)]

    answers = [requests.get(f"{running.url}/api/videos", timeout=5) for _ in range(10)]
    assert max(answer.elapsed.total_seconds() for answer in answers) < 2
    assert ann.post_file(ann.ticket(), clips / "short.mp4").status_code == 204


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /cognito HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{",
    ],
)
def test_silent_senders_are_let_go(running, connect, beginning):
    sender = connect()
    sender.sendall(beginning)
    until(lambda: is_over(sender), 30, "it is let go")
    assert requests.get(f"{running.url}/api/health", timeout=5).ok


def is_over(sender):
    """Whether the server has answered or hung up."""
    sender.setblocking(False)
    try:
        sender.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
