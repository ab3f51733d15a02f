"""Where a request comes from: the word of the proxies that the operator named counts, nobody else's."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from sluice.variables import Network

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SeenThroughProxies:
    """A WSGI application whose REMOTE_ADDR is the visitor's, also where proxies stand before it."""

    def __init__(self, application: Application, proxies: Sequence[Network]) -> None:
        self._application = application
        self._proxies = proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        peer = environ.get("REMOTE_ADDR", "")
        environ["REMOTE_ADDR"] = visitor(peer, environ.get("HTTP_X_FORWARDED_FOR", ""), self._proxies)
        return self._application(environ, start_response)


def visitor(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The address of whoever asked the outermost of our proxies; the peer's own if it is none of them.

    Every proxy adds to X-Forwarded-For, on the right, whom it was asked by; what stands left of that, anybody may have
    written."""
    nearest = peer
    for hop in reversed([*forwarded_for.split(","), peer]):
        address = _address(hop)
        if address is None:
            break
        nearest = str(address)
        if not any(address in network for network in proxies):
            break
    return nearest


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A socket that takes both kinds shows IPv4 in the clothes of IPv6.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
