"""Signing in and staying signed in, in the protocol of Cognito; the password itself never travels."""

import json
import secrets
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sluice.srp import G, N, client_key, signature

from .answers import Challenge, Riddle, Tokens, understood
from .exchange import Answer, exchange
from .retries import Patience
from .server import Server
from .sessions import Session, may_travel
from .troubles import NotSignedIn, Refusal, Trouble, Unreachable

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Accounts:
    """The accounts of one server."""

    def __init__(self, server: Server, patience: Patience, clock: Callable[[], float] = time.time) -> None:
        self._server = server
        self._patience = patience
        self._clock = clock
        self._client_id = server.config["userPoolClientId"]
        self._pool = (server.config.get("userPoolId") or "").partition("_")[2]

    def sign_in(self, email: str, password: str) -> Session:
        """A new session. NotSignedIn for a wrong password or an account that needs more than one."""
        secret = secrets.randbits(256) | 1 << 255
        riddle = self._begin(email, secret)
        timestamp = _timestamp(datetime.fromtimestamp(self._clock(), UTC))
        responses = {
            "USERNAME": riddle["USERNAME"],
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": riddle["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": self._claim(riddle, secret, password, timestamp),
        }
        # A challenge is good for one answer, so this is never sent twice.
        answer = self._call_once(
            "RespondToAuthChallenge", ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
        )
        if not answer.get("AuthenticationResult"):
            raise self._asks_for_more(answer)
        return self._session(email, answer, "")

    def refreshed(self, session: Session) -> Session:
        """The session with a new access token. NotSignedIn once it is over."""
        try:
            answer = self._call("GetTokensFromRefreshToken", RefreshToken=session.refresh)
        except Refusal as refusal:
            raise NotSignedIn(f"the session at {self._server.address} is over; run `sluice login`") from refusal
        return self._session(session.email, answer, session.refresh)

    def sign_out(self, session: Session) -> None:
        """End the session on the server too."""
        self._call("RevokeToken", Token=session.refresh)

    def _begin(self, email: str, secret: int) -> Riddle:
        parameters = {"USERNAME": email, "SRP_A": f"{pow(G, secret, N):x}"}
        answer = self._call("InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
        if answer.get("ChallengeName") != "PASSWORD_VERIFIER":
            raise self._asks_for_more(answer)
        return understood(answer.get("ChallengeParameters"), Riddle)

    def _asks_for_more(self, answer: dict[str, Any]) -> NotSignedIn:
        asked = understood(answer, Challenge)["ChallengeName"]
        return NotSignedIn(f"this account asks for {asked}; sign in on {self._server.address}")

    def _claim(self, riddle: Riddle, secret: int, password: str, timestamp: str) -> str:
        user_id = riddle["USER_ID_FOR_SRP"]
        try:
            server_value, salt = int(riddle["SRP_B"], 16), int(riddle["SALT"], 16)
            block = b64decode(riddle["SECRET_BLOCK"])
        except ValueError as error:
            raise Trouble(f"{self._server.address} sent a sign-in challenge that is not understood") from error
        if server_value % N == 0 or min(server_value, salt) < 0:
            raise Trouble(f"{self._server.address} sent a sign-in challenge that no honest server sends")
        key = client_key(secret, server_value, password, pool=self._pool, user_id=user_id, salt=salt)
        return signature(key, self._pool, user_id, block, timestamp)

    def _session(self, email: str, answer: dict[str, Any], refresh: str) -> Session:
        tokens = understood(answer.get("AuthenticationResult"), Tokens)
        if not may_travel(tokens["AccessToken"]):
            raise Trouble(f"{self._server.address} gave out an access token that no header can carry")
        # A pool that rotates refresh tokens sends the next one along.
        kept = tokens.get("RefreshToken") or refresh
        return Session(email, tokens["AccessToken"], kept, self._clock() + tokens["ExpiresIn"])

    def _call(self, operation: str, **fields: Any) -> dict[str, Any]:
        return self._judged(self._patience(lambda: self._post(operation, fields)))

    def _call_once(self, operation: str, **fields: Any) -> dict[str, Any]:
        return self._judged(self._post(operation, fields))

    def _post(self, operation: str, fields: dict[str, Any]) -> Answer:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        body = json.dumps({"ClientId": self._client_id, **fields}).encode()
        return exchange("POST", self._server.accounts, headers, body)

    def _judged(self, answer: Answer) -> dict[str, Any]:
        content = answer.json()
        if answer.status >= 500:
            raise Unreachable(f"the accounts of {self._server.address} can't answer (status {answer.status})")
        # A sign-out is answered with nothing; a refusal never is.
        if not content and not (answer.ok and answer.body.strip() in (b"", b"{}")):
            raise Trouble(f"something else than Sluice answers at {self._server.accounts} (status {answer.status})")
        if answer.ok:
            return content
        kind = str(content.get("__type", answer.status)).rpartition("#")[2]
        raise Refusal(answer.status, kind, str(content.get("message") or content.get("Message") or kind))


def _timestamp(moment: datetime) -> str:
    # Written out: the protocol wants English, whatever the locale.
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day} {moment:%H:%M:%S} UTC {moment.year}"
