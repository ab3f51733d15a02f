"""How often something may be tried, counted for all processes together."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sluice.adapters.local.database import Database

from .vault import Vault

QUARTER_HOUR_S = 900
HOUR_S = 3600
LONGEST_S = HOUR_S


@dataclass(frozen=True)
class Allowance:
    """So many times in so many seconds for whatever `subject` names."""

    kind: str
    subject: str
    most: int
    window_s: int


def place_of(address: str) -> str:
    """What is counted as one place: an IPv4 address, or an IPv6 network that one customer gets."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    # A socket that takes both kinds shows IPv4 in the clothes of IPv6.
    found = (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def password_tries(user_id: str, address: str) -> tuple[Allowance, ...]:
    """Guessing one account from one place, one account from everywhere, every account from one place."""
    return (
        Allowance("password-here", f"{user_id} {address}", 20, QUARTER_HOUR_S),
        Allowance("password", user_id, 200, QUARTER_HOUR_S),
        Allowance("passwords", address, 600, QUARTER_HOUR_S),
    )


def code_tries(address: str) -> Allowance:
    """Guessing codes of many accounts from one place; each single code stands a few misses only."""
    return Allowance("code-try", address, 1000, HOUR_S)


def codes_sent(user_id: str) -> Allowance:
    """Codes for one account, so that nobody's mailbox can be flooded."""
    return Allowance("code", user_id, 20, HOUR_S)


def codes_asked(address: str) -> Allowance:
    """Codes asked for from one place."""
    return Allowance("codes", address, 1000, HOUR_S)


def sign_ups(address: str, most: int) -> Allowance:
    """New accounts from one place."""
    return Allowance("sign-up", address, most, HOUR_S)


def sign_in_starts(address: str) -> Allowance:
    """Challenges from one place; each costs a row and some arithmetic."""
    return Allowance("start", address, 5000, QUARTER_HOUR_S)


class Limits:
    """Counts what was spent of each allowance; survives restarts."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def spend(self, *allowances: Allowance) -> bool:
        """Whether all of them had some left; each counts this time."""
        now = self._clock()
        with self._database.transaction():
            # What ends later than any window was begun before the clock was set back.
            self._database.execute("DELETE FROM allowances WHERE ends_at <= ? OR ends_at > ?", (now, now + LONGEST_S))
            spent = [self._database.rows(_SPEND, (self._name(one), now + one.window_s))[0][0] for one in allowances]
        return all(count <= one.most for count, one in zip(spent, allowances, strict=True))

    def refund(self, *allowances: Allowance) -> None:
        """Give back what one `spend` took."""
        with self._database.transaction():
            for one in allowances:
                self._database.execute(_REFUND, (self._name(one),))

    def _name(self, allowance: Allowance) -> str:
        return self._vault.digest("allowance", allowance.kind, allowance.subject).hex()


_SPEND = """
    INSERT INTO allowances VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE
    SET spent = spent + 1, ends_at = min(ends_at, excluded.ends_at) RETURNING spent
"""
_REFUND = "UPDATE allowances SET spent = max(0, spent - 1) WHERE name = ?"
