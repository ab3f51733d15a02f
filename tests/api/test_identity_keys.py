"""Secrets of the installation: made once, private, rotated without signing anybody out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from sluice.errors import Unavailable
from sluice.identity.keys import Keyring
from sluice.identity.vault import open_vault
from tests.cognito import ANN, Clock, Refusal, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_starts_that_race_agree_on_one_key(tmp_path: Path) -> None:
    start = threading.Barrier(3)

    def one(_: int) -> str:
        start.wait(timeout=10)
        return Keyring(tmp_path / "keys", lambda: 0).signing_key().kid

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(one, range(3)))) == 1


def test_secrets_are_readable_by_their_owner_alone(service: Service) -> None:
    service.identity.rotate_keys()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (service.folder / "keys").iterdir()}
    assert modes == {"instance.key": 0o600, "signing.json": 0o600, ".identity.lock": 0o600}
    assert (service.folder / "identity.db").stat().st_mode & 0o777 == 0o600
    assert (service.folder / "identity.db-wal").stat().st_mode & 0o777 == 0o600


def test_after_a_rotation_new_tokens_carry_the_new_key_and_old_ones_stay_good(service: Service) -> None:
    service.member()
    before = service.sign_in()["AccessToken"]
    new = service.identity.rotate_keys()
    after = service.sign_in()["AccessToken"]
    assert kid(before) != kid(after) == new
    assert service.call("GetUser", AccessToken=before) == service.call("GetUser", AccessToken=after)


def test_an_old_key_is_published_until_its_last_token_has_expired(service: Service) -> None:
    service.identity.rotate_keys()
    service.clock.forward(minutes=60)
    assert len(service.identity.jwks()["keys"]) == 2
    service.clock.forward(minutes=10)
    assert len(service.identity.jwks()["keys"]) == 1


def test_a_second_rotation_keeps_the_first_key_while_it_is_needed(service: Service) -> None:
    service.identity.rotate_keys()
    service.clock.forward(minutes=30)
    service.identity.rotate_keys()
    assert len(service.identity.jwks()["keys"]) == 3
    service.clock.forward(minutes=40)
    assert len(service.identity.jwks()["keys"]) == 2


def test_other_processes_follow_a_rotation(service: Service) -> None:
    service.member()
    other = Service(service.folder, service.clock)
    service.sign_in()
    new = other.identity.rotate_keys()
    assert kid(service.sign_in()["AccessToken"]) == new


def test_a_broken_key_file_makes_the_service_unavailable_with_a_remedy(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path, lambda: 0)
    (tmp_path / "signing.json").write_text("{}")
    with pytest.raises(Unavailable, match="restore it, or remove it"):
        keyring.signing_key()


def test_a_sealed_secret_opens_in_its_context_alone(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    sealed = vault.seal(b"secret", "ann")
    assert open_vault(tmp_path).open(sealed, "ann") == b"secret"
    with pytest.raises(Unavailable):
        vault.open(sealed, "bob")


def test_a_lost_instance_key_is_told_to_the_operator_and_to_nobody_else(service: Service) -> None:
    service.member()
    (service.folder / "keys" / "instance.key").unlink()
    with pytest.raises(Refusal, match=r"InternalErrorException: Try again in a moment."):
        Service(service.folder, Clock()).begin(ANN)


def test_a_restart_forgets_nobody(service: Service) -> None:
    ann = service.member()
    tokens = service.sign_in()
    again = Service(service.folder, service.clock)
    assert again.call("GetUser", AccessToken=tokens["AccessToken"])["Username"] == ann
    answer = again.ask("GetTokensFromRefreshToken", RefreshToken=tokens["RefreshToken"])
    assert again.call("GetUser", AccessToken=answer["AuthenticationResult"]["AccessToken"])["Username"] == ann
