"""Answers of something that is no Sluice: a proxy, a captive portal, another program."""

import contextlib
import json
import math
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from sluice.client.answers import Progress, Video
from sluice.client.api import Api, GivenToken
from sluice.client.bars import Bar
from sluice.client.exchange import Answer
from sluice.client.retries import Patience
from sluice.client.server import Server, connect
from sluice.client.sessions import Session
from sluice.client.showing import details, row
from sluice.client.sign_in import Accounts
from sluice.client.troubles import NotSignedIn, Refusal, Trouble
from sluice.client.watching import wait
from tests.client.conftest import PASSWORD, Sluice

PAGE = b"<html>Please sign in to the hotel's network</html>"
SESSION = Session("ann@example.org", "a", "r", 1)
A_VIDEO = {
    "id": "01JD0000000000000000000001",
    "title": "A walk",
    "description": "In the snow.",
    "owner": "Ann",
    "visibility": "public",
    "status": "processing",
    "draft": False,
    "createdAt": "2026-11-21T07:39:20.000Z",
    "duration": 20.0,
    "width": 1280,
    "height": 720,
    "repairs": ["rotation"],
    "error": {"code": "damaged", "detail": "It is damaged."},
    "playback": {"hls": "https://video.example.org/media/1/master.m3u8"},
    "progress": {"stage": "encoding", "percent": 42.0, "secondsLeft": 7.5},
}


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


def spoiled(content: Any, name: str, wrong: object) -> Any:
    """The same, but for every part of this name."""
    if isinstance(content, list):
        return [spoiled(part, name, wrong) for part in content]
    if isinstance(content, dict):
        return {key: wrong if key == name else spoiled(part, name, wrong) for key, part in content.items()}
    return content


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, wrong: object) -> None:
    """Whatever the server answers, this part of it is wrong."""
    real = Answer.json
    monkeypatch.setattr(Answer, "json", lambda answer: spoiled(real(answer), name, wrong))


@pytest.mark.parametrize("wrong", [None, [], {}, [None], 7, math.nan, 10**20, "\ud800"], ids=ascii)
@pytest.mark.parametrize("name", sorted({"items", "nextCursor"} | Video.__required_keys__ | Progress.__required_keys__))
def test_a_video_is_shown_or_not_understood(
    server: Server, patience: Patience, monkeypatch: pytest.MonkeyPatch, name: str, wrong: object
) -> None:
    page = spoiled({"items": [A_VIDEO], "nextCursor": None}, name, wrong)
    answering(monkeypatch, 200, json.dumps(page).encode())
    with contextlib.suppress(Trouble):
        found = islice(Api(server, GivenToken("t"), patience).videos(public=True, limit=1), 1)
        "\n".join(words for video in found for words in (*row(video), *dict(details(video, "")).values())).encode()


@pytest.mark.parametrize("percent", ["42", math.nan, 10**400], ids=["text", "none", "huge"])
def test_progress_is_drawn_or_not_understood(
    server: Server, patience: Patience, monkeypatch: pytest.MonkeyPatch, percent: object
) -> None:
    answering(monkeypatch, 200, json.dumps(spoiled(A_VIDEO, "percent", percent)).encode())
    with pytest.raises(Trouble, match=r"its progress\.percent is not understood"):
        wait(Api(server, GivenToken("t"), patience), "01JD0000000000000000000001", Bar("walk").encoded, lambda _: None)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("id", 7),
        ("url", None),
        ("url", "http://["),
        ("fields", []),
        ("key", None),
        ("fileName", ["walk.mp4"]),
        ("apiUrl", []),
        ("apiUrl", "http://["),
        ("publicUrl", {}),
    ],
)
def test_an_upload_or_a_download_that_is_not_understood_ends_in_a_line(
    ann: Sluice, uploaded: str, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, wrong: object
) -> None:
    spoil(monkeypatch, name, wrong)
    ends = [ann("upload", str(film)), ann("download", uploaded, "-o", str(tmp_path / "there"))]
    assert 1 in {end.exit_code for end in ends}
    assert all(end.exit_code == 0 or end.stderr.startswith("sluice: ") for end in ends)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("userPoolClientId", None),
        ("userPoolId", 7),
        ("userPoolEndpoint", {}),
        ("ChallengeName", []),
        ("ChallengeParameters", None),
        ("SRP_B", "xyz"),
        ("SRP_B", "-1"),
        ("SALT", 7),
        ("SALT", "-1"),
        ("SECRET_BLOCK", "a"),
        ("USER_ID_FOR_SRP", None),
        ("AuthenticationResult", []),
        ("AccessToken", "a\nb"),
        ("ExpiresIn", "soon"),
        ("ExpiresIn", math.inf),
        ("RefreshToken", 7),
    ],
)
def test_a_sign_in_that_is_not_understood_ends_in_a_line(
    sluice: Sluice, email: str, monkeypatch: pytest.MonkeyPatch, name: str, wrong: object
) -> None:
    spoil(monkeypatch, name, wrong)
    end = sluice("login", "--email", email, "--password-stdin", typed=f"{PASSWORD}\n")
    assert end.exit_code == 1
    assert told_in_a_line(end.stderr)


def told_in_a_line(words: str) -> bool:
    return words.startswith("sluice: ") and words.count("\n") == 1


@pytest.mark.parametrize("body", [b'{"errors": 7}', b'{"errors": ["no"], "detail": []}', b'{"detail": null}', PAGE])
def test_a_proxy_that_refuses_in_words_of_its_own_is_told(
    server: Server, patience: Patience, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answering(monkeypatch, 403, body)
    with pytest.raises(Refusal, match="answers with status 403"):
        Api(server, GivenToken("t"), patience).video("01JD0000000000000000000001")
