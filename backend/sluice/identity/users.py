"""Who may sign in."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sluice.adapters.local.database import Database
from sluice.ports import SHOWN_NAMES


@dataclass(frozen=True)
class User:
    """One account; the verifier is sealed, e-mail addresses are in lower case.

    The pending one takes the place of the other once it is proved to be the user's."""

    id: str
    email: str
    salt: int
    verifier: bytes
    attributes: Mapping[str, str]
    created_at: int
    email_verified: bool = False
    confirmed: bool = False
    pending: str | None = None

    @property
    def shown_name(self) -> str | None:
        """What to call them in public; never the e-mail address."""
        return next((self.attributes[name] for name in SHOWN_NAMES if self.attributes.get(name)), None)

    @property
    def newest_email(self) -> str:
        """The address that they gave last, proved or not."""
        return self.pending or self.email

    @property
    def newest_verified(self) -> bool:
        """Whether that one is proved to be theirs."""
        return self.email_verified and self.pending is None

    def move(self, email: str) -> "User":
        """They give this address as theirs."""
        return replace(self, pending=None if email == self.email else email)

    def prove_email(self, email: str) -> "User":
        """Its owner has shown that this mailbox is theirs; unchanged if they gave another address by now."""
        if email not in (self.email, self.pending):
            return self
        pending = None if email == self.pending else self.pending
        return replace(self, email=email, email_verified=True, confirmed=True, pending=pending)


class EmailTaken(Exception):
    """Another account has this e-mail address."""


class Users:
    """The accounts. Every write is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User) -> None:
        """Keep a new account; EmailTaken if there is one with its address."""
        with self._database.transaction():
            self._refuse_taken(user)
            self._database.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(user))

    def get(self, user_id: str) -> User | None:
        """The account with that id."""
        return self._find("SELECT * FROM users WHERE id = ?", user_id)

    def by_email(self, email: str) -> User | None:
        """The account with that address, however its letters are written."""
        return self._find("SELECT * FROM users WHERE email = ?", email.lower())

    def change(self, user_id: str, change: Callable[[User], User]) -> User | None:
        """The account as changed and kept, None if it is gone; EmailTaken if another one has its new address."""
        with self._database.transaction():
            before = self.get(user_id)
            if before is None:
                return None
            user = change(before)
            if (user.email, user.pending) != (before.email, before.pending):
                self._refuse_taken(user)
            self._database.execute(_UPDATE, _row(user))
            return user

    def delete(self, user_id: str) -> None:
        """Remove the account, its sessions and its codes."""
        with self._database.transaction():
            self._database.execute("DELETE FROM codes WHERE user_id = ?", (user_id,))
            self._database.execute("DELETE FROM users WHERE id = ?", (user_id,))

    def _find(self, query: str, value: str) -> User | None:
        row = self._database.row(query, (value,))
        return None if row is None else _user(row)

    def _refuse_taken(self, user: User) -> None:
        if self._database.row("SELECT 1 FROM users WHERE email = ? AND id != ?", (user.newest_email, user.id)):
            raise EmailTaken(user.newest_email)


_UPDATE = """
    UPDATE users SET email = ?2, email_verified = ?3, confirmed = ?4, salt = ?5, verifier = ?6, attributes = ?7,
        created_at = ?8, pending = ?9 WHERE id = ?1
"""


def _row(user: User) -> tuple[object, ...]:
    salt = user.salt.to_bytes(16, "big")
    attributes = json.dumps(dict(user.attributes), ensure_ascii=False)
    flags = (int(user.email_verified), int(user.confirmed))
    return (user.id, user.email, *flags, salt, user.verifier, attributes, user.created_at, user.pending)


def _user(row: sqlite3.Row) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        salt=int.from_bytes(row["salt"], "big"),
        verifier=row["verifier"],
        attributes=json.loads(row["attributes"]),
        created_at=row["created_at"],
        email_verified=bool(row["email_verified"]),
        confirmed=bool(row["confirmed"]),
        pending=row["pending"],
    )
