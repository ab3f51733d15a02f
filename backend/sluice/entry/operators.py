"""Who may see the operator's page: `sluice operators`."""

from typing import TYPE_CHECKING

import click

from sluice.errors import NotFound, Refused

from .starting import ready, remedies

if TYPE_CHECKING:
    from sluice.identity import Identity
    from sluice.identity.users import User

_MAIL = click.argument("mail")


@click.group()
def operators() -> None:
    """Say who may see the operator's page, /ops."""


@operators.command(name="list")
@remedies
def list_() -> None:
    """Print the operators: id and e-mail address."""
    from sluice.tokens import OPERATORS

    identity = _identity()
    for user in map(identity.users.get, identity.groups.members(OPERATORS)):
        if user is not None:
            click.echo(f"{user.id}\t{user.email}")


@operators.command()
@_MAIL
@remedies
def add(mail: str) -> None:
    """Make the account of MAIL an operator's."""
    from sluice.tokens import OPERATORS

    identity = _identity()
    user = _user(identity, mail)
    if not user.email_verified:
        # Whoever gave this address for theirs may be anybody.
        raise Refused("unproven", f"the account of {mail} has not confirmed that address; let it, then again")
    identity.groups.join(user.id, OPERATORS)
    click.echo(f"{user.id}\t{user.email}")
    click.echo("From their next sign-in on, or within the hour.", err=True)


@operators.command()
@_MAIL
@remedies
def remove(mail: str) -> None:
    """Make the account of MAIL an ordinary one again."""
    from sluice.tokens import OPERATORS

    identity = _identity()
    identity.groups.leave(_user(identity, mail).id, OPERATORS)
    click.echo("Tokens they have been given are good for an hour at most.", err=True)


def _user(identity: "Identity", mail: str) -> "User":
    user = identity.users.by_email(mail.strip())
    if user is None:
        raise NotFound(f"nobody has signed up as {mail}")
    return user


def _identity() -> "Identity":
    from sluice.upkeep.place import identity_in

    settings = ready()
    identity = identity_in(settings)
    if identity is None:
        remedy = "put them into its group `operators` there (aws cognito-idp admin-add-user-to-group)"
        raise Refused("not_here", f"the accounts are kept by {settings.issuer}; {remedy}")
    return identity
