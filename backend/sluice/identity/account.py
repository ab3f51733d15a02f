"""What a signed-in user does with their account."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sluice.ports import SHOWN_NAMES

from . import fields
from .codes import Purpose
from .delivery import details
from .faults import bad_parameter, email_taken, revoked
from .service import Identity, Visitor
from .signin import prove
from .users import EmailTaken, User


def get_user(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The account as its owner sees it."""
    user = visitor.user
    verified = "true" if user.newest_verified else "false"
    shown = {"sub": user.id, "email": user.newest_email, "email_verified": verified}
    listed = [{"Name": name, "Value": value} for name, value in {**shown, **user.attributes}.items()]
    return {"Username": user.id, "UserAttributes": listed}


def update_user_attributes(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The new values; an empty one removes the attribute. A new e-mail address has to be confirmed, and until then the
    old one is who they are: nobody is kept from an address by somebody who can't read its mail."""
    attributes = call.attributes()
    try:
        user = identity.users.change(visitor.user.id, lambda user: _with(user, attributes))
    except EmailTaken:
        # It tells that somebody is there, so it costs a code.
        identity.count_code(visitor.user.id)
        raise email_taken() from None
    if user is None:
        raise revoked()
    # Also when nothing changed: so a repetition makes up for an announcement that got lost.
    if attributes.keys() & set(SHOWN_NAMES):
        identity.on_renamed(user.id, user.shown_name or "")
    if user.pending is None or "email" not in attributes:
        return {"CodeDeliveryDetailsList": []}
    identity.send_code(user, Purpose.EMAIL, wait=True)
    return {"CodeDeliveryDetailsList": [details(user.pending)]}


def get_user_attribute_verification_code(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """A code to the user's e-mail address, the new one if that is to be confirmed."""
    _require_email(call)
    identity.send_code(visitor.user, Purpose.EMAIL, wait=True)
    return {"CodeDeliveryDetails": details(visitor.user.newest_email)}


def verify_user_attribute(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The e-mail address is confirmed, if the code is right."""
    _require_email(call)
    email, code = visitor.user.newest_email, call.text("Code", most=2048)
    candidate = replace(identity.candidate(visitor.user.id), name=email)
    identity.redeem_code(candidate, Purpose.EMAIL, code, call.address)
    try:
        identity.users.change(candidate.id, lambda user: user.prove_email(email))
    except EmailTaken:
        raise email_taken() from None
    return {}


def change_password(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """A new password; every other session of the user is over."""
    previous = call.text("PreviousPassword", most=256)
    candidate = identity.candidate(visitor.user.id)
    proposed = fields.new_password(call.text("ProposedPassword", most=256))
    prove(identity, candidate.id, call.address, lambda: candidate.lock.opens_with(previous))
    identity.set_password(candidate.id, proposed)
    identity.sessions.end_all(candidate.id, but=visitor.origin)
    return {}


def delete_user(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The account is gone, and whoever keeps something for this user has been told to remove it."""
    identity.on_deleted(visitor.user.id)
    identity.users.delete(visitor.user.id)
    return {}


def _with(user: User, attributes: Mapping[str, str]) -> User:
    email = attributes.get("email", user.newest_email)
    if not email:
        raise bad_parameter("Invalid email address format.")
    merged = {**user.attributes, **attributes}
    kept = {name: value for name, value in merged.items() if value and name != "email"}
    return replace(user, attributes=kept).move(email)


def _require_email(call: fields.Call) -> None:
    if call.text("AttributeName") != "email":
        raise bad_parameter("Only the e-mail address can be verified.")
