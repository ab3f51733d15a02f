"""Upload forms for this machine's storage: what stock boto3 would sign, without the thousand calls that it takes."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from sluice.adapters.presigned_post import promises
from sluice.ports import Form

ALGORITHM = "AWS4-HMAC-SHA256"
REGION = "us-east-1"


@dataclass(frozen=True)
class StorageKey:
    """The key pair that signs upload forms and checks them again."""

    access: str
    secret: str = field(repr=False)


class LocalForms:
    """Signs forms for one bucket that is posted to at `url`."""

    def __init__(self, bucket: str, url: str, key: StorageKey, *, now: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._url = url
        self._key = key
        self._now = now

    def sign(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """A form for this key and metadata, of 1 to `max_bytes` bytes, in which every field is a condition."""
        time = _utc(self._now(), "%Y%m%dT%H%M%SZ")
        fields, conditions = promises(metadata, max_bytes)
        signed = {
            "key": key,
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": f"{self._key.access}/{time[:8]}/{REGION}/s3/aws4_request",
            "x-amz-date": time,
        }
        conditions += [{"bucket": self._bucket}, *({name: value} for name, value in signed.items())]
        document = {"expiration": _utc(expires_at, "%Y-%m-%dT%H:%M:%SZ"), "conditions": conditions}
        policy = base64.b64encode(json.dumps(document).encode()).decode()
        proof = {"policy": policy, "x-amz-signature": signature(self._key.secret, time[:8], policy)}
        return Form(self._url, fields | signed | proof)


def signature(secret_key: str, date: str, policy: str) -> str:
    """Signature Version 4 of a policy in base64."""
    return hmac.digest(_key_of_day(secret_key, date), policy.encode(), hashlib.sha256).hex()


@lru_cache(maxsize=2)
def _key_of_day(secret_key: str, date: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for step in (date, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, step.encode(), hashlib.sha256)
    return key


def _utc(moment: datetime, form: str) -> str:
    return moment.astimezone(UTC).strftime(form)
