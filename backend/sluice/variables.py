"""The variables that settings come from, read one at a time; what is wrong is gathered, each with its remedy."""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .records import dataclass

T = TypeVar("T")
Network = IPv4Network | IPv6Network

PREFIX = "SLUICE_"
# Not settings of a server; the command line's client reads them.
_CLIENTS = {"SERVER", "TOKEN"}
_WEB = ("http", "https")
# It stands in a credential, whose parts are divided by slashes.
_ACCESS_KEY = re.compile(r"[!-.0-~]+")
_LOCATION = re.compile(r"(/[\w.-]+)+/?", re.ASCII)
# What a letter's From can hold, whose name needs quotes around any of these signs.
_MAILBOX = r'[^\s<>@,;:"]+@[^\s<>@,;:"]+'
_SENDER = re.compile(rf'{_MAILBOX}|(?:[^<>@,;:"]*|"[^"]*"\s*)<{_MAILBOX}>')
_PASSWORD = re.compile(r"(://[^/@]*:)[^/]*@")
_BEARER = re.compile(r"[ -~]*[!-~]")


@dataclass(frozen=True)
class Unknown:
    """A name that no setting has: misspelt where another is like it, else perhaps somebody else's."""

    name: str
    like: str | None = None

    @property
    def words(self) -> str:
        return f"{PREFIX}{self.name} is not a setting of Sluice"

    @property
    def remedy(self) -> str:
        meant = f"{PREFIX}{self.like} is one; " if self.like else ""
        return f"{meant}.env.example lists those there are"


class Variables:
    """Reads one variable at a time and gathers what is wrong."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._given = given
        self._known: set[str] = set()

    def problem(self, name: str, words: str) -> None:
        self.problems.append(f"{PREFIX}{name} {words}")

    def unknown(self) -> list[Unknown]:
        """What is set and has no effect; those that were read by now are known."""
        # Here, not above: no function on AWS needs it.
        from difflib import get_close_matches

        known = self._known | _CLIENTS
        given = {name.removeprefix(PREFIX) for name, value in self._given.items() if name.startswith(PREFIX) and value}
        meant = sorted(name for name in known if not name.endswith("_FILE"))
        return [Unknown(name, *get_close_matches(name, meant, 1)) for name in sorted(given - known)]

    def text(self, name: str, default: str | None) -> str | None:
        self._known |= {name, f"{name}_FILE"}
        value, file = self._given.get(PREFIX + name), self._given.get(f"{PREFIX}{name}_FILE")
        if value and file:
            self.problem(name, f"and {PREFIX}{name}_FILE are both set; unset one")
        if file:
            value = self._read_file(name, file)
        return value or default

    def _read_file(self, name: str, file: str) -> str | None:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problem(f"{name}_FILE", f"can't be read ({error}); point it at a readable text file")
            return None

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], remedy: str) -> T:
        value = self.text(name, None)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError:
            # It may be an address with a password in it.
            shown = _PASSWORD.sub(r"\1…@", value)
            self.problem(name, f"is {shown!r}; {remedy}")
            return default

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        def parse(value: str) -> int:
            number = int(value)
            if not least <= number <= most:
                raise ValueError(value)
            return number

        return self._parsed(name, default, parse, f"give a whole number from {least} to {most}")

    def switch(self, name: str, default: bool) -> bool:
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }

        def parse(value: str) -> bool:
            if value.lower() not in words:
                raise ValueError(value)
            return words[value.lower()]

        return self._parsed(name, default, parse, "give 1 or 0")

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        def parse(value: str) -> str:
            for one in allowed:
                if one.lower() == value.lower():
                    return one
            raise ValueError(value)

        return self._parsed(name, default, parse, f"give one of {', '.join(allowed)}")

    def url(self, name: str, default: str | None, schemes: tuple[str, ...] = _WEB) -> str | None:
        def parse(value: str) -> Any:
            if not _is_address(value, schemes):
                raise ValueError(value)
            return value

        return self._parsed(
            name, default, parse, f"give an address that starts with {' or '.join(s + '://' for s in schemes)}"
        )

    def base(self, name: str) -> str | None:
        """An address that paths are put behind."""

        def parse(value: str) -> str:
            if not _is_address(value, _WEB) or "?" in value or "#" in value:
                raise ValueError(value)
            return value

        return self._parsed(name, None, parse, "give an address that starts with http:// or https://, without ? and #")

    def origins(self, name: str) -> tuple[str, ...]:
        def parse(value: str) -> tuple[str, ...]:
            origins = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if any(urlsplit(o).path or not _is_address(o, _WEB) for o in origins):
                raise ValueError(value)
            return origins

        return self._parsed(name, (), parse, "give origins like https://www.example.org, separated by commas")

    def sender(self, name: str, default: str) -> str:
        def parse(value: str) -> str:
            if not value.isprintable() or not _SENDER.fullmatch(value):
                raise ValueError(value)
            return value

        remedy = "give an address like no-reply@example.org or Sluice <no-reply@example.org>"
        return self._parsed(name, default, parse, remedy)

    def bearer(self, name: str) -> str | None:
        value = self.text(name, None)
        if value and not _BEARER.fullmatch(value):
            # It is a secret, so it is not shown.
            self.problem(name, "can't come in a header as it is; give ASCII letters, digits and signs")
        return value

    def access_key(self, name: str) -> str | None:
        def parse(value: str) -> str:
            if not _ACCESS_KEY.fullmatch(value):
                raise ValueError(value)
            return value

        return self._parsed(name, None, parse, "give letters, digits and signs other than the slash")

    def networks(self, name: str) -> tuple[Network, ...]:
        def parse(value: str) -> tuple[Network, ...]:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())

        return self._parsed(name, (), parse, "give addresses or networks like 127.0.0.1,10.0.0.0/24")

    def location(self, name: str) -> str | None:
        def parse(value: str) -> str:
            if not _LOCATION.fullmatch(value):
                raise ValueError(value)
            return value.rstrip("/")

        return self._parsed(name, None, parse, "give an address of the proxy's own like /.media/, or leave it out")


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    """Whether it can be called. ValueError where it isn't even one in parts, or its port is none."""
    # urlsplit would take line breaks out, and look at a port only when asked for it.
    parts = urlsplit(value)
    # No name has a part of more than 63 letters, or an empty one.
    (parts.hostname or "").encode("idna")
    return value.split() == [value] and parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
