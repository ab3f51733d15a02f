"""Letters with codes, by SMTP."""

import logging
import smtplib
import ssl
import threading
from email.message import EmailMessage
from email.utils import localtime, make_msgid, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from .codes import Letter, Purpose
from .faults import Fault, undelivered

TIMEOUT_S = 10

_SUBJECTS = {
    Purpose.SIGN_UP: "Confirm your e-mail address",
    Purpose.RESET: "Choose a new password",
    Purpose.EMAIL: "Confirm your new e-mail address",
}
_BODY = "Your code is {code}\n\nIf you did not ask for it, you need not do anything.\n"

logger = logging.getLogger("sluice.identity")


class Mail:
    """Brings letters to the mail server that the operator named."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """The mail server has the letter when this returns; else a Fault."""
        try:
            with _connected(self._url) as server:
                server.send_message(self._message(letter))
        except (OSError, smtplib.SMTPException) as error:
            logger.error("a %s code could not be sent (%s); check SLUICE_SMTP_URL", letter.purpose, error)
            raise undelivered() from error

    def send_later(self, letter: Letter) -> None:
        """Send in the background, so that the time it takes tells nobody whether there was a letter at all."""
        threading.Thread(target=self._try, args=(letter,), name="mail").start()

    def _try(self, letter: Letter) -> None:
        try:
            self.send(letter)
        except Fault as fault:
            logger.debug("given up: %s", fault.message)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = _SUBJECTS[letter.purpose], self._sender, letter.to
        message["Date"], message["Message-ID"] = localtime(), make_msgid(domain=_domain(self._sender))
        message.set_content(_BODY.format(code=letter.code))
        return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _connected(url: SplitResult) -> smtplib.SMTP:
    """A session with the server, encrypted and logged in as its address asks."""
    host, port = url.hostname or "", url.port or 0
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port or (587 if url.scheme == "smtp+starttls" else 25), timeout=TIMEOUT_S)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server
