"""The service over HTTP: the protocol's envelope, the published keys, the outbox."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cognito import ANN, Service

WELL_KNOWN = "/cognito/local_Sluice/.well-known"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.mark.parametrize("path", ["/cognito", "/cognito/"])
def test_operations_are_found_with_and_without_a_slash(service: Service, path: str) -> None:
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser"}
    response = service.web.post(path, data=json.dumps({"AccessToken": "x"}), headers=target)
    assert response.status_code == 400
    assert response.content_type == "application/x-amz-json-1.1"
    assert response.get_json(force=True) == {"__type": "NotAuthorizedException", "message": "Invalid Access Token"}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["x-amzn-errortype"] == "NotAuthorizedException"


@pytest.mark.parametrize("path", ["/cognito", "/cognito/"])
def test_browsers_elsewhere_may_call(service: Service, path: str) -> None:
    response = service.web.options(path, headers={"Origin": "https://site.example.org"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "*" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_an_operation_that_is_not_there_is_named(service: Service) -> None:
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminCreateUser"}
    answer = service.web.post("/cognito", data="{}", headers=target).get_json(force=True)
    assert answer["__type"] == "UnsupportedOperationException"
    assert answer["message"] == "AdminCreateUser is not supported by this identity service."


@pytest.mark.parametrize("target", ["", "GetUser", "DynamoDB_20120810.GetItem"])
def test_a_request_for_nothing_is_refused(service: Service, target: str) -> None:
    response = service.web.post("/cognito", data="{}", headers={"X-Amz-Target": target})
    assert response.status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 60_000, b"\xff", b'{"a": "' + b"x" * 70_000 + b'"}'])
def test_a_body_that_is_no_small_json_object_is_refused(service: Service, body: bytes) -> None:
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}
    response = service.web.post("/cognito", data=body, headers=target)
    assert (response.status_code, response.get_json(force=True)["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("value", [7, True, ["x"], {"x": 1}, "\ud800", "x" * 200])
def test_a_field_of_another_type_is_refused(service: Service, value: object) -> None:
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.ForgotPassword"}
    body = json.dumps({"ClientId": "sluicelocal", "Username": value})
    response = service.web.post("/cognito", data=body, headers=target)
    assert (response.status_code, response.get_json(force=True)["__type"]) == (400, "InvalidParameterException")


def test_a_missing_field_is_named_as_cognito_names_it(service: Service) -> None:
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.ForgotPassword"}
    answer = service.web.post("/cognito", data='{"ClientId": "sluicelocal"}', headers=target).get_json(force=True)
    assert "Value null at 'username' failed to satisfy constraint: Member must not be null" in answer["message"]


def test_the_keys_are_published_without_their_secrets(service: Service) -> None:
    response = service.web.get(f"{WELL_KNOWN}/jwks.json")
    (key,) = response.get_json()["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_the_configuration_leads_to_the_keys(service: Service) -> None:
    configuration = service.web.get(f"{WELL_KNOWN}/openid-configuration").get_json()
    assert configuration["issuer"] == "http://localhost:8000/cognito/local_Sluice"
    assert configuration["jwks_uri"] == f"{configuration['issuer']}/.well-known/jwks.json"


def test_the_outbox_shows_codes_newest_first(service: Service) -> None:
    service.sign_up("ann@example.org")
    service.clock.forward(seconds=5)
    service.sign_up("bob@example.org")
    letters = service.web.get("/cognito/outbox.json").get_json()
    assert [letter["to"] for letter in letters] == ["bob@example.org", "ann@example.org"]
    assert letters[0].keys() == {"to", "code", "purpose", "at"}
    assert (letters[0]["purpose"], letters[0]["at"]) == ("sign-up", "2026-11-21T12:00:05Z")
    assert re.fullmatch(r"\d{6}", letters[0]["code"])


def test_the_outbox_page_shows_the_same(service: Service) -> None:
    service.sign_up()
    response = service.web.get("/cognito/outbox")
    assert service.code() in response.text
    assert ANN in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_an_empty_outbox_says_so(service: Service) -> None:
    assert "There are no codes" in service.web.get("/cognito/outbox").text


def test_codes_leave_the_outbox_when_used_or_expired(service: Service) -> None:
    service.member("ann@example.org")
    service.sign_up("bob@example.org")
    service.clock.forward(hours=24)
    assert service.web.get("/cognito/outbox.json").get_json() == []


STRANGERS: dict[str, dict[str, Any]] = {
    "another machine": {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
    "no address": {"environ_base": {"REMOTE_ADDR": ""}},
    "a rebound name": {"headers": {"Host": "evil.example.org"}},
    "a name that begins well": {"headers": {"Host": "localhost.example.org"}},
    "behind a proxy": {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    "behind another proxy": {"headers": {"X-Real-IP": "127.0.0.1"}},
    "behind a cloud's proxy": {"headers": {"CF-Connecting-IP": "127.0.0.1"}},
    "behind a plain nginx": {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
    "another page": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "behind a modern proxy": {"headers": {"Forwarded": "for=127.0.0.1"}},
}


@pytest.mark.parametrize("path", ["/cognito/outbox", "/cognito/outbox.json"])
@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS.keys())
def test_the_outbox_is_for_this_machine_alone(service: Service, path: str, stranger: dict[str, Any]) -> None:
    service.sign_up()
    response = service.web.get(path, **stranger)
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "host"), [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000"), ("::ffff:127.0.0.1", "LOCALHOST")]
)
def test_this_machine_is_known_by_all_its_names(service: Service, address: str, host: str) -> None:
    response = service.web.get("/cognito/outbox", headers={"Host": host}, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == 200


def test_there_is_no_outbox_where_the_public_comes_in(tmp_path: Path) -> None:
    service = Service(tmp_path, settings={"public_url": "https://videos.example.org"})
    assert service.web.get("/cognito/outbox").status_code == 404


def test_there_is_no_outbox_where_mail_goes_out(tmp_path: Path) -> None:
    service = Service(tmp_path, settings={"smtp_url": "smtp://127.0.0.1:25"})
    assert service.web.get("/cognito/outbox").status_code == 404


def test_a_code_is_in_the_log_where_there_is_no_mail(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sluice.identity")
    service.sign_up()
    assert caplog.messages == [f"code for {ANN}: {service.code()} (no SLUICE_SMTP_URL; see /cognito/outbox)"]


def test_the_log_names_no_outbox_where_there_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sluice.identity")
    service = Service(tmp_path, settings={"public_url": "https://videos.example.org"})
    service.sign_up()
    [told] = caplog.messages
    assert re.fullmatch(rf"code for {ANN}: \d+ \(no SLUICE_SMTP_URL\)", told)
