"""The token check under attack; every refusal is the same."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec

from sluice import tokens
from sluice.errors import Unauthenticated
from sluice.tokens import TokenCheck
from tests.signing import CLIENT, GOOD, ISSUER, KEY, NOW, OTHER_KEY, Issuer, a_token, encoded, published, signed

CURVE_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def check(issuer: Issuer) -> Callable[[str | None], str]:
    checks = TokenCheck(ISSUER, CLIENT, issuer.jwks, issuer.now)
    return lambda authorization: checks.check(authorization).user_id


Check = Callable[[str | None], str]


def headed(**header: Any) -> str:
    return signed(json.dumps(GOOD).encode(), {"alg": "RS256", "kid": "k1", **header})


def without(name: str) -> str:
    return signed(json.dumps({key: value for key, value in GOOD.items() if key != name}).encode())


def test_a_good_token_names_its_user(check: Check) -> None:
    assert check(a_token()) == "ann"


def test_the_caller_carries_the_claims(issuer: Issuer) -> None:
    token = signed(json.dumps({**GOOD, "cognito:groups": ["admins"]}).encode())
    caller = TokenCheck(ISSUER, CLIENT, issuer.jwks, issuer.now).check(token)
    assert caller.claims["cognito:groups"] == ["admins"]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(check: Check, scheme: str) -> None:
    assert check(a_token().replace("Bearer", scheme)) == "ann"


CLAIM_ATTACKS = {
    "another issuer": {"iss": "https://evil.example.org"},
    "an issuer with a slash more": {"iss": ISSUER + "/"},
    "a list of issuers": {"iss": [ISSUER]},
    "another client": {"client_id": "another"},
    "a list of clients": {"client_id": [CLIENT]},
    "the client in another case": {"client_id": CLIENT.upper()},
    "an ID token": {"token_use": "id"},
    "no use": {"token_use": None},
    "expired": {"exp": NOW - 1},
    "expiring now": {"exp": NOW},
    "expiry as text": {"exp": str(NOW + 60)},
    "expiry as true": {"exp": True},
    "expiry null": {"exp": None},
    "expiry as list": {"exp": [NOW + 60]},
    "expiry in milliseconds": {"exp": (NOW + 60) * 1000},
    "expiry too large for a float": {"exp": 10**400},
    "expiry negative": {"exp": -1},
    "not valid yet": {"nbf": NOW + 60},
    "nbf as text": {"nbf": "0"},
    "nbf as true": {"nbf": True},
    "nbf null": {"nbf": None},
    "from the future": {"iat": NOW + 60},
    "issued as text": {"iat": "now"},
    "issued after its end": {"iat": NOW + 9, "exp": NOW + 5},
    "no subject": {"sub": ""},
    "a number as subject": {"sub": 7},
    "a blank subject": {"sub": " "},
    "a subject with a line break": {"sub": "ann\nbob"},
    "an endless subject": {"sub": "a" * 256},
    "half a character as subject": {"sub": "\ud800"},
}


@pytest.mark.parametrize("claims", CLAIM_ATTACKS.values(), ids=CLAIM_ATTACKS.keys())
def test_wrong_claims_are_refused(check: Check, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        check(a_token(**claims))


@pytest.mark.parametrize("name", ["iss", "client_id", "token_use", "exp", "sub"])
def test_missing_claims_are_refused(check: Check, name: str) -> None:
    with pytest.raises(Unauthenticated):
        check(without(name))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_an_expiry_that_is_no_proper_number_is_refused(check: Check, number: str) -> None:
    payload = json.dumps(GOOD).replace(str(GOOD["exp"]), number)
    with pytest.raises(Unauthenticated):
        check(signed(payload.encode()))


PAYLOADS = {
    "doubled claim": json.dumps(GOOD)[:-1].encode() + b', "sub": "bob"}',
    "a list": b"[]",
    "a text": b'"ann"',
    "nothing": b"",
    "deep": b"[" * 2500 + b"]" * 2500,
    "not UTF-8": b'{"sub": "\xff"}',
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_signed_payload_that_is_no_plain_object_is_refused(check: Check, payload: bytes) -> None:
    with pytest.raises(Unauthenticated):
        check(signed(payload))


HEADER_ATTACKS = {
    "crit": {"crit": ["exp"]},
    "empty crit": {"crit": []},
    "unencoded payload": {"b64": False},
    "lower-case algorithm": {"alg": "rs256"},
    "RS512": {"alg": "RS512"},
    "no algorithm": {"alg": None},
    "none": {"alg": "none"},
    "None": {"alg": "None"},
    "list of algorithms": {"alg": ["RS256"]},
    "no kid": {"kid": None},
    "empty kid": {"kid": ""},
    "number as kid": {"kid": 1},
    "list as kid": {"kid": ["k1"]},
    "path as kid": {"kid": "../../dev/null"},
    "encrypted": {"typ": "JWE"},
}


@pytest.mark.parametrize("header", HEADER_ATTACKS.values(), ids=HEADER_ATTACKS.keys())
def test_headers_that_ask_for_something_else_are_refused(check: Check, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        check(headed(**header))


def test_a_doubled_header_field_is_refused(check: Check) -> None:
    with pytest.raises(Unauthenticated):
        check(signed(json.dumps(GOOD).encode(), b'{"alg": "none", "kid": "k1", "alg": "RS256"}'))


def test_a_key_that_the_token_brings_along_is_not_used(check: Check) -> None:
    header = {"alg": "RS256", "kid": "k1", "jwk": published(OTHER_KEY), "jku": "https://evil.example.org/jwks.json"}
    with pytest.raises(Unauthenticated):
        check(signed(json.dumps(GOOD).encode(), header, OTHER_KEY))


def test_a_key_that_the_token_brings_along_does_no_harm_either(issuer: Issuer, check: Check) -> None:
    assert check(headed(jku="https://evil.example.org", x5u="https://evil.example.org", jwk={})) == "ann"
    assert issuer.asked == 1


def test_the_public_key_is_no_shared_secret(check: Check) -> None:
    secret = KEY.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    text = f"{encoded(json.dumps({'alg': 'HS256', 'kid': 'k1'}).encode())}.{encoded(json.dumps(GOOD).encode())}"
    with pytest.raises(Unauthenticated):
        check(f"Bearer {text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}")


@pytest.mark.parametrize(("algorithm", "key"), [("PS256", KEY), ("RS384", KEY), ("ES256", CURVE_KEY), ("none", None)])
def test_other_algorithms_are_refused(check: Check, algorithm: str, key: Any) -> None:
    with pytest.raises(Unauthenticated):
        check("Bearer " + jwt.encode(dict(GOOD), key, algorithm, headers={"kid": "k1"}))


def test_a_signature_of_another_key_is_refused(check: Check) -> None:
    with pytest.raises(Unauthenticated):
        check(a_token(key=OTHER_KEY))


def test_a_changed_payload_is_refused(check: Check) -> None:
    head, _, signature = a_token().split(".")
    with pytest.raises(Unauthenticated):
        check(f"{head}.{encoded(json.dumps({**GOOD, 'sub': 'bob'}).encode())}.{signature}")


SHAPES = {
    "nothing": None,
    "empty": "",
    "no scheme": a_token().removeprefix("Bearer "),
    "another scheme": a_token().replace("Bearer", "Basic"),
    "two tokens": f"{a_token()}, {a_token()}",
    "a space behind": a_token() + " ",
    "a line break behind": a_token() + "\n",
    "two parts": a_token().rpartition(".")[0],
    "an empty signature": a_token().rpartition(".")[0] + ".",
    "five parts": a_token() + ".a.b",
    "padding": a_token() + "==",
    "half a byte more": a_token() + "A",
    "letters of other scripts": "Bearer é.é.é",
    "plain text": "Bearer a.b.c",
}


@pytest.mark.parametrize("authorization", SHAPES.values(), ids=SHAPES.keys())
def test_headers_of_another_shape_are_refused(check: Check, authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        check(authorization)


def test_an_oversize_token_is_refused_before_the_issuer_is_asked(issuer: Issuer, check: Check) -> None:
    with pytest.raises(Unauthenticated):
        check(a_token(padding="x" * 8192))
    assert issuer.asked == 0


def test_a_token_that_was_seen_before_is_refused_once_it_has_expired(issuer: Issuer, check: Check) -> None:
    check(a_token(exp=NOW + 30))
    issuer.forward(seconds=30)
    with pytest.raises(Unauthenticated):
        check(a_token(exp=NOW + 30))


def test_a_token_that_was_seen_before_is_checked_anew_when_its_key_is_replaced(issuer: Issuer, check: Check) -> None:
    check(a_token())
    issuer.keys = [published(OTHER_KEY)]
    issuer.forward(minutes=1)
    with pytest.raises(Unauthenticated):
        check(a_token())
    assert check(a_token(key=OTHER_KEY)) == "ann"


def test_another_signature_is_refused_though_the_rest_was_seen_before(check: Check) -> None:
    check(a_token())
    with pytest.raises(Unauthenticated):
        check(a_token(key=OTHER_KEY))


def test_a_token_that_was_refused_stays_refused(issuer: Issuer, check: Check) -> None:
    stranger = a_token(iss="https://evil.example.org")
    with pytest.raises(Unauthenticated):
        check(stranger)
    with pytest.raises(Unauthenticated):
        check(stranger)


def test_a_signature_is_checked_once(issuer: Issuer, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check(a_token())
    monkeypatch.setattr(tokens, "_verified", None)
    assert check(a_token()) == "ann"


def test_no_more_tokens_are_remembered_than_there_is_room_for(
    issuer: Issuer, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_SEEN", 1)
    check(a_token())
    check(a_token(sub="bob"))
    monkeypatch.setattr(tokens, "_verified", lambda token, key: {**GOOD, "sub": "checked again"})
    assert check(a_token()) == "checked again"


def test_every_refusal_reads_the_same(check: Check) -> None:
    with pytest.raises(Unauthenticated) as expired:
        check(a_token(exp=NOW - 1))
    with pytest.raises(Unauthenticated) as forged:
        check(a_token(key=OTHER_KEY))
    assert expired.value.detail == forged.value.detail
