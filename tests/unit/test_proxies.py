"""Whose word about a visitor's address is taken."""

from ipaddress import ip_network

import pytest

from sluice.entry.proxies import SeenThroughProxies, visitor

NGINX = [ip_network("127.0.0.1"), ip_network("10.0.0.0/24"), ip_network("::1")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.9", "10.0.0.9"),
    ],
)
def test_named_proxies_are_looked_through(peer: str, forwarded_for: str, address: str) -> None:
    assert visitor(peer, forwarded_for, NGINX) == address


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1,", "127.0.0.1"),
    ],
)
def test_what_a_visitor_wrote_is_not_believed(peer: str, forwarded_for: str, address: str) -> None:
    assert visitor(peer, forwarded_for, NGINX) == address


def test_without_a_named_proxy_nobody_is_believed() -> None:
    assert visitor("127.0.0.1", "203.0.113.7", []) == "127.0.0.1"


def test_the_application_sees_the_visitor() -> None:
    seen: list[str] = []

    def application(environ, start_response):  # type: ignore[no-untyped-def]
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    SeenThroughProxies(application, NGINX)(environ, lambda *_: None)
    assert seen == ["203.0.113.7"]
