"""Clients that nobody here wrote, against the service on a real port: pycognito (its own SRP) and boto3."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from flask import Flask
from pycognito import Cognito
from werkzeug.serving import make_server

from sluice import identity
from sluice.identity.routes import blueprint
from sluice.settings import LOCAL_CLIENT_ID, POOL_ID, Settings
from sluice.wiring import utc_now

pytestmark = pytest.mark.e2e

ANN, PASSWORD = "ann@example.org", "Correct-horse-7"


@pytest.fixture
def deleted() -> list[str]:
    return []


@pytest.fixture
def origin(tmp_path: Path, deleted: list[str]) -> Iterator[str]:
    """Where the service runs."""
    app = Flask("identity")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    service = identity.build(
        Settings(data=tmp_path, public_url=url), now=utc_now, on_deleted=deleted.append, on_renamed=lambda *_: None
    )
    app.register_blueprint(blueprint(service))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def a_client(origin: str) -> Any:
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
    return boto3.client("cognito-idp", endpoint_url=f"{origin}/cognito", **keys)


def a_person(origin: str, **tokens: str) -> Cognito:
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "endpoint_url": f"{origin}/cognito"}
    names = {"user_pool_region": "us-east-1", "username": ANN, **tokens}
    return Cognito(POOL_ID, LOCAL_CLIENT_ID, **names, boto3_client_kwargs=keys)


def code(origin: str) -> str:
    with urlopen(f"{origin}/cognito/outbox.json", timeout=5) as answer:
        return str(json.load(answer)[0]["code"])


@pytest.fixture
def ann(origin: str) -> Cognito:
    """Somebody who signed up, confirmed and signed in."""
    person = a_person(origin)
    person.set_base_attributes(email=ANN, name="Ann")
    person.register(ANN, PASSWORD)
    person.confirm_sign_up(code(origin))
    person.authenticate(PASSWORD)
    return person


def test_pycognito_signs_up_confirms_signs_in_and_trusts_the_tokens(ann: Cognito) -> None:
    ann.verify_tokens()
    user = ann.get_user()
    assert (user.email, user.email_verified, user.name) == (ANN, True, "Ann")
    assert user.sub == ann.access_claims["sub"]


def test_pycognito_refreshes_with_the_older_call(ann: Cognito) -> None:
    before = ann.access_token
    ann.renew_access_token()
    ann.verify_tokens()
    assert ann.access_token != before


def test_boto3_refreshes_with_the_newer_call(origin: str, ann: Cognito) -> None:
    answer = a_client(origin).get_tokens_from_refresh_token(RefreshToken=ann.refresh_token, ClientId=LOCAL_CLIENT_ID)
    result = answer["AuthenticationResult"]
    assert a_person(origin, access_token=result["AccessToken"]).get_user().email == ANN
    assert result["RefreshToken"] == ann.refresh_token


def test_who_signs_out_is_out_everywhere(origin: str, ann: Cognito) -> None:
    elsewhere = a_person(origin)
    elsewhere.authenticate(PASSWORD)
    ann.logout()
    with pytest.raises(elsewhere.client.exceptions.NotAuthorizedException):
        elsewhere.get_user()
    with pytest.raises(elsewhere.client.exceptions.NotAuthorizedException):
        elsewhere.renew_access_token()


def test_a_changed_password_is_the_one_that_signs_in(origin: str, ann: Cognito) -> None:
    ann.change_password(PASSWORD, "Another-horse-8")
    with pytest.raises(ann.client.exceptions.NotAuthorizedException):
        a_person(origin).authenticate(PASSWORD)
    a_person(origin).authenticate("Another-horse-8")


def test_a_forgotten_password_is_replaced_with_a_code(origin: str, ann: Cognito) -> None:
    person = a_person(origin)
    person.initiate_forgot_password()
    person.confirm_forgot_password(code(origin), "Third-horse-9")
    person.authenticate("Third-horse-9")
    assert person.get_user().email == ANN


def test_a_new_address_is_verified_with_a_code(origin: str, ann: Cognito) -> None:
    ann.update_profile({"email": "ann@example.net"})
    assert ann.get_user().email_verified is False
    ann.validate_verification(code(origin))
    assert ann.get_user().email_verified is True


def test_who_deletes_their_account_is_gone(origin: str, ann: Cognito, deleted: list[str]) -> None:
    user_id = ann.get_user().sub
    ann.delete_user()
    with pytest.raises(ann.client.exceptions.NotAuthorizedException):
        a_person(origin).authenticate(PASSWORD)
    assert deleted == [user_id]


def test_boto3_names_the_errors_by_their_classes(origin: str, ann: Cognito) -> None:
    client = a_client(origin)
    with pytest.raises(client.exceptions.UsernameExistsException):
        client.sign_up(ClientId=LOCAL_CLIENT_ID, Username=ANN, Password=PASSWORD)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.forgot_password(ClientId="another", Username=ANN)
    with pytest.raises(client.exceptions.ExpiredCodeException):
        client.confirm_forgot_password(
            ClientId=LOCAL_CLIENT_ID, Username=ANN, ConfirmationCode="000000", Password=PASSWORD
        )


def test_boto3_revokes_a_session(origin: str, ann: Cognito) -> None:
    client = a_client(origin)
    client.revoke_token(Token=ann.refresh_token, ClientId=LOCAL_CLIENT_ID)
    with pytest.raises(client.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        client.get_user(AccessToken=ann.access_token)
