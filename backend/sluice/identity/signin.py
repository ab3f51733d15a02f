"""Signing in, staying signed in, signing out."""

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sluice import srp

from . import fields, limits
from .challenges import Challenge
from .faults import Fault, bad_parameter, not_authorized, not_confirmed, too_many_requests
from .service import POOL, Candidate, Identity, Visitor

CLOCK_TOLERANCE_S = 86400

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TIMESTAMP = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d?) (\d\d):(\d\d):(\d\d) UTC (\d{4})", re.ASCII)


def initiate_auth(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """The first step of a sign-in, or the whole of a refresh."""
    flow = call.text("AuthFlow")
    if flow == "USER_SRP_AUTH":
        return _begin_srp(identity, call)
    if flow == "USER_PASSWORD_AUTH" and identity.settings.password_auth:
        return _sign_in_with_password(identity, call)
    if flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
        token = fields.parameter(call.texts("AuthParameters"), "REFRESH_TOKEN")
        return {"ChallengeParameters": {}, "AuthenticationResult": _refreshed(identity, token)}
    raise bad_parameter(f"{flow} flow not enabled for this client")


def respond_to_auth_challenge(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """The second step of SRP: tokens for who shows that they know the password."""
    if call.text("ChallengeName") != "PASSWORD_VERIFIER":
        raise bad_parameter("PASSWORD_VERIFIER is the only challenge there is here.")
    answers = call.texts("ChallengeResponses")
    username, timestamp = fields.parameter(answers, "USERNAME"), fields.parameter(answers, "TIMESTAMP")
    claim = fields.parameter(answers, "PASSWORD_CLAIM_SIGNATURE")
    _require_sane(timestamp, identity.clock())
    challenge = identity.challenges.take(fields.parameter(answers, "PASSWORD_CLAIM_SECRET_BLOCK"))
    if challenge is None or challenge.user_id not in (username, identity.candidate(username).id):
        raise not_authorized()
    candidate = identity.candidate(challenge.user_id)
    prove(identity, challenge.user_id, call.address, lambda: _holds(candidate, challenge, timestamp, claim))
    return _signed_in(identity, candidate)


def get_tokens_from_refresh_token(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """New access and ID tokens; the refresh token stays the same until it expires."""
    token = call.text("RefreshToken", most=4096)
    return {"AuthenticationResult": {**_refreshed(identity, token), "RefreshToken": token}}


def revoke_token(identity: Identity, call: fields.Call) -> dict[str, Any]:
    """End the session of a refresh token, and with it all tokens that came from it."""
    token = call.text("Token", most=8192)
    if "." in token:
        raise Fault("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
    identity.sessions.end(token)
    return {}


def global_sign_out(identity: Identity, call: fields.Call, visitor: Visitor) -> dict[str, Any]:
    """End every session of the user."""
    identity.sessions.end_all(visitor.user.id)
    return {}


def prove(identity: Identity, user_id: str, address: str, proof: Callable[[], bool]) -> None:
    """A Fault unless the proof holds, or if there were too many failures lately."""
    tries = limits.password_tries(user_id, address)
    if not identity.limits.spend(*tries):
        raise not_authorized("Password attempts exceeded")
    if not proof():
        raise not_authorized()
    identity.limits.refund(*tries)


def _begin_srp(identity: Identity, call: fields.Call) -> dict[str, Any]:
    parameters = call.texts("AuthParameters")
    candidate = identity.candidate(fields.parameter(parameters, "USERNAME"))
    client_value = srp.client_value(fields.parameter(parameters, "SRP_A"))
    if client_value is None:
        raise bad_parameter("SRP_A is not valid.")
    if not identity.limits.spend(limits.sign_in_starts(call.address)):
        raise too_many_requests()
    challenge = identity.challenges.open(candidate.id, client_value)
    return {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": _riddle(candidate, challenge)}


def _riddle(candidate: Candidate, challenge: Challenge) -> dict[str, str]:
    return {
        "SALT": f"{candidate.lock.salt:x}",
        "SECRET_BLOCK": challenge.ticket,
        "SRP_B": f"{srp.public_value(challenge.secret, candidate.lock.verifier):x}",
        "USERNAME": candidate.id,
        "USER_ID_FOR_SRP": candidate.id,
    }


def _holds(candidate: Candidate, challenge: Challenge, timestamp: str, claim: str) -> bool:
    key = srp.shared_key(challenge.client_value, challenge.secret, candidate.lock.verifier)
    expected = srp.signature(key, POOL, candidate.id, challenge.secret_block, timestamp)
    return hmac.compare_digest(expected.encode(), claim.encode()) and candidate.user is not None


def _sign_in_with_password(identity: Identity, call: fields.Call) -> dict[str, Any]:
    parameters = call.texts("AuthParameters")
    candidate = identity.candidate(fields.parameter(parameters, "USERNAME"))
    password = fields.parameter(parameters, "PASSWORD")
    prove(identity, candidate.id, call.address, lambda: candidate.lock.opens_with(password))
    return _signed_in(identity, candidate)


def _signed_in(identity: Identity, candidate: Candidate) -> dict[str, Any]:
    if candidate.user is None:
        raise not_authorized()
    if not candidate.user.confirmed:
        raise not_confirmed()
    session, refresh_token = identity.sessions.open(candidate.id)
    tokens = identity.issuer.tokens(candidate.user, session)
    return {"ChallengeParameters": {}, "AuthenticationResult": {**tokens, "RefreshToken": refresh_token}}


def _refreshed(identity: Identity, refresh_token: str) -> dict[str, Any]:
    session = identity.sessions.refreshed(refresh_token)
    user = identity.users.get(session.user_id)
    if user is None:
        raise not_authorized("Invalid Refresh Token")
    return identity.issuer.tokens(user, session)


def _require_sane(timestamp: str, now: int) -> None:
    """The block is what expires; the time only has to be one, and not from another age."""
    match = _TIMESTAMP.fullmatch(timestamp)
    try:
        month, day, *clock, year = match.groups() if match else ()
        hour, minute, second = map(int, clock)
        told = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise bad_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.") from None
    if abs(told.timestamp() - now) > CLOCK_TOLERANCE_S:
        raise not_authorized("TIMESTAMP is too far from the present; check the clock of this device.")
