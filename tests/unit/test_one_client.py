"""Threads that need a client of AWS at the same moment share one, built once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from sluice.adapters.aws import clients
from sluice.adapters.presigned_post import FormSigner

THREADS = 8
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Builder:
    """Builds clients, and does not end while another thread could begin to build one."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self._another = Barrier(2)

    def __call__(self, service: str = "s3") -> Any:
        self.built.append(service)
        try:
            self._another.wait(0.1)
        except RuntimeError:
            self._another.reset()
        return self

    def generate_presigned_post(self, bucket: str, key: str, **conditions: Any) -> dict[str, Any]:
        return {"url": f"https://{bucket}.example.org/", "fields": {"key": key}}


def test_a_service_has_one_client_for_all_threads(monkeypatch: Any) -> None:
    builder = Builder()
    monkeypatch.setattr(clients, "_client", builder)
    found = clients.Clients()

    with ThreadPoolExecutor(THREADS) as threads:
        given = list(threads.map(found, ["dynamodb", "s3"] * THREADS))

    assert set(given) == {builder}
    assert sorted(builder.built) == ["dynamodb", "s3"]


def test_forms_are_signed_by_one_client_for_all_threads() -> None:
    builder = Builder()
    signer = FormSigner("raw", builder, now=lambda: NOW)

    def sign(key: str) -> str:
        return signer.sign(key, {}, max_bytes=1, expires_at=NOW + timedelta(hours=1)).fields["key"]

    with ThreadPoolExecutor(THREADS) as threads:
        signed = list(threads.map(sign, map(str, range(THREADS))))

    assert signed == [str(number) for number in range(THREADS)]
    assert builder.built == ["s3"]
