"""Signing in, staying signed in, signing out."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from sluice.settings import LOCAL_CLIENT_ID
from tests.cognito import ANN, BOB, PASSWORD, Attempt, N, Refusal, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def ann(service: Service) -> str:
    return service.member(name="Ann")


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def message(attempt: Attempt, password: str) -> str:
    with pytest.raises(Refusal) as refusal:
        attempt.finish(password)
    return str(refusal.value)


def test_the_access_token_says_what_cognitos_says(service: Service, ann: str) -> None:
    said = claims(service.sign_in()["AccessToken"])
    now = int(service.clock.now().timestamp())
    assert {said.pop("origin_jti"), said.pop("jti"), said.pop("event_id")}.isdisjoint({None, ""})
    assert said == {
        "sub": ann,
        "iss": "http://localhost:8000/cognito/local_Sluice",
        "token_use": "access",
        "client_id": LOCAL_CLIENT_ID,
        "username": ann,
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }


def test_the_id_token_tells_about_the_user(service: Service, ann: str) -> None:
    said = claims(service.sign_in()["IdToken"])
    assert (said["sub"], said["cognito:username"], said["aud"]) == (ann, ann, LOCAL_CLIENT_ID)
    assert (said["token_use"], said["email"], said["email_verified"], said["name"]) == ("id", ANN, True, "Ann")


@pytest.mark.parametrize("name", ["ANN@example.org", " ann@example.org "])
def test_the_address_is_read_in_any_case(service: Service, ann: str, name: str) -> None:
    assert service.sign_in(name)["AccessToken"]


def test_the_user_id_signs_in_as_well(service: Service, ann: str) -> None:
    assert claims(service.sign_in(ann)["AccessToken"])["sub"] == ann


def test_unknown_names_and_wrong_passwords_get_the_same_answer(service: Service, ann: str) -> None:
    wrong = message(service.begin(ANN), "Wrong-horse-7")
    assert wrong == "NotAuthorizedException: Incorrect username or password."
    assert message(service.begin(BOB), PASSWORD) == wrong


def test_an_unknown_name_seems_to_be_the_same_user_each_time(service: Service, ann: str) -> None:
    first, second = service.begin(BOB).riddle, service.begin("Bob@example.org").riddle
    assert (first["SALT"], first["USER_ID_FOR_SRP"]) == (second["SALT"], second["USER_ID_FOR_SRP"])
    assert first["SRP_B"] != second["SRP_B"]
    assert first.keys() == service.begin(ANN).riddle.keys()


def test_a_challenge_is_good_for_one_answer(service: Service, ann: str) -> None:
    attempt = service.begin()
    attempt.finish()
    assert message(attempt, PASSWORD) == "NotAuthorizedException: Incorrect username or password."


def test_a_challenge_that_met_a_wrong_password_is_used_up(service: Service, ann: str) -> None:
    attempt = service.begin()
    message(attempt, "Wrong-horse-7")
    assert message(attempt, PASSWORD) == "NotAuthorizedException: Incorrect username or password."


def test_a_challenge_lasts_three_minutes(service: Service, ann: str) -> None:
    attempt = service.begin()
    service.clock.forward(minutes=3)
    assert "NotAuthorizedException" in message(attempt, PASSWORD)


def test_a_challenge_is_its_users_alone(service: Service, ann: str) -> None:
    bob = service.member(BOB)
    attempt = service.begin()
    attempt.riddle["USERNAME"] = bob
    assert "NotAuthorizedException" in message(attempt, PASSWORD)


@pytest.mark.parametrize("value", ["0", f"{N:x}", f"{2 * N:x}", "no number"])
def test_a_client_value_that_would_fix_the_key_is_refused(service: Service, ann: str, value: str) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.begin(ANN, client_value=value)


@pytest.mark.parametrize("timestamp", ["now", "Sat Nov 32 12:00:00 UTC 2026", "Sat Xxx 21 12:00:00 UTC 2026"])
def test_a_timestamp_must_be_one(service: Service, ann: str, timestamp: str) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException: TIMESTAMP"):
        service.begin().finish(timestamp=timestamp)


def test_a_timestamp_from_another_age_is_refused(service: Service, ann: str) -> None:
    with pytest.raises(Refusal, match="NotAuthorizedException: TIMESTAMP"):
        service.begin().finish(timestamp="Sat Nov 21 12:00:00 UTC 2020")


def test_guessing_has_an_end_also_in_another_process_and_the_end_passes(service: Service, ann: str) -> None:
    other = Service(service.folder, service.clock)
    assert {message(service.begin(), "Wrong-horse-7") for _ in range(20)} == {
        "NotAuthorizedException: Incorrect username or password."
    }
    assert message(other.begin(), PASSWORD) == "NotAuthorizedException: Password attempts exceeded"
    service.clock.forward(minutes=15)
    assert other.sign_in()["AccessToken"]


def test_who_knows_the_password_may_sign_in_as_often_as_they_like(service: Service, ann: str) -> None:
    assert len({service.sign_in()["RefreshToken"] for _ in range(21)}) == 21


def test_unknown_names_run_into_the_same_end(service: Service) -> None:
    guesses = [message(service.begin(BOB), PASSWORD) for _ in range(21)]
    assert guesses[-1] == "NotAuthorizedException: Password attempts exceeded"


def with_password(service: Service, name: str = ANN, password: str = PASSWORD) -> dict[str, Any]:
    parameters = {"USERNAME": name, "PASSWORD": password}
    return service.ask("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def test_plain_passwords_are_refused_unless_switched_on(service: Service, ann: str) -> None:
    with pytest.raises(Refusal, match="USER_PASSWORD_AUTH flow not enabled for this client"):
        with_password(service)


def test_plain_passwords_sign_in_where_they_are_switched_on(service: Service, ann: str) -> None:
    switched_on = Service(service.folder, service.clock, {"password_auth": True})
    assert claims(with_password(switched_on)["AuthenticationResult"]["AccessToken"])["sub"] == ann
    with pytest.raises(Refusal, match=r"Incorrect username or password."):
        with_password(switched_on, password="Wrong-horse-7")
    with pytest.raises(Refusal, match=r"Incorrect username or password."):
        with_password(switched_on, BOB)


@pytest.mark.parametrize("flow", ["CUSTOM_AUTH", "USER_AUTH", "ADMIN_NO_SRP_AUTH", "nonsense"])
def test_other_flows_are_not_enabled(service: Service, flow: str) -> None:
    with pytest.raises(Refusal, match=f"InvalidParameterException: {flow} flow not enabled"):
        service.ask("InitiateAuth", AuthFlow=flow, AuthParameters={})


def test_a_missing_parameter_is_named(service: Service) -> None:
    with pytest.raises(Refusal, match="Missing required parameter SRP_A"):
        service.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": ANN})


def refreshed(service: Service, token: str) -> dict[str, Any]:
    result: dict[str, Any] = service.ask("GetTokensFromRefreshToken", RefreshToken=token)["AuthenticationResult"]
    return result


def test_a_refresh_continues_the_session(service: Service, ann: str) -> None:
    tokens = service.sign_in()
    service.clock.forward(days=29)
    again = refreshed(service, tokens["RefreshToken"])
    before, after = claims(tokens["AccessToken"]), claims(again["AccessToken"])
    assert (after["origin_jti"], after["auth_time"]) == (before["origin_jti"], before["auth_time"])
    assert after["jti"] != before["jti"]
    assert after["exp"] == service.clock.now().timestamp() + 3600
    assert again["RefreshToken"] == tokens["RefreshToken"]


def test_the_older_refresh_answers_without_a_refresh_token(service: Service, ann: str) -> None:
    parameters = {"REFRESH_TOKEN": service.sign_in()["RefreshToken"]}
    answer = service.ask("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)
    assert answer["AuthenticationResult"].keys() == {"AccessToken", "IdToken", "TokenType", "ExpiresIn"}


def test_a_session_ends_after_thirty_days(service: Service, ann: str) -> None:
    token = service.sign_in()["RefreshToken"]
    service.clock.forward(days=30)
    with pytest.raises(Refusal, match="Refresh Token has expired"):
        refreshed(service, token)


def test_an_invented_refresh_token_is_invalid(service: Service) -> None:
    with pytest.raises(Refusal, match="NotAuthorizedException: Invalid Refresh Token"):
        refreshed(service, "invented")


def test_revoking_ends_this_session_and_no_other(service: Service, ann: str) -> None:
    ended, other = service.sign_in(), service.sign_in()
    service.ask("RevokeToken", Token=ended["RefreshToken"])
    with pytest.raises(Refusal, match="Refresh Token has been revoked"):
        refreshed(service, ended["RefreshToken"])
    with pytest.raises(Refusal, match="Access Token has been revoked"):
        service.call("GetUser", AccessToken=ended["AccessToken"])
    assert service.call("GetUser", AccessToken=other["AccessToken"])["Username"] == ann


def test_revoking_twice_or_something_invented_is_fine(service: Service, ann: str) -> None:
    token = service.sign_in()["RefreshToken"]
    service.ask("RevokeToken", Token=token)
    assert service.ask("RevokeToken", Token=token) == service.ask("RevokeToken", Token="invented") == {}


def test_access_tokens_can_not_be_revoked_one_by_one(service: Service, ann: str) -> None:
    with pytest.raises(Refusal, match="UnsupportedTokenTypeException"):
        service.ask("RevokeToken", Token=service.sign_in()["AccessToken"])


def test_signing_out_everywhere_ends_every_session(service: Service, ann: str) -> None:
    here, there = service.sign_in(), service.sign_in()
    service.call("GlobalSignOut", AccessToken=here["AccessToken"])
    with pytest.raises(Refusal, match="Access Token has been revoked"):
        service.call("GetUser", AccessToken=there["AccessToken"])
    with pytest.raises(Refusal, match="Refresh Token has been revoked"):
        refreshed(service, there["RefreshToken"])


def test_an_expired_access_token_is_told_so(service: Service, ann: str) -> None:
    token = service.sign_in()["AccessToken"]
    service.clock.forward(hours=1)
    with pytest.raises(Refusal, match="NotAuthorizedException: Access Token has expired"):
        service.call("GetUser", AccessToken=token)


@pytest.mark.parametrize("kind", ["IdToken", "RefreshToken"])
def test_other_tokens_are_no_access_tokens(service: Service, ann: str, kind: str) -> None:
    with pytest.raises(Refusal, match="NotAuthorizedException: Invalid Access Token"):
        service.call("GetUser", AccessToken=service.sign_in()[kind])


def test_a_token_signed_by_somebody_else_is_invalid(service: Service, ann: str) -> None:
    said = claims(service.sign_in()["AccessToken"])
    forged = jwt.encode(said, "a secret that is long enough for it", "HS256", headers={"kid": "k"})
    with pytest.raises(Refusal, match="NotAuthorizedException: Invalid Access Token"):
        service.call("GetUser", AccessToken=forged)
