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
    shown = {"sub": user.id, "email": user.email, "email_verified": "true" if user.email_verified else "false"}
    listed = [{"Name": name, "Value": value} for name, value in {**shown, **user.attributes}.items()]
    return {"Username": user.id, "UserAttributes": listed}


def update_user_attributes(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The new values; an empty one removes the attribute, a new e-mail address has to be confirmed."""
    attributes = call.attributes()
    try:
        user = identity.users.change(visitor.user.id, lambda user: _with(user, attributes))
    except EmailTaken:
        raise email_taken() from None
    if user is None:
        raise revoked()
    # Also when nothing changed: so a repetition makes up for an announcement that got lost.
    if attributes.keys() & set(SHOWN_NAMES):
        identity.on_renamed(user.id, user.shown_name or "")
    if user.email == visitor.user.email:
        return {"CodeDeliveryDetailsList": []}
    identity.send_code(user, Purpose.EMAIL, wait=True)
    return {"CodeDeliveryDetailsList": [details(user.email)]}


def get_user_attribute_verification_code(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """A code to the user's e-mail address."""
    _require_email(call)
    identity.send_code(visitor.user, Purpose.EMAIL, wait=True)
    return {"CodeDeliveryDetails": details(visitor.user.email)}


def verify_user_attribute(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """The e-mail address is confirmed, if the code is right."""
    _require_email(call)
    user, code = visitor.user, call.text("Code", most=2048)
    identity.redeem_code(identity.candidate(user.id), Purpose.EMAIL, code, call.address)
    identity.users.change(user.id, lambda now: now.prove_email(user.email))
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
    email = attributes.get("email", user.email)
    if not email:
        raise bad_parameter("Invalid email address format.")
    merged = {**user.attributes, **attributes}
    kept = {name: value for name, value in merged.items() if value and name != "email"}
    return replace(user, attributes=kept, email=email, email_verified=user.email_verified and email == user.email)


def _require_email(call: fields.Call) -> None:
    if call.text("AttributeName") != "email":
        raise bad_parameter("Only the e-mail address can be verified.")
