"""Codes by mail: to a mail server that listens on this machine for the length of a test."""

import re
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cognito import ANN, PASSWORD, Refusal, Service


class MailServer(socketserver.ThreadingTCPServer):
    """Says yes to everything, and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.arrived = threading.Condition()
        self.letters: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def letter(self, number: int) -> str:
        """The letter of that number, as soon as it is there."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.letters) >= number, timeout=10)
            return self.letters[number - 1]


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self._take_letter()
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")

    def _take_letter(self) -> None:
        self.wfile.write(b"354 go on\r\n")
        lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
        with self.server.arrived:
            self.server.letters.append("".join(lines))
            self.server.arrived.notify_all()


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def service(tmp_path: Path, post: MailServer) -> Service:
    return Service(tmp_path, settings={"smtp_url": post.url})


def code_in(letter: str) -> str:
    match = re.search(r"Your code is (\d{6})", letter)
    assert match
    return match[1]


def test_the_code_comes_by_mail_and_confirms(service: Service, post: MailServer) -> None:
    service.sign_up()
    letter = post.letter(1)
    assert f"To: {ANN}" in letter
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code_in(letter))
    assert service.sign_in()["AccessToken"]


def test_a_reset_code_comes_by_mail_too(service: Service, post: MailServer) -> None:
    service.sign_up()
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code_in(post.letter(1)))
    service.ask("ForgotPassword", Username=ANN)
    answers = {"Username": ANN, "ConfirmationCode": code_in(post.letter(2)), "Password": "Another-horse-8"}
    assert service.ask("ConfirmForgotPassword", **answers) == {}


def test_no_readable_code_is_kept_where_mail_goes_out(service: Service, post: MailServer) -> None:
    service.sign_up()
    assert service.identity.outbox() == []


def test_the_log_does_not_tell_codes_that_went_out(
    service: Service, post: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "sluice.identity")
    service.sign_up()
    assert code_in(post.letter(1)) not in caplog.text


def test_a_mail_server_that_is_down_is_told_and_a_resend_makes_up_for_it(tmp_path: Path, post: MailServer) -> None:
    broken = Service(tmp_path, settings={"smtp_url": "smtp://127.0.0.1:9"})
    with pytest.raises(Refusal, match="CodeDeliveryFailureException"):
        broken.sign_up()
    mended = Service(tmp_path, broken.clock, {"smtp_url": post.url})
    mended.ask("ResendConfirmationCode", Username=ANN)
    mended.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code_in(post.letter(1)))
    assert mended.sign_in(password=PASSWORD)["AccessToken"]
