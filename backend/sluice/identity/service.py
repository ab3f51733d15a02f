"""The identity service: its parts, and what the operations have in common."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import jwt

from sluice.adapters.local.database import Database
from sluice.errors import NotFound, Unauthenticated
from sluice.settings import POOL_ID, Settings
from sluice.tokens import Caller, TokenCheck

from . import limits, passwords
from .challenges import Challenges
from .codes import Codes, Letter, Purpose
from .faults import Fault, not_authorized, revoked, too_many_codes
from .groups import Groups
from .issuer import Issuer
from .keys import Keyring
from .limits import Limits
from .mail import Mail
from .schema import MIGRATIONS
from .sessions import Sessions
from .users import User, Users
from .vault import Vault, open_vault

POOL = POOL_ID.partition("_")[2]

logger = logging.getLogger("sluice.identity")


@dataclass(frozen=True)
class Candidate:
    """Whom a name seems to mean: always an id and a lock, a user only if there is one."""

    name: str
    lock: passwords.Lock
    user: User | None

    @property
    def id(self) -> str:
        """The user's id, or what passes for it."""
        return self.lock.user_id


@dataclass(frozen=True)
class Visitor:
    """A signed-in user, and the session they came in."""

    user: User
    origin: str


@dataclass(frozen=True)
class Identity:
    """Everything an operation may touch."""

    settings: Settings
    database: Database
    vault: Vault
    users: Users
    groups: Groups
    sessions: Sessions
    challenges: Challenges
    codes: Codes
    limits: Limits
    keyring: Keyring
    issuer: Issuer
    token_check: TokenCheck
    mail: Mail | None
    clock: Callable[[], int]
    on_deleted: Callable[[str], None]
    on_renamed: Callable[[str, str], None]

    def name_of(self, user_id: str) -> str | None:
        """The name this user chose to be shown under, or None. NotFound for who has left."""
        user = self.users.get(user_id)
        if user is None:
            raise NotFound(f"no user {user_id}")
        return user.shown_name

    def jwks(self) -> Mapping[str, Any]:
        """The public keys of all tokens that can still be valid."""
        return self.keyring.jwks()

    def rotate_keys(self) -> str:
        """Sign with a new key from now on, in every process; its id."""
        return self.keyring.rotate()

    def candidate(self, name: str) -> Candidate:
        """Whom this e-mail address or user id means; a decoy if nobody."""
        known = name.strip().lower()
        user = self.users.by_email(known) if "@" in known else self.users.get(known)
        if user is None:
            return Candidate(known, passwords.decoy(self.vault, POOL, known), None)
        return Candidate(user.email, passwords.lock_of(self.vault, POOL, user), user)

    def visitor(self, access_token: str) -> Visitor:
        """The user that this access token belongs to, whose session nobody has ended."""
        caller = self._caller(access_token)
        user, origin = self.users.get(caller.user_id), str(caller.claims.get("origin_jti"))
        if user is None or not self.sessions.alive(origin, user.id):
            raise revoked()
        return Visitor(user, origin)

    def _caller(self, access_token: str) -> Caller:
        try:
            return self.token_check.check(f"Bearer {access_token}")
        except Unauthenticated:
            raise _token_fault(access_token, self.clock()) from None

    def send_code(self, user: User, purpose: Purpose, *, wait: bool) -> None:
        """Send the user a code. A Fault if they had too many; if waited for, also if the mail server won't take it."""
        self.count_code(user.id)
        recipient = user.newest_email if purpose is Purpose.EMAIL else user.email
        letter = self.codes.issue(user.id, purpose, recipient, shown=self.settings.shows_outbox)
        if self.mail is None:
            also = "; see /cognito/outbox" if self.settings.shows_outbox else ""
            logger.info("code for %s: %s (no SLUICE_SMTP_URL%s)", letter.to, letter.code, also)
        elif wait:
            self.mail.send(letter)
        else:
            self.mail.send_later(letter)

    def pretend_code(self, candidate: Candidate, purpose: Purpose) -> None:
        """Do as if a code had been sent: it can be asked for and missed as often as a real one."""
        self.count_code(candidate.id)
        self.codes.issue(candidate.id, purpose, candidate.name, shown=False)

    def count_code(self, user_id: str) -> None:
        """One more code for this account, real or not; a Fault if there were too many."""
        if not self.limits.spend(limits.codes_sent(user_id)):
            raise too_many_codes()

    def count_try(self, address: str) -> None:
        """One more guess from this place; a Fault if there were too many."""
        if not self.limits.spend(limits.code_tries(address)):
            raise too_many_codes()

    def redeem_code(self, candidate: Candidate, purpose: Purpose, code: str, address: str) -> None:
        """Use up the code that this person sends; a Fault if it is not the right one."""
        self.count_try(address)
        self.codes.redeem(candidate.id, purpose, candidate.name, code)

    def set_password(self, user_id: str, password: str) -> None:
        """From now on this is the user's password."""
        lock = passwords.new_lock(POOL, user_id, password)
        sealed = lock.sealed(self.vault)
        self.users.change(user_id, lambda user: replace(user, salt=lock.salt, verifier=sealed))

    def outbox(self) -> list[Letter]:
        """The codes that no mail server was there to send, newest first."""
        return self.codes.letters()


def build(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    on_deleted: Callable[[str], None],
    on_renamed: Callable[[str, str], None],
) -> Identity:
    """The service over the files below `settings.data`; `on_deleted` must be durable when it returns."""
    keys = settings.data / "keys"
    database, vault = Database(settings.data / "identity.db", MIGRATIONS), open_vault(keys)

    def clock() -> int:
        return int(now().timestamp())

    keyring, groups = Keyring(keys, clock), Groups(database)
    return Identity(
        settings=settings,
        database=database,
        vault=vault,
        users=Users(database),
        groups=groups,
        sessions=Sessions(database, clock),
        challenges=Challenges(database, vault, clock),
        codes=Codes(database, vault, clock),
        limits=Limits(database, vault, clock),
        keyring=keyring,
        issuer=Issuer(settings.issuer, settings.client_id, keyring, clock, groups.of),
        token_check=TokenCheck(settings.issuer, settings.client_id, keyring.jwks, now),
        mail=Mail(settings.smtp_url, settings.mail_from) if settings.smtp_url else None,
        clock=clock,
        on_deleted=on_deleted,
        on_renamed=on_renamed,
    )


def _token_fault(access_token: str, now: int) -> Fault:
    """Cognito's words for a token that fails; they tell expiry from the rest, which only its holder can read anyway."""
    try:
        claims = jwt.decode(access_token, options={"verify_signature": False})
        expired = int(claims.get("exp", now + 1)) <= now
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        expired = False
    return not_authorized("Access Token has expired" if expired else "Invalid Access Token")
