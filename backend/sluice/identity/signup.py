"""Becoming a user."""

import uuid
from typing import Any

from . import fields, limits
from .codes import Purpose
from .delivery import details, likely_details
from .faults import bad_parameter, no_such_code, not_authorized, too_many_codes, too_many_requests, username_exists
from .passwords import new_lock
from .service import POOL, Identity
from .users import EmailTaken, User


def sign_up(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """A new account, which can be used once its e-mail address is confirmed."""
    user = _new_user(identity, call)
    most = identity.settings.fair_use.address_sign_ups_per_hour
    if most and not identity.limits.spend(limits.sign_ups(call.address, most)):
        raise too_many_requests()
    try:
        identity.users.add(user)
    except EmailTaken:
        raise username_exists() from None
    identity.send_code(user, Purpose.SIGN_UP, wait=True)
    return {"UserConfirmed": False, "UserSub": user.id, "CodeDeliveryDetails": details(user.email)}


def confirm_sign_up(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """The account is confirmed, if the code is right."""
    candidate = identity.candidate(call.text("Username"))
    if candidate.user and candidate.user.confirmed:
        # It tells that somebody is there, so it costs a try.
        identity.count_try(call.address)
        raise not_authorized("User cannot be confirmed. Current status is CONFIRMED")
    identity.redeem_code(candidate, Purpose.SIGN_UP, call.text("ConfirmationCode", most=2048), call.address)
    if identity.users.change(candidate.id, lambda user: user.prove_email(candidate.name)) is None:
        raise no_such_code()
    return {}


def resend_confirmation_code(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """Another code in place of the first; for unknown names an answer that looks the same."""
    candidate = identity.candidate(call.text("Username"))
    if not identity.limits.spend(limits.codes_asked(call.address)):
        raise too_many_codes()
    if candidate.user is None:
        identity.pretend_code(candidate, Purpose.SIGN_UP)
        return {"CodeDeliveryDetails": likely_details(identity.vault, candidate.name)}
    if candidate.user.confirmed:
        raise bad_parameter("User is already confirmed.")
    identity.send_code(candidate.user, Purpose.SIGN_UP, wait=False)
    return {"CodeDeliveryDetails": details(candidate.user.email)}


def _new_user(identity: Identity, call: fields.Call) -> User:
    name = call.text("Username")
    if "@" not in name:
        raise bad_parameter("Username should be an email.")
    email = fields.email(name)
    password = fields.new_password(call.text("Password", most=256))
    attributes = dict(call.attributes())
    if attributes.pop("email", email) != email:
        raise bad_parameter("The email attribute must be the same as the username.")
    user_id = str(uuid.uuid4())
    lock = new_lock(POOL, user_id, password)
    return User(
        id=user_id,
        email=email,
        salt=lock.salt,
        verifier=lock.sealed(identity.vault),
        attributes={name: value for name, value in attributes.items() if value},
        created_at=identity.clock(),
    )
