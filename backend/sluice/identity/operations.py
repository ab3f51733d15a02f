"""Every operation there is, by its name in the protocol."""

from collections.abc import Callable, Mapping
from typing import Any

from . import account, recovery, signin, signup
from .faults import unsupported
from .fields import Call
from .service import Identity, Visitor

Answer = Mapping[str, Any]

FOR_ALL: Mapping[str, Callable[[Identity, Call], Answer]] = {
    "SignUp": signup.sign_up,
    "ConfirmSignUp": signup.confirm_sign_up,
    "ResendConfirmationCode": signup.resend_confirmation_code,
    "InitiateAuth": signin.initiate_auth,
    "RespondToAuthChallenge": signin.respond_to_auth_challenge,
    "GetTokensFromRefreshToken": signin.get_tokens_from_refresh_token,
    "RevokeToken": signin.revoke_token,
    "ForgotPassword": recovery.forgot_password,
    "ConfirmForgotPassword": recovery.confirm_forgot_password,
}

FOR_SIGNED_IN: Mapping[str, Callable[[Identity, Call, Visitor], Answer]] = {
    "GetUser": account.get_user,
    "UpdateUserAttributes": account.update_user_attributes,
    "GetUserAttributeVerificationCode": account.get_user_attribute_verification_code,
    "VerifyUserAttribute": account.verify_user_attribute,
    "ChangePassword": account.change_password,
    "DeleteUser": account.delete_user,
    "GlobalSignOut": signin.global_sign_out,
}


def perform(identity: Identity, name: str, call: Call) -> Answer:
    """What the operation answers; a Fault where it refuses."""
    if name in FOR_ALL:
        call.require_client(identity.settings.client_id)
        return FOR_ALL[name](identity, call)
    if name in FOR_SIGNED_IN:
        visitor = identity.visitor(call.text("AccessToken", most=8192))
        return FOR_SIGNED_IN[name](identity, call, visitor)
    raise unsupported(name)
