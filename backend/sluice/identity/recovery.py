"""A new password for who has forgotten the old one."""

from typing import Any

from . import fields, limits
from .codes import Purpose
from .delivery import details, likely_details
from .faults import no_such_code, too_many_codes
from .service import Identity
from .users import User


def forgot_password(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """A code to the user's mailbox; for unknown names an answer that looks the same."""
    named = call.text("Username")
    candidate = identity.candidate(named)
    if not identity.limits.spend(limits.codes_asked(call.address)):
        raise too_many_codes()
    user = candidate.user
    if user is not None and _reachable(user):
        identity.send_code(user, Purpose.RESET, wait=False)
    else:
        identity.pretend_code(candidate, Purpose.RESET)
    # An id is told to everybody with each video; whoever comes with one is not shown where its owner gets mail.
    known = user.email if user and "@" in named else None
    return {"CodeDeliveryDetails": details(known) if known else likely_details(identity.vault, named.strip().lower())}


def confirm_forgot_password(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """The new password holds if the code is right; whoever was signed in with the old one no longer is."""
    password = fields.new_password(call.text("Password", most=256))
    candidate = identity.candidate(call.text("Username"))
    identity.redeem_code(candidate, Purpose.RESET, call.text("ConfirmationCode", most=2048), call.address)
    if candidate.user is None:
        raise no_such_code()
    identity.set_password(candidate.id, password)
    identity.users.change(candidate.id, lambda user: user.prove_email(candidate.name))
    identity.sessions.end_all(candidate.id)
    return {}


def _reachable(user: User) -> bool:
    """Whether the mailbox is known to be the user's, or receiving the code would show it for the first time.

    One that an earlier version took for theirs without a proof may be a stranger's."""
    return user.email_verified or not user.confirmed
