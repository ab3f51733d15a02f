"""Becoming a user: sign-up, codes, confirmation."""

import sqlite3
from pathlib import Path

import pytest

from tests.cognito import ANN, PASSWORD, Refusal, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_who_confirms_their_address_can_sign_in(service: Service) -> None:
    service.sign_up()
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=service.code())
    assert service.sign_in()["TokenType"] == "Bearer"


def test_the_answer_tells_where_the_code_went_without_giving_the_address_away(service: Service) -> None:
    answer = service.ask("SignUp", Username=ANN, Password=PASSWORD)
    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"] == {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "a***@e***",
    }


def test_nobody_signs_in_before_confirming(service: Service) -> None:
    service.sign_up()
    with pytest.raises(Refusal, match=r"UserNotConfirmedException: User is not confirmed."):
        service.sign_in()


def test_a_wrong_password_does_not_tell_that_the_account_is_unconfirmed(service: Service) -> None:
    service.sign_up()
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        service.sign_in(password="Wrong-horse-7")


@pytest.mark.parametrize("name", [ANN, "ANN@Example.ORG"])
def test_an_address_signs_up_once_however_it_is_written(service: Service, name: str) -> None:
    service.sign_up()
    with pytest.raises(Refusal, match="UsernameExistsException: User already exists"):
        service.sign_up(name)


def test_a_repeated_sign_up_leaves_password_and_code_as_they_were(service: Service) -> None:
    service.sign_up()
    code = service.code()
    with pytest.raises(Refusal):
        service.sign_up(password="Somebody-elses-9")
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code)
    assert service.sign_in()["AccessToken"]


@pytest.mark.parametrize(
    "name",
    [
        *("", "ann", "ann@", "@example.org", "ann@@example.org", "ann@exa mple.org", "ann\n@example.org", "ann@-a.org"),
        *("änn@example.org", "ann@example.org,bob@example.org", "<ann@example.org>", "a" * 120 + "@example.org"),
    ],
)
def test_what_is_no_address_does_not_sign_up(service: Service, name: str) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.sign_up(name)


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("Short-7", "Password not long enough"),
        ("no-capitals-7", "Password must have uppercase characters"),
        ("NO-SMALLS-7", "Password must have lowercase characters"),
        ("No-digits-here", "Password must have numeric characters"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(service: Service, password: str, complaint: str) -> None:
    with pytest.raises(Refusal, match=f"InvalidPasswordException: Password did not conform with policy: {complaint}"):
        service.sign_up(password=password)


def test_an_endless_password_is_refused(service: Service) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.sign_up(password="Aa1" * 100)


def test_a_password_may_have_letters_of_any_script(service: Service) -> None:
    service.member(password="Pässwörter-žluť-7")
    assert service.sign_in(password="Pässwörter-žluť-7")["AccessToken"]


@pytest.mark.parametrize("name", ["sub", "email_verified"])
def test_nobody_names_or_verifies_themselves(service: Service, name: str) -> None:
    with pytest.raises(Refusal, match="NotAuthorizedException: A client attempted to write unauthorized attribute"):
        service.sign_up(**{name: "true"})


@pytest.mark.parametrize("attribute", [{"shoe_size": "43"}, {"name": "x" * 101}, {"name": "a\x07b"}])
def test_attributes_that_do_not_fit_are_refused(service: Service, attribute: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.sign_up(**attribute)


def test_the_address_may_not_be_another_than_the_name(service: Service) -> None:
    with pytest.raises(Refusal, match="InvalidParameterException"):
        service.ask("SignUp", Username=ANN, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": "b@c.d"}])


def test_a_wrong_code_is_a_mismatch_and_the_right_one_still_works(service: Service) -> None:
    service.sign_up()
    with pytest.raises(Refusal, match=r"CodeMismatchException: Invalid verification code provided, please try again."):
        service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=service.wrong_code())
    assert service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=service.code()) == {}


def miss(service: Service, code: str) -> str:
    with pytest.raises(Refusal) as refusal:
        service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code)
    return refusal.value.kind


def test_five_wrong_codes_void_the_code(service: Service) -> None:
    service.sign_up()
    right, wrong = service.code(), service.wrong_code()
    assert [miss(service, wrong) for _ in range(5)] == ["CodeMismatchException"] * 5
    assert miss(service, right) == "ExpiredCodeException"


def test_a_code_lasts_a_day(service: Service) -> None:
    service.sign_up()
    code = service.code()
    service.clock.forward(hours=24)
    assert miss(service, code) == "ExpiredCodeException"


def test_a_new_code_takes_the_place_of_the_old_one(service: Service) -> None:
    service.sign_up()
    service.clock.forward(minutes=1)
    answer = service.ask("ResendConfirmationCode", Username=ANN)
    assert answer["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    assert len(service.web.get("/cognito/outbox.json").get_json()) == 1
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=service.code())


def test_a_code_is_good_once(service: Service) -> None:
    service.sign_up()
    code = service.code()
    service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code)
    with pytest.raises(Refusal, match=r"User cannot be confirmed. Current status is CONFIRMED"):
        service.ask("ConfirmSignUp", Username=ANN, ConfirmationCode=code)


def test_asking_for_codes_has_an_end_and_the_end_passes(service: Service) -> None:
    service.sign_up()
    for_one_hour = [service.ask("ResendConfirmationCode", Username=ANN) for _ in range(19)]
    with pytest.raises(Refusal, match="LimitExceededException"):
        service.ask("ResendConfirmationCode", Username=ANN)
    service.clock.forward(hours=1)
    assert service.ask("ResendConfirmationCode", Username=ANN) == for_one_hour[0]


def test_an_unknown_name_gets_the_same_answer_to_a_resend(service: Service) -> None:
    service.sign_up()
    known = service.ask("ResendConfirmationCode", Username=ANN)
    assert service.ask("ResendConfirmationCode", Username="axel@elsewhere.org") == known


def test_what_is_in_the_database_does_not_help_a_thief(service: Service, tmp_path: Path) -> None:
    service.member()
    tokens = service.sign_in()
    service.ask("ForgotPassword", Username=ANN)
    connection = sqlite3.connect(tmp_path / "identity.db")
    stored = "\n".join(connection.iterdump())
    connection.close()
    assert ANN in stored
    assert PASSWORD not in stored
    assert tokens["RefreshToken"] not in stored


def test_another_client_is_not_known(service: Service) -> None:
    with pytest.raises(Refusal, match=r"ResourceNotFoundException: User pool client another does not exist."):
        service.call("SignUp", ClientId="another", Username=ANN, Password=PASSWORD)


def test_our_client_has_no_secret(service: Service) -> None:
    with pytest.raises(Refusal, match="is not configured for secret but secret was received"):
        service.ask("SignUp", Username=ANN, Password=PASSWORD, SecretHash="c2VjcmV0")
