"""Addresses of servers, as people give them and as servers give them out."""

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from .troubles import Trouble

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

_AFTER_THE_HOST = re.compile("[!-~]*")


def given(text: str) -> str:
    """What somebody typed as an address without a slash at its end: https, but on this machine, where they don't say.

    Trouble where it can't be one."""
    address = text.strip()
    if "://" not in address:
        here = split(f"http://{address}").hostname in THIS_MACHINE
        address = f"{'http' if here else 'https'}://{address}"
    split(address)
    return address.rstrip("/")


def split(url: str) -> SplitResult:
    """Its parts. Trouble if nobody could be asked there."""
    try:
        parts = urlsplit(url)
        fits = _is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("http", "https") or not _AFTER_THE_HOST.fullmatch(parts.path + parts.query):
        raise Trouble(f"{url} is not an address of a server; give one like https://video.example.org")
    return parts


def _is_host(name: str) -> bool:
    """Whether it could be a host's. ValueError as well if not."""
    # As it is looked up: in labels of 1 to 63 letters, whatever the alphabet.
    return bool(name.encode("idna")) and not re.search(r"[\s\x00-\x1f\x7f]", name)


def origin(url: str) -> str:
    """Its scheme, host and port. Trouble if nobody could be asked there."""
    parts = split(url)
    return f"{parts.scheme}://{parts.netloc}"


def joined(base: str, url: str) -> str:
    """Where a link leads from there. Trouble if it leads nowhere."""
    try:
        return urljoin(base, url)
    except ValueError as error:
        raise Trouble(f"{url} is not an address") from error


def watch_page(server: str, video_id: str) -> str:
    """The page to watch this video on."""
    return f"{server}/watch/?v={quote(video_id)}"
