"""A client of the identity service that shares no code with it: its own SRP, and the requests of a sign-in page."""

import hashlib
import hmac
import json
import shutil
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask

from sluice import identity
from sluice.identity.keys import Keyring
from sluice.identity.routes import blueprint
from sluice.settings import LOCAL_CLIENT_ID, Settings

ANN, BOB = "ann@example.org", "bob@example.org"
PASSWORD = "Correct-horse-7"
POOL = "Sluice"


class Refusal(Exception):
    """An error that the service answered."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    time: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class Service:
    """The service in a Flask app of its own, and what it announced."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    settings: dict[str, Any] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        _lend_signing_key(self.folder)
        self.identity = identity.build(
            Settings(data=self.folder, **self.settings),
            now=self.clock.now,
            on_deleted=self.deleted.append,
            on_renamed=lambda user_id, name: self.renamed.append((user_id, name)),
        )
        app = Flask("identity")
        app.register_blueprint(blueprint(self.identity))
        self.web = app.test_client()

    def call(self, operation: str, **fields: Any) -> dict[str, Any]:
        """The operation's answer; raises Refusal."""
        target = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
        response = self.web.post("/cognito", data=json.dumps(fields), headers=target)
        answer: dict[str, Any] = json.loads(response.data)
        if response.status_code != 200:
            assert response.headers["x-amzn-errortype"] == answer["__type"]
            raise Refusal(answer["__type"], answer["message"])
        return answer

    def ask(self, operation: str, **fields: Any) -> dict[str, Any]:
        """An operation that names the client."""
        return self.call(operation, ClientId=LOCAL_CLIENT_ID, **fields)

    def sign_up(self, email: str = ANN, password: str = PASSWORD, **attributes: str) -> str:
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        answer = self.ask("SignUp", Username=email, Password=password, UserAttributes=listed)
        return str(answer["UserSub"])

    def code(self, email: str = ANN) -> str:
        """The newest code for this mailbox."""
        letters = self.web.get("/cognito/outbox.json").get_json()
        return next(str(letter["code"]) for letter in letters if letter["to"] == email)

    def wrong_code(self, email: str = ANN) -> str:
        return f"{(int(self.code(email)) + 1) % 10**6:06}"

    def member(self, email: str = ANN, password: str = PASSWORD, **attributes: str) -> str:
        """A user who has confirmed their address."""
        user_id = self.sign_up(email, password, **attributes)
        self.ask("ConfirmSignUp", Username=email, ConfirmationCode=self.code(email))
        return user_id

    def begin(self, name: str = ANN, client_value: str | None = None) -> "Attempt":
        """The first step of SRP."""
        secret = int.from_bytes(hashlib.sha512(name.encode()).digest(), "big")
        value = client_value or f"{pow(2, secret, N):x}"
        answer = self.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": name, "SRP_A": value})
        return Attempt(self, secret, answer["ChallengeParameters"])

    def sign_in(self, name: str = ANN, password: str = PASSWORD) -> dict[str, Any]:
        """The tokens of a new session."""
        return self.begin(name).finish(password)


@dataclass
class Attempt:
    """A sign-in under way."""

    service: Service
    secret: int
    riddle: dict[str, str]

    def finish(self, password: str = PASSWORD, *, timestamp: str | None = None) -> dict[str, Any]:
        """The second step of SRP."""
        now = self.service.clock.now()
        told = timestamp or f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
        responses = {
            "USERNAME": self.riddle["USERNAME"],
            "TIMESTAMP": told,
            "PASSWORD_CLAIM_SECRET_BLOCK": self.riddle["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": self._claim(password, told),
        }
        challenge = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
        result: dict[str, Any] = self.service.ask("RespondToAuthChallenge", **challenge)["AuthenticationResult"]
        return result

    def _claim(self, password: str, timestamp: str) -> str:
        riddle, user_id = self.riddle, self.riddle["USER_ID_FOR_SRP"]
        key = client_key(self.secret, int(riddle["SRP_B"], 16), int(riddle["SALT"], 16), user_id, password)
        signed = f"{POOL}{user_id}".encode() + b64decode(riddle["SECRET_BLOCK"]) + timestamp.encode()
        return b64encode(hmac.digest(key, signed, "sha256")).decode()


def client_key(secret: int, server_value: int, salt: int, user_id: str, password: str) -> bytes:
    """The session key by the client's formula, (B - k * g^x) ^ (a + u * x)."""
    inner = hashlib.sha256(f"{POOL}{user_id}:{password}".encode()).digest()
    x = _number(_hex(salt) + inner.hex())
    u = _number(_hex(pow(2, secret, N)) + _hex(server_value))
    k = _number("00" + f"{N:x}" + "02")
    common = pow(server_value - k * pow(2, x, N), secret + u * x, N)
    extracted = hmac.digest(bytes.fromhex(_hex(u)), bytes.fromhex(_hex(common)), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key" + bytes([1]), "sha256")[:16]


def _hex(number: int) -> str:
    text = f"{number:x}"
    text = "0" * (len(text) % 2) + text
    return text if text[0] in "01234567" else "00" + text


def _number(text: str) -> int:
    return int(hashlib.sha256(bytes.fromhex(text)).hexdigest(), 16)


def _prime() -> int:
    """RFC 3526's formula for group 15: 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 * pi) + 1690314)."""
    return 2**3072 - 2**3008 - 1 + 2**64 * (_floor_pi(2942) + 1690314)


def _floor_pi(bits: int) -> int:
    """floor(2^bits * pi), by Machin's formula with some bits to spare."""
    one = 1 << (bits + 64)
    return (16 * _arctan_inverse(5, one) - 4 * _arctan_inverse(239, one)) >> 64


def _arctan_inverse(n: int, one: int) -> int:
    total, power, k = 0, one // n, 1
    while power:
        total += power // k if k % 4 == 1 else -(power // k)
        power //= n * n
        k += 2
    return total


N = _prime()


@cache
def _ring() -> Path:
    """A signing key that all tests share, for making one takes long."""
    folder = Path(mkdtemp())
    Keyring(folder, lambda: 0)
    return folder / "signing.json"


def _lend_signing_key(folder: Path) -> None:
    target = folder / "keys" / "signing.json"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy(_ring(), target)
