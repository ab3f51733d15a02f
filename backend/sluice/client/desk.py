"""What a command starts from: the server it means, and who is signed in there."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from . import addresses
from .api import Api, GivenToken, KeptTokens, Tokens
from .retries import Patience
from .server import Server, connect
from .sessions import Sessions
from .sign_in import Accounts

DEFAULT_SERVER = "http://localhost:8000"


@dataclass(frozen=True)
class Desk:
    """One server's address, and the session kept for it; it is asked only where a command needs it."""

    address: str
    sessions: Sessions
    patience: Patience
    token: str

    @cached_property
    def server(self) -> Server:
        return connect(self.address, self.patience)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.server, self.patience)

    @cached_property
    def api(self) -> Api:
        return Api(self.server, self._tokens(), self.patience)

    def hurried(self) -> "Desk":
        """The same server, given up soon."""
        return replace(self, patience=self.patience.hurried())

    def _tokens(self) -> Tokens:
        return GivenToken(self.token) if self.token else KeptTokens(self.sessions, self.server, self.accounts)


def open_desk(
    given: str | None, sessions: Sessions, tell: Callable[[str], None], environ: Mapping[str, str] | None = None
) -> Desk:
    """The server that was given, or of SLUICE_SERVER, or signed in to last, or else on this machine."""
    environ = os.environ if environ is None else environ
    address = given or environ.get("SLUICE_SERVER") or sessions.last_server() or DEFAULT_SERVER
    token = environ.get("SLUICE_TOKEN", "").strip()
    return Desk(addresses.given(address), sessions, Patience(time.sleep, tell), token)
