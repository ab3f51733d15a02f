"""What signed-in users do with their account, and how a forgotten password is replaced."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import NotFound, Unavailable
from tests.cognito import ANN, BOB, PASSWORD, Refusal, Service

NEW_PASSWORD = "Another-horse-8"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def ann(service: Service) -> str:
    return service.member()


@pytest.fixture
def token(service: Service, ann: str) -> str:
    return str(service.sign_in()["AccessToken"])


def update(service: Service, token: str, **attributes: str) -> dict[str, Any]:
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    return service.call("UpdateUserAttributes", AccessToken=token, UserAttributes=listed)


def shown(service: Service, token: str) -> dict[str, str]:
    answer = service.call("GetUser", AccessToken=token)
    return {attribute["Name"]: attribute["Value"] for attribute in answer["UserAttributes"]}


def test_the_owner_sees_their_account(service: Service, ann: str, token: str) -> None:
    assert service.call("GetUser", AccessToken=token)["Username"] == ann
    assert shown(service, token) == {"sub": ann, "email": ANN, "email_verified": "true"}


def test_a_new_name_is_kept_and_announced(service: Service, ann: str, token: str) -> None:
    assert update(service, token, name=" Ann Example ") == {"CodeDeliveryDetailsList": []}
    assert shown(service, token)["name"] == "Ann Example"
    assert service.renamed == [(ann, "Ann Example")]


def test_the_shown_name_is_the_first_of_three_and_never_the_address(service: Service, ann: str, token: str) -> None:
    assert service.identity.name_of(ann) is None
    update(service, token, nickname="annie")
    assert service.identity.name_of(ann) == "annie"
    update(service, token, name="Ann Example", preferred_username="ann99")
    assert service.identity.name_of(ann) == "Ann Example"
    update(service, token, name="")
    assert service.identity.name_of(ann) == "ann99"
    with pytest.raises(NotFound):
        service.identity.name_of("nobody")


def test_attributes_that_name_nobody_are_not_announced(service: Service, token: str) -> None:
    update(service, token, locale="en-GB")
    assert service.renamed == []


def verify(service: Service, token: str, code: str) -> None:
    service.call("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=code)


def test_a_new_address_is_unverified_until_its_code_comes_back(service: Service, ann: str, token: str) -> None:
    answer = update(service, token, email="Ann@Example.net", name="Ann")
    assert answer["CodeDeliveryDetailsList"][0]["Destination"] == "a***@e***"
    new = {"sub": ann, "email": "ann@example.net", "name": "Ann"}
    assert shown(service, token) == {**new, "email_verified": "false"}
    verify(service, token, service.code("ann@example.net"))
    assert shown(service, token) == {**new, "email_verified": "true"}


def test_who_changes_their_address_is_who_they_were_until_it_is_verified(service: Service, token: str) -> None:
    update(service, token, email="ann@example.net")
    assert service.sign_in(ANN)["AccessToken"]
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        service.sign_in("ann@example.net")
    verify(service, token, service.code("ann@example.net"))
    assert service.sign_in("ann@example.net")["AccessToken"]
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        service.sign_in(ANN)


def test_an_address_that_somebody_else_claims_is_still_its_owners(service: Service, token: str) -> None:
    update(service, token, email=BOB)
    claimed = service.code(BOB)
    bob = service.member(BOB)
    with pytest.raises(Refusal, match="AliasExistsException"):
        verify(service, token, claimed)
    assert update(service, token, name="Ann") == {"CodeDeliveryDetailsList": []}
    service.ask("ForgotPassword", Username=BOB)
    reset(service, service.code(BOB), BOB)
    assert service.call("GetUser", AccessToken=service.sign_in(BOB, NEW_PASSWORD)["AccessToken"])["Username"] == bob


def test_a_new_address_can_be_taken_back(service: Service, token: str) -> None:
    update(service, token, email="ann@example.net")
    code = service.code("ann@example.net")
    assert update(service, token, email=ANN) == {"CodeDeliveryDetailsList": []}
    assert (shown(service, token)["email"], shown(service, token)["email_verified"]) == (ANN, "true")
    with pytest.raises(Refusal, match="CodeMismatchException"):
        verify(service, token, code)
    service.call("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
    assert service.code(ANN)


def test_a_code_for_one_address_does_not_verify_another(service: Service, token: str) -> None:
    update(service, token, email="ann@example.net")
    code = service.code("ann@example.net")
    update(service, token, email="ann@example.com")
    with pytest.raises(Refusal, match="CodeMismatchException"):
        verify(service, token, code)
    assert shown(service, token)["email_verified"] == "false"


def test_another_code_can_be_asked_for_however_late(service: Service, token: str) -> None:
    update(service, token, email="ann@example.net")
    service.clock.forward(hours=25)
    token = service.sign_in()["AccessToken"]
    service.call("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
    verify(service, token, service.code("ann@example.net"))
    assert (shown(service, token)["email"], shown(service, token)["email_verified"]) == ("ann@example.net", "true")


def test_only_the_address_can_be_verified(service: Service, token: str) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.call("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="phone_number")


def test_nobody_takes_the_address_of_another_account(service: Service, ann: str, token: str) -> None:
    service.member(BOB)
    with pytest.raises(Refusal, match="AliasExistsException"):
        update(service, token, email="BOB@example.org", name="Bob")
    assert shown(service, token) == {"sub": ann, "email": ANN, "email_verified": "true"}


def test_an_account_learns_of_a_few_addresses_an_hour_whether_they_are_somebodys(service: Service, token: str) -> None:
    service.member(BOB)
    for _ in range(20):
        with pytest.raises(Refusal):
            update(service, token, email=BOB)
    with pytest.raises(Refusal, match="LimitExceededException"):
        update(service, token, email=BOB)


@pytest.mark.parametrize("attributes", [{"email": ""}, {"email": "nonsense"}, {"phone_number": "12"}])
def test_attributes_that_do_not_fit_change_nothing(service: Service, token: str, attributes: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        update(service, token, name="Ann", **attributes)
    assert "name" not in shown(service, token)


def change(service: Service, token: str, previous: str = PASSWORD, proposed: str = NEW_PASSWORD) -> dict[str, Any]:
    return service.call("ChangePassword", AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed)


def test_a_changed_password_ends_all_sessions_but_the_one_that_changed_it(service: Service, token: str) -> None:
    elsewhere = service.sign_in()
    change(service, token)
    assert shown(service, token)["email"] == ANN
    with pytest.raises(Refusal, match="Access Token has been revoked"):
        service.call("GetUser", AccessToken=elsewhere["AccessToken"])
    assert service.sign_in(password=NEW_PASSWORD)["AccessToken"]
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        service.sign_in()


def test_the_old_password_is_needed_for_a_new_one(service: Service, token: str) -> None:
    with pytest.raises(Refusal, match=r"NotAuthorizedException: Incorrect username or password."):
        change(service, token, previous="Wrong-horse-7")
    assert service.sign_in()["AccessToken"]


def test_a_weak_new_password_is_refused(service: Service, token: str) -> None:
    with pytest.raises(Refusal, match="InvalidPasswordException"):
        change(service, token, proposed="weak")


def reset(service: Service, code: str, name: str = ANN, password: str = NEW_PASSWORD) -> dict[str, Any]:
    return service.ask("ConfirmForgotPassword", Username=name, ConfirmationCode=code, Password=password)


def test_a_forgotten_password_is_replaced_and_every_session_ends(service: Service, token: str) -> None:
    service.ask("ForgotPassword", Username=ANN)
    reset(service, service.code())
    assert service.sign_in(password=NEW_PASSWORD)["AccessToken"]
    with pytest.raises(Refusal, match="Access Token has been revoked"):
        service.call("GetUser", AccessToken=token)


def test_a_reset_code_is_good_once_and_for_an_hour(service: Service, ann: str) -> None:
    service.ask("ForgotPassword", Username=ANN)
    code = service.code()
    reset(service, code)
    with pytest.raises(Refusal, match="ExpiredCodeException"):
        reset(service, code)
    service.ask("ForgotPassword", Username=ANN)
    late = service.code()
    service.clock.forward(hours=1)
    with pytest.raises(Refusal, match="ExpiredCodeException"):
        reset(service, late)


def test_a_weak_password_does_not_use_up_the_code(service: Service, ann: str) -> None:
    service.ask("ForgotPassword", Username=ANN)
    with pytest.raises(Refusal, match="InvalidPasswordException"):
        reset(service, service.code(), password="weak")
    assert reset(service, service.code()) == {}


def miss(service: Service, name: str, code: str) -> str:
    with pytest.raises(Refusal) as refusal:
        reset(service, code, name)
    return str(refusal.value)


def test_unknown_names_are_answered_like_known_ones_from_asking_to_guessing(service: Service, ann: str) -> None:
    known = service.ask("ForgotPassword", Username=ANN)
    wrong = service.wrong_code()
    assert service.ask("ForgotPassword", Username="axel@elsewhere.org") == known
    misses = [miss(service, ANN, wrong) for _ in range(6)]
    assert [miss(service, "axel@elsewhere.org", "123456") for _ in range(6)] == misses
    assert misses[-1].startswith("ExpiredCodeException")


def test_no_reset_goes_to_an_address_that_may_be_a_strangers(service: Service, ann: str, token: str) -> None:
    update(service, token, email="stranger@example.net")
    assert service.ask("ForgotPassword", Username="stranger@example.net")["CodeDeliveryDetails"]
    # As earlier versions took it.
    service.identity.users.change(ann, lambda user: replace(user, email="typo@example.net", email_verified=False))
    assert service.ask("ForgotPassword", Username="typo@example.net")["CodeDeliveryDetails"]
    assert "reset" not in service.web.get("/cognito/outbox.json").text


def test_who_comes_with_an_id_is_not_shown_where_its_owner_gets_mail(service: Service) -> None:
    ids = [service.member(f"zoe@{number}.example.org") for number in range(4)]
    answers = [service.ask("ForgotPassword", Username=user_id)["CodeDeliveryDetails"] for user_id in ids]
    assert len({answer["Destination"] for answer in answers}) > 1
    assert len(service.web.get("/cognito/outbox.json").get_json()) == len(ids)


def test_who_never_confirmed_gets_in_by_a_reset_for_the_mailbox_is_theirs(service: Service) -> None:
    service.sign_up(BOB, "Squatters-pw-1")
    service.ask("ForgotPassword", Username=BOB)
    reset(service, service.code(BOB), BOB)
    assert service.sign_in(BOB, NEW_PASSWORD)["AccessToken"]


def test_a_deleted_account_is_announced_and_gone(service: Service, ann: str, token: str) -> None:
    refresh_token = service.sign_in()["RefreshToken"]
    service.call("DeleteUser", AccessToken=token)
    assert service.deleted == [ann]
    with pytest.raises(Refusal, match="Access Token has been revoked"):
        service.call("GetUser", AccessToken=token)
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        service.ask("GetTokensFromRefreshToken", RefreshToken=refresh_token)
    with pytest.raises(Refusal, match=r"NotAuthorizedException: Incorrect username or password."):
        service.sign_in()


def test_the_address_of_a_deleted_account_signs_up_as_somebody_new(service: Service, ann: str, token: str) -> None:
    service.call("DeleteUser", AccessToken=token)
    assert service.member() != ann


def test_an_account_stays_when_its_end_can_not_be_announced(service: Service, token: str) -> None:
    def fail(user_id: str) -> None:
        raise Unavailable("the queue is down")

    object.__setattr__(service.identity, "on_deleted", fail)
    with pytest.raises(Refusal, match="InternalErrorException"):
        service.call("DeleteUser", AccessToken=token)
    assert shown(service, token)["email"] == ANN
