"""SRP: the server's side against a client's formula written apart from it."""

import pytest

from sluice import srp
from tests import cognito

USER = "6a6d1d2e-55f1-4d0c-9a52-000000000001"
SALT, CLIENT_SECRET, SERVER_SECRET = 0xF123456789ABCDEF, 0x1234567890ABCDEF << 200, 0xFEDCBA9876543210 << 190


def test_the_group_is_the_one_of_the_rfc() -> None:
    assert cognito.N == srp.N


def test_both_sides_arrive_at_the_same_key() -> None:
    verifier = srp.verifier("Sluice", USER, "Correct-horse-7", SALT)
    server_value = srp.public_value(SERVER_SECRET, verifier)
    key = srp.shared_key(pow(srp.G, CLIENT_SECRET, srp.N), SERVER_SECRET, verifier)
    assert cognito.client_key(CLIENT_SECRET, server_value, SALT, USER, "Correct-horse-7") == key


def test_another_password_leads_to_another_key() -> None:
    verifier = srp.verifier("Sluice", USER, "Correct-horse-7", SALT)
    server_value = srp.public_value(SERVER_SECRET, verifier)
    key = srp.shared_key(pow(srp.G, CLIENT_SECRET, srp.N), SERVER_SECRET, verifier)
    assert cognito.client_key(CLIENT_SECRET, server_value, SALT, USER, "Correct-horse-8") != key


def test_our_client_arrives_at_the_key_of_an_independent_one() -> None:
    verifier = srp.verifier("Sluice", USER, "Correct-horse-7", SALT)
    server_value = srp.public_value(SERVER_SECRET, verifier)
    ours = srp.client_key(CLIENT_SECRET, server_value, "Correct-horse-7", pool="Sluice", user_id=USER, salt=SALT)
    assert ours == cognito.client_key(CLIENT_SECRET, server_value, SALT, USER, "Correct-horse-7")


@pytest.mark.parametrize(
    ("number", "padded"), [(0, "00"), (0x7F, "7f"), (0x80, "0080"), (0xABC, "0abc"), (0xFFFF, "00ffff")]
)
def test_numbers_are_hashed_as_javas_biginteger_writes_them(number: int, padded: str) -> None:
    assert srp.padded(number).hex() == padded


@pytest.mark.parametrize("text", ["0", "00", f"{srp.N:x}", f"{2 * srp.N:x}", "", "-1", "xyz", "1_0", "1" * 800])
def test_a_client_value_that_would_fix_the_key_is_none(text: str) -> None:
    assert srp.client_value(text) is None


def test_a_proper_client_value_is_read() -> None:
    assert srp.client_value("aBc") == 0xABC
