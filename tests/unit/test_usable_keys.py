"""Which of the keys that an issuer publishes are used."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sluice.errors import Unauthenticated
from sluice.tokens import TokenCheck
from tests.signing import CLIENT, ISSUER, KEY, OTHER_KEY, Issuer, a_token, published

Check = Callable[[str | None], str]
SHORT_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def check(issuer: Issuer) -> Check:
    tokens = TokenCheck(ISSUER, CLIENT, issuer.jwks, issuer.now)
    return lambda authorization: tokens.check(authorization).user_id


UNUSABLE = {
    "for encryption": published(KEY, use="enc"),
    "for another algorithm": published(KEY, alg="PS256"),
    "not RSA": {"kty": "oct", "kid": "k1", "k": "c2VjcmV0"},
    "without a kid": {**published(KEY), "kid": None},
    "without a modulus": {**published(KEY), "n": None},
    "broken": {**published(KEY), "n": "!!"},
    "no object": "k1",
}


@pytest.mark.parametrize("key", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_unusable_keys_are_skipped(issuer: Issuer, check: Check, key: Any) -> None:
    issuer.keys = [key, published(OTHER_KEY, "k2")]
    with pytest.raises(Unauthenticated):
        check(a_token())
    assert check(a_token("k2", OTHER_KEY)) == "ann"


def test_a_key_that_is_too_short_is_skipped(issuer: Issuer, check: Check) -> None:
    issuer.keys = [published(SHORT_KEY)]
    with pytest.raises(Unauthenticated):
        check(a_token(key=SHORT_KEY))


def test_a_key_without_use_and_algorithm_is_good(issuer: Issuer, check: Check) -> None:
    issuer.keys = [RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k1"}]
    assert check(a_token()) == "ann"
