"""Signing in and out at the command line."""

import sys

import click

from .command_line import SERVER, desk, say, sessions, told
from .terminal import is_terminal


@click.command()
@SERVER
@click.option("--email", help="Whose account; asked for on a terminal.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@told
def login(server: str | None, email: str | None, password_stdin: bool) -> None:
    """Sign in; stays signed in for weeks."""
    from .troubles import NotSignedIn, Refusal

    with sessions().locked():
        if damaged := sessions().set_aside_if_damaged():
            say(f"sluice: the sessions that were kept can't be read; they are in {damaged} now")
    at = desk(server)
    if not at.server.is_private_line:
        say(f"sluice: {at.server.address} is not https; whoever is on the line can take over your session")
    email = email or _asked("E-mail", "--email")
    password = _password() if password_stdin else _asked("Password", "--password-stdin", True)
    try:
        session = at.accounts.sign_in(email, password)
    except Refusal as refusal:
        raise NotSignedIn(f"{refusal} ({refusal.code})") from refusal
    with at.sessions.locked():
        at.sessions.keep(at.server.address, session)
    say(f"Signed in at {at.server.address} as {email}.")


def _password() -> str:
    from .troubles import Trouble

    try:
        password = sys.stdin.buffer.readline().decode() if sys.stdin else ""
    except UnicodeDecodeError as error:
        raise Trouble("the password on standard input is not UTF-8") from error
    return password.rstrip("\r\n")


def _asked(what: str, option: str, hide: bool = False) -> str:
    if not is_terminal(sys.stdin):
        raise click.UsageError(f"standard input is no terminal to ask for it on; give {option}")
    return str(click.prompt(what, hide_input=hide, err=True))


@click.command()
@SERVER
@told
def logout(server: str | None) -> None:
    """Sign out, here and on the server."""
    from .troubles import Trouble

    at = desk(server)
    with at.sessions.locked():
        session = at.sessions.get(at.address)
        at.sessions.forget(at.address)
    if session is None:
        say(f"Nobody was signed in at {at.address}.")
        return
    try:
        at.hurried().accounts.sign_out(session)
    except Trouble as trouble:
        say(f"sluice: the server did not hear of it ({trouble}); it keeps the session until it runs out")
    say(f"Signed out from {at.address}.")
