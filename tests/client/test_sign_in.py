"""Signing in, staying signed in and signing out, against the real identity service."""

import json
import time
from pathlib import Path

import pytest

from sluice.client.api import Api, GivenToken, KeptTokens
from sluice.client.retries import Patience
from sluice.client.server import Server
from sluice.client.sessions import Session, Sessions
from sluice.client.sign_in import Accounts
from sluice.client.troubles import NotSignedIn, Refusal, Trouble
from tests.client.conftest import PASSWORD


def test_the_right_password_signs_in(api: Api) -> None:
    assert list(api.videos(public=False, limit=0)) == []


def test_a_wrong_password_does_not(accounts: Accounts, email: str) -> None:
    with pytest.raises(Refusal) as refused:
        accounts.sign_in(email, "Wrong-horse-7")
    assert refused.value.code == "NotAuthorizedException"


def test_the_session_is_readable_by_its_owner_alone(signed_in: Sessions, tmp_path: Path) -> None:
    assert (tmp_path / "config" / "sessions.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "config").stat().st_mode & 0o777 == 0o700


def test_a_token_that_ran_out_is_renewed_and_kept(server: Server, accounts: Accounts, signed_in: Sessions) -> None:
    before = signed_in.get(server.address)
    in_an_hour = KeptTokens(signed_in, server, accounts, clock=lambda: time.time() + 3600)

    token = in_an_hour.current()

    after = signed_in.get(server.address)
    assert before is not None
    assert after is not None
    assert token == after.access != before.access
    assert after.refresh == before.refresh


def test_a_token_that_is_refused_is_renewed(server: Server, api: Api, signed_in: Sessions, email: str) -> None:
    kept = signed_in.get(server.address)
    assert kept is not None
    signed_in.keep(server.address, Session(email, "no.good.token", kept.refresh, kept.expires_at))

    assert list(api.videos(public=False, limit=0)) == []


def test_a_token_from_the_environment_is_never_renewed(server: Server, patience: Patience) -> None:
    with pytest.raises(NotSignedIn):
        list(Api(server, GivenToken("no.good.token"), patience).videos(public=False, limit=0))


def test_a_session_that_was_ended_is_not_renewed(server: Server, accounts: Accounts, signed_in: Sessions) -> None:
    session = signed_in.get(server.address)
    assert session is not None
    accounts.sign_out(session)

    with pytest.raises(NotSignedIn, match="sluice login"):
        accounts.refreshed(session)


def test_nobody_signed_in_is_said_before_asking_the_server(
    server: Server, accounts: Accounts, sessions: Sessions, patience: Patience
) -> None:
    with pytest.raises(NotSignedIn, match="nobody is signed in"):
        Api(server, KeptTokens(sessions, server, accounts), patience).delete("01JD0000000000000000000001")


def test_sessions_at_several_servers_are_kept_apart(sessions: Sessions) -> None:
    with sessions.locked():
        sessions.keep("https://a.example.org", Session("ann@example.org", "a", "r", 1))
        sessions.keep("https://b.example.org", Session("bob@example.org", "b", "r", 1))
        sessions.forget("https://b.example.org")
    found = sessions.get("https://a.example.org")
    assert found is not None
    assert found.email == "ann@example.org"
    assert sessions.get("https://b.example.org") is None
    assert sessions.last_server() == "https://b.example.org"


def test_a_broken_file_of_sessions_is_named(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sessions.json").write_text("{")
    with pytest.raises(Trouble, match="sluice login"):
        sessions.last_server()


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "a",
        {"email": "ann@example.org"},
        {"email": "ann@example.org", "access": "a", "refresh": "r", "expires_at": "tomorrow"},
        {"email": "ann@example.org", "access": "a\nb", "refresh": "r", "expires_at": 1},
    ],
)
def test_what_is_no_session_is_nobody_signed_in(sessions: Sessions, tmp_path: Path, kept: object) -> None:
    (tmp_path / "config").mkdir()
    content = {"last": None, "sessions": {"https://a.example.org": kept}}
    (tmp_path / "config" / "sessions.json").write_text(json.dumps(content))
    assert sessions.get("https://a.example.org") is None


def test_a_pool_on_aws_signs_in_at_aws() -> None:
    issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC"
    config = {"issuer": issuer, "userPoolId": "eu-central-1_AbC", "userPoolEndpoint": None}
    assert Server("https://video.example.org", config).accounts == "https://cognito-idp.eu-central-1.amazonaws.com/"


def test_accounts_of_another_kind_are_refused_with_the_remedy() -> None:
    config = {"issuer": "https://login.example.org", "userPoolId": None, "userPoolEndpoint": None}
    with pytest.raises(Trouble, match="SLUICE_TOKEN"):
        _ = Server("https://video.example.org", config).accounts


def test_the_whole_password_counts(accounts: Accounts, email: str) -> None:
    assert accounts.sign_in(email, PASSWORD).email == email
    with pytest.raises(Refusal):
        accounts.sign_in(email, PASSWORD + " ")
