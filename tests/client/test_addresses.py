"""Addresses of servers, as people give them."""

import socket

import pytest

from sluice.client.addresses import given
from tests.client.conftest import Running, Sluice


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("LOCALHOST/", "http://LOCALHOST"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("video.example.org", "https://video.example.org"),
        ("video.example.org:8443/", "https://video.example.org:8443"),
        ("localhost.example.org", "https://localhost.example.org"),
        ("https://localhost:8443", "https://localhost:8443"),
        (" http://192.168.0.7:8000 ", "http://192.168.0.7:8000"),
    ],
)
def test_an_address_without_a_scheme_is_https_but_on_this_machine(typed: str, address: str) -> None:
    assert given(typed) == address


def test_a_server_of_this_machine_is_found_by_host_and_port(sluice: Sluice, running: Running) -> None:
    where = f"127.0.0.1:{running.port}"
    assert sluice("ls", "--public", "--server", where).exit_code == 0
    assert sluice("ls", "--public", SLUICE_SERVER=where).exit_code == 0


def test_a_server_that_does_not_speak_https_is_told_at_once(
    sluice: Sluice, running: Running, pauses: list[float]
) -> None:
    end = sluice("ls", "--server", f"https://127.0.0.1:{running.port}")
    assert (end.exit_code, pauses) == (1, [])
    assert end.stderr.endswith(f"if it speaks http, say so: http://127.0.0.1:{running.port}\n")


def test_a_name_that_nobody_has_is_told_at_once(
    sluice: Sluice, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    end = sluice("ls", "--server", "vidoe.example.org")
    assert (end.exit_code, pauses) == (5, [])
    assert end.stderr.startswith("sluice: https://vidoe.example.org can't be found; is the name right")
