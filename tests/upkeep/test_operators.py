"""Who may see the operator's page."""

from dataclasses import replace
from pathlib import Path

import pytest

from sluice.identity.users import User
from sluice.settings import Settings
from sluice.wiring.local import local_home
from tests.upkeep.conftest import Sluice

ANN = User("u-ann", "ann@example.org", 1, b"sealed", {}, 0, email_verified=True, confirmed=True)


@pytest.fixture
def people(data: Path) -> None:
    identity = local_home(Settings(data=data)).identity
    assert identity is not None
    identity.users.add(ANN)
    identity.users.add(replace(ANN, id="u-eve", email="boss@example.org", email_verified=False))


@pytest.mark.usefixtures("people")
def test_an_operator_is_made_and_unmade(sluice: Sluice) -> None:
    assert sluice("operators", "add", "Ann@example.org").stdout == "u-ann\tann@example.org\n"
    assert sluice("operators", "list").stdout == "u-ann\tann@example.org\n"
    assert sluice("operators", "remove", "ann@example.org").exit_code == 0
    assert sluice("operators", "list").stdout == ""


@pytest.mark.usefixtures("people")
def test_an_address_that_nobody_proved_to_be_theirs_makes_no_operator(sluice: Sluice) -> None:
    added = sluice("operators", "add", "boss@example.org")
    assert (added.exit_code, sluice("operators", "list").stdout) == (1, "")
    assert "has not confirmed that address" in added.stderr


@pytest.mark.usefixtures("people")
def test_the_signing_key_of_these_accounts_is_replaced(sluice: Sluice) -> None:
    first, second = sluice("keys", "rotate"), sluice("keys", "rotate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout != second.stdout


def test_the_keys_of_accounts_that_are_kept_elsewhere_are_not_looked_for_here(sluice: Sluice, data: Path) -> None:
    told = sluice("keys", "rotate", SLUICE_ISSUER="https://issuer.example.org/pool", SLUICE_CLIENT_ID="c")
    assert (told.exit_code, data.exists()) == (1, False)
    assert "rotate its keys where it runs" in told.stderr


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_stranger_is_told(sluice: Sluice, change: str) -> None:
    answer = sluice("operators", change, "zoe@example.org")
    assert (answer.exit_code, answer.stderr) == (1, "sluice: nobody has signed up as zoe@example.org\n")


def test_accounts_that_are_kept_elsewhere_are_changed_there(sluice: Sluice) -> None:
    told = sluice("operators", "list", SLUICE_ISSUER="https://issuer.example.org/pool", SLUICE_CLIENT_ID="c")
    assert told.exit_code == 1
    assert "https://issuer.example.org/pool" in told.stderr
    assert "admin-add-user-to-group" in told.stderr
