"""What Cognito's people are called."""

import pytest
from botocore.stub import Stubber

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.cognito import CognitoPeople


@pytest.fixture
def pool(monkeypatch):
    """A stubbed user pool and the people in it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    clients = Clients()
    with Stubber(clients("cognito-idp")) as stub:
        yield stub, CognitoPeople(clients, "eu-west-1_AbC123")


def knows(stub, **attributes):
    found = [{"Name": name, "Value": value} for name, value in attributes.items()]
    asked = {"UserPoolId": "eu-west-1_AbC123", "Username": "sub-1"}
    stub.add_response("admin_get_user", {"Username": "sub-1", "UserAttributes": found}, asked)


def test_people_are_called_what_they_chose(pool):
    stub, people = pool
    knows(stub, email="ann@example.org", nickname="annie", name="Ann")
    assert people.name_of("sub-1") == "Ann"


def test_an_address_is_no_name(pool):
    stub, people = pool
    knows(stub, email="ann@example.org", name="")
    assert people.name_of("sub-1") is None


def test_nobody_has_no_name(pool):
    stub, people = pool
    stub.add_client_error("admin_get_user", "UserNotFoundException", http_status_code=400)
    assert people.name_of("sub-1") is None


def test_a_busy_pool_costs_no_upload(pool, caplog):
    stub, people = pool
    stub.add_client_error("admin_get_user", "TooManyRequestsException", http_status_code=400)
    assert people.name_of("sub-1") is None
    assert "name unknown" in caplog.text


def test_a_pool_that_does_not_let_us_in_is_a_mistake_of_ours(pool):
    stub, people = pool
    stub.add_client_error("admin_get_user", "AccessDeniedException", http_status_code=400)
    with pytest.raises(stub.client.exceptions.ClientError):
        people.name_of("sub-1")
