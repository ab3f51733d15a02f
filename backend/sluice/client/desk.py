"""What a command starts from: the server it means, and who is signed in there."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .api import Api, GivenToken, KeptTokens, Tokens
from .retries import Patience
from .server import Server, connect
from .sessions import Sessions
from .sign_in import Accounts

DEFAULT_SERVER = "http://localhost:8000"


@dataclass(frozen=True)
class Desk:
    """One server, and the session kept for it."""

    server: Server
    sessions: Sessions
    accounts: Accounts
    api: Api


def open_desk(
    given: str | None, folder: Path, tell: Callable[[str], None], environ: Mapping[str, str] | None = None
) -> Desk:
    """The server that was given, or of SLUICE_SERVER, or signed in to last, or else on this machine."""
    environ = os.environ if environ is None else environ
    sessions, patience = Sessions(folder), Patience(time.sleep, tell)
    address = given or environ.get("SLUICE_SERVER") or sessions.last_server() or DEFAULT_SERVER
    server = connect(address, patience)
    accounts = Accounts(server, patience)
    return Desk(server, sessions, accounts, Api(server, _tokens(environ, sessions, server, accounts), patience))


def _tokens(environ: Mapping[str, str], sessions: Sessions, server: Server, accounts: Accounts) -> Tokens:
    token = environ.get("SLUICE_TOKEN", "").strip()
    return GivenToken(token) if token else KeptTokens(sessions, server, accounts)
