"""When a call is worth trying again, and after how long."""

import http.client
import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest

from sluice.client.api import Api, GivenToken
from sluice.client.exchange import Answer
from sluice.client.retries import ATTEMPTS, Patience
from sluice.client.server import Server, connect
from sluice.client.troubles import Trouble, Unreachable
from tests.client.line import Line


@pytest.fixture
def pauses() -> list[float]:
    return []


def busy(retry_after: str | None, status: int = 429) -> Answer:
    return Answer(status, {"retry-after": retry_after} if retry_after else {}, b"")


def tried(pauses: list[float], answer: Answer) -> int:
    """How often a call was made that always gets this answer."""
    calls: list[Answer] = []
    assert Patience(pauses.append)(lambda: calls.append(answer) or answer) == answer
    return len(calls)


def test_a_busy_server_is_asked_again_ever_more_rarely(pauses: list[float]) -> None:
    assert tried(pauses, busy(None, 503)) == ATTEMPTS
    assert pauses == [0.5, 1, 2, 4, 8]


def test_a_minute_that_is_used_up_is_waited_for(pauses: list[float]) -> None:
    tried(pauses, busy("59"))
    assert pauses == [59] * (ATTEMPTS - 1)


@pytest.mark.parametrize("asked", ["nan", "soon", "-5"])
def test_what_is_no_time_is_not_waited_for(pauses: list[float], asked: str) -> None:
    tried(pauses, busy(asked))
    assert pauses == [0.5, 1, 2, 4, 8]


@pytest.mark.parametrize("asked", ["43200", "inf"])
def test_nobody_waits_for_tomorrow(pauses: list[float], asked: str) -> None:
    assert tried(pauses, busy(asked)) == 1
    assert pauses == []


def test_what_is_refused_is_not_tried_again(pauses: list[float]) -> None:
    assert tried(pauses, busy(None, 403)) == 1


def test_a_certificate_that_can_not_be_trusted_is_not_tried_again(
    patience: Patience, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(_: object) -> None:
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "self-signed certificate"
        raise error

    monkeypatch.setattr(http.client.HTTPSConnection, "connect", untrusted)
    with pytest.raises(Trouble, match="self-signed certificate"):
        connect("https://video.example.org", patience)
    assert pauses == []


def test_a_server_of_this_machine_is_waited_for_by_who_has_seen_it_running(
    server: Server, patience: Patience, pauses: list[float]
) -> None:
    stopped = Api(replace(server, address="http://127.0.0.1:1"), GivenToken("t"), patience)
    with pytest.raises(Unreachable):
        stopped.video("01JD0000000000000000000001")
    assert len(pauses) == ATTEMPTS - 1


def test_a_line_that_breaks_at_the_first_call_is_tried_again(
    line: Callable[..., Line], patience: Patience, pauses: list[float]
) -> None:
    connect(line(cut_at=1).url, patience)
    assert pauses == [0.5]
