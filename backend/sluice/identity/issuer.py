"""The tokens that a session gets, with the claims that Cognito's have."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import jwt

from sluice.tokens import GROUPS

from .keys import Keyring
from .sessions import Session
from .users import User

TOKEN_S = 3600


class Issuer:
    """Signs access and ID tokens for one client."""

    def __init__(
        self,
        url: str,
        client_id: str,
        keyring: Keyring,
        clock: Callable[[], int],
        groups_of: Callable[[str], Sequence[str]],
    ) -> None:
        self._url = url
        self._client_id = client_id
        self._keyring = keyring
        self._clock = clock
        self._groups_of = groups_of

    def tokens(self, user: User, session: Session) -> dict[str, Any]:
        """Both tokens, as an AuthenticationResult without a refresh token."""
        common = self._common(session)
        return {
            "AccessToken": self._signed({**common, **self._access_claims(user)}),
            "IdToken": self._signed({**common, **self._id_claims(user)}),
            "TokenType": "Bearer",
            "ExpiresIn": TOKEN_S,
        }

    def _common(self, session: Session) -> dict[str, Any]:
        now, groups = self._clock(), list(self._groups_of(session.user_id))
        return {
            "sub": session.user_id,
            "iss": self._url,
            "origin_jti": session.origin,
            "event_id": str(uuid.uuid4()),
            "auth_time": session.signed_in_at,
            "iat": now,
            "exp": now + TOKEN_S,
            **({GROUPS: groups} if groups else {}),
        }

    def _access_claims(self, user: User) -> dict[str, Any]:
        return {
            "token_use": "access",
            "client_id": self._client_id,
            "username": user.id,
            "scope": "aws.cognito.signin.user.admin",
            "jti": str(uuid.uuid4()),
        }

    def _id_claims(self, user: User) -> dict[str, Any]:
        return {
            **user.attributes,
            "token_use": "id",
            "aud": self._client_id,
            "cognito:username": user.id,
            "email": user.newest_email,
            "email_verified": user.newest_verified,
            "jti": str(uuid.uuid4()),
        }

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self._keyring.signing_key()
        return jwt.encode(claims, key.private, "RS256", headers={"kid": key.kid})
