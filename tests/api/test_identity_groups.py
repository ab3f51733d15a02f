"""Groups of users, as their tokens tell them."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from sluice.errors import Conflict
from tests.cognito import ANN, BOB, Refusal, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def ann(service: Service) -> str:
    return service.member(ANN)


def groups(tokens: dict[str, Any], kind: str = "AccessToken") -> object:
    return jwt.decode(tokens[kind], options={"verify_signature": False}).get("cognito:groups")


def test_both_tokens_tell_the_groups(service: Service, ann: str) -> None:
    service.identity.groups.join(ann, "operators")
    service.identity.groups.join(ann, "cooks")
    tokens = service.sign_in()
    assert groups(tokens, "AccessToken") == groups(tokens, "IdToken") == ["cooks", "operators"]


def test_who_is_in_no_group_has_no_such_claim(service: Service, ann: str) -> None:
    service.identity.groups.join(service.member(BOB), "operators")
    assert groups(service.sign_in()) is None


def test_a_renewed_token_tells_what_has_changed(service: Service, ann: str) -> None:
    refresh = {"REFRESH_TOKEN": service.sign_in()["RefreshToken"]}
    service.identity.groups.join(ann, "operators")
    renewed = service.ask("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
    assert groups(renewed["AuthenticationResult"]) == ["operators"]


def test_whoever_left_a_group_is_not_told_in_it(service: Service, ann: str) -> None:
    service.identity.groups.join(ann, "operators")
    service.identity.groups.join(ann, "operators")
    service.identity.groups.leave(ann, "operators")
    assert groups(service.sign_in()) is None


def test_a_deleted_account_is_in_no_group(service: Service, ann: str) -> None:
    service.identity.groups.join(ann, "operators")
    service.identity.users.delete(ann)
    assert service.identity.groups.members("operators") == []


def test_nobody_can_not_join(service: Service) -> None:
    with pytest.raises(Conflict):
        service.identity.groups.join("nobody", "operators")


def test_users_can_not_name_their_own_groups(service: Service, ann: str) -> None:
    mine = [{"Name": "cognito:groups", "Value": "operators"}]
    with pytest.raises(Refusal, match="does not exist"):
        service.call("UpdateUserAttributes", AccessToken=service.sign_in()["AccessToken"], UserAttributes=mine)
