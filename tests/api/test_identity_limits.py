"""How often one place may ask the identity service, and what counts as one place."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sluice.identity.limits import place_of
from sluice.identity.routes import blueprint
from sluice.settings import FairUse
from tests.cognito import ANN, PASSWORD, Refusal, Service

TARGET = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser"}


def sign_up(service: Service, name: str) -> Any:
    return service.call("SignUp", ClientId="sluicelocal", Username=f"{name}@example.org", Password=PASSWORD)


def test_a_place_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    service, asked = Service(tmp_path), []
    service.clock.forward(seconds=15)
    web = Flask("identity")
    web.register_blueprint(blueprint(service.identity, lambda place: bool(asked.append(place))))

    answer = web.test_client().post(
        "/cognito", data="{}", headers=TARGET, environ_base={"REMOTE_ADDR": "2001:db8:1:2:3::4"}
    )

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "45")
    assert json.loads(answer.data)["__type"] == answer.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert asked == ["2001:db8:1:2::/64"]


def test_a_place_has_so_many_new_accounts_an_hour(tmp_path: Path) -> None:
    service = Service(tmp_path, settings={"fair_use": FairUse(address_sign_ups_per_hour=1)})
    sign_up(service, "one")
    with pytest.raises(Refusal) as refusal:
        sign_up(service, "two")
    assert refusal.value.kind == "TooManyRequestsException"
    service.clock.forward(hours=1)
    sign_up(service, "two")


def test_what_was_counted_before_the_clock_was_set_back_holds_nobody_up_for_longer(tmp_path: Path) -> None:
    service = Service(tmp_path, settings={"fair_use": FairUse(address_sign_ups_per_hour=1)})
    service.clock.forward(days=400)
    sign_up(service, "one")
    service.clock.forward(days=-400)
    sign_up(service, "two")


def test_new_accounts_may_be_unbounded(tmp_path: Path) -> None:
    service = Service(tmp_path, settings={"fair_use": FairUse(address_sign_ups_per_hour=0)})
    sign_up(service, "one")
    assert sign_up(service, "two")["UserConfirmed"] is False


def test_who_guesses_too_often_is_not_told_any_more_who_has_confirmed(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.member()

    def told(name: str) -> str:
        with pytest.raises(Refusal) as refusal:
            service.ask("ConfirmSignUp", Username=name, ConfirmationCode="000000")
        return refusal.value.kind

    known = [told(ANN) for _ in range(1000)]
    assert (set(known), told(ANN), told("nobody@example.org")) == (
        {"NotAuthorizedException", "LimitExceededException"},
        "LimitExceededException",
        "LimitExceededException",
    )


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_place_is_an_address_or_what_one_customer_has_of_ipv6(address: str, place: str) -> None:
    assert place_of(address) == place
