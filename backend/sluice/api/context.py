"""What a request may reach: the wired application and the token check."""

from typing import Protocol, cast

from flask import Flask, current_app

from sluice import ports
from sluice.operations import Operations
from sluice.records import dataclass


class Caller(Protocol):
    """Who is calling, as proved by a token."""

    @property
    def user_id(self) -> str:
        """The user's stable id."""

    @property
    def operates(self) -> bool:
        """Whether they may look after the service."""


def id_of(viewer: Caller | None) -> str | None:
    """The viewer's id; None for somebody who is not signed in."""
    return viewer.user_id if viewer else None


class TokenCheck(Protocol):
    """Tells who sent an Authorization header."""

    def check(self, authorization: str | None) -> Caller:
        """The caller. Unauthenticated unless the header carries a valid access token; Unavailable without keys."""


@dataclass(frozen=True)
class _Context:
    app: ports.App
    tokens: TokenCheck
    operations: Operations | None


def install(flask_app: Flask, app: ports.App, tokens: TokenCheck, operations: Operations | None = None) -> None:
    """Let the requests of this Flask application reach these."""
    flask_app.extensions["sluice"] = _Context(app, tokens, operations)


def house() -> ports.App:
    """The wired application that serves the current request."""
    return _current().app


def tokens() -> TokenCheck:
    """The token check for the current request."""
    return _current().tokens


def operations() -> Operations | None:
    """What operators see and may do; None where another service shows that."""
    return _current().operations


def _current() -> _Context:
    return cast(_Context, current_app.extensions["sluice"])
