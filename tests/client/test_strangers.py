"""Answers of something that is no Sluice: a proxy, a captive portal, another program."""

from collections.abc import Callable

import pytest

from sluice.client.api import Api, GivenToken
from sluice.client.exchange import Answer
from sluice.client.retries import Patience
from sluice.client.server import Server, connect
from sluice.client.sessions import Session
from sluice.client.sign_in import Accounts
from sluice.client.troubles import NotSignedIn, Trouble

PAGE = b"<html>Please sign in to the hotel's network</html>"
SESSION = Session("ann@example.org", "a", "r", 1)


def answering(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, **headers: str) -> None:
    """Whatever is asked, this is the answer."""
    for place in ("api", "server", "sign_in"):
        monkeypatch.setattr(f"sluice.client.{place}.exchange", lambda *_, **__: Answer(status, headers, body))


@pytest.mark.parametrize(("status", "body"), [(200, PAGE), (302, b""), (302, PAGE), (403, PAGE), (200, b"[]")])
@pytest.mark.parametrize(
    "asked",
    [
        lambda accounts: accounts.sign_in("ann@example.org", "secret"),
        lambda accounts: accounts.refreshed(SESSION),
        lambda accounts: accounts.sign_out(SESSION),
    ],
    ids=["sign in", "refresh", "sign out"],
)
def test_a_stranger_in_the_place_of_the_accounts_is_told(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, asked: Callable[[Accounts], object], status: int, body: bytes
) -> None:
    answering(monkeypatch, status, body)
    with pytest.raises(Trouble, match="something else than Sluice answers") as trouble:
        asked(accounts)
    assert not isinstance(trouble.value, NotSignedIn)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_sign_out_is_answered_with_nothing(accounts: Accounts, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    answering(monkeypatch, 200, body)
    accounts.sign_out(SESSION)


def test_an_account_that_needs_more_than_a_password_is_told(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, 200, b'{"ChallengeName": "SMS_MFA"}')
    with pytest.raises(NotSignedIn, match="asks for SMS_MFA"):
        accounts.sign_in("ann@example.org", "secret")


def test_what_a_sluice_would_have_said_is_missed(
    server: Server, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, 200, b'{"videos": []}')
    with pytest.raises(Trouble, match="something else than Sluice answers"):
        list(Api(server, GivenToken("t"), patience).videos(public=False, limit=0))


@pytest.mark.parametrize("body", [PAGE, b"[" * 200_000, b"[]", b"null"])
def test_what_does_not_describe_a_sluice_is_none(
    patience: Patience, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answering(monkeypatch, 200, body)
    with pytest.raises(Trouble, match="is not a Sluice"):
        connect("https://video.example.org", patience)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_server_that_has_moved_says_where(patience: Patience, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    answering(monkeypatch, status, b"", location="https://elsewhere.example.org")
    with pytest.raises(Trouble, match="has moved to https://elsewhere"):
        connect("https://video.example.org", patience)
