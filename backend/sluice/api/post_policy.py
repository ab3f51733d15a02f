"""Whether a posted form is one that somebody with the storage keys signed: S3's rules, without S3."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from sluice.adapters.local.forms import ALGORITHM, REGION, StorageKey, signature

from .s3_answers import S3Error, denied_by_policy

LARGEST = 5 << 30

_SIGNING_FIELDS = ("policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date")
_UNCHECKED = {"policy", "x-amz-signature", "file"}
_DATE = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_EXPIRATION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Sizes:
    """How many bytes the file may have; where the policy is silent, as many as S3 takes."""

    least: int = 0
    most: int = LARGEST

    def within(self, other: "Sizes") -> "Sizes":
        """What both allow."""
        return Sizes(max(self.least, other.least), min(self.most, other.most))


@dataclass(frozen=True)
class Match:
    """One condition on one field."""

    field: str
    operator: str
    wanted: str

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether the form keeps to it."""
        if self.operator == "eq":
            return values.get(self.field) == self.wanted
        value = values.get(self.field, "")
        # S3 takes several types in one field, and each must fit.
        parts = [part.strip() for part in value.split(",")] if self.field == "content-type" else [value]
        return all(part.startswith(self.wanted) for part in parts)


@dataclass(frozen=True)
class Policy:
    """What a form promises, taken apart."""

    expires_at: datetime
    matches: tuple[Match, ...]
    sizes: Sizes


def check(fields: Mapping[str, str], bucket: str, key: StorageKey, now: datetime) -> Sizes:
    """The sizes that this form allows; S3Error unless its signature, its time and every condition are right.

    The fields are those before the file, by their names in lower case."""
    _check_signature(fields, key)
    policy = parse(fields["policy"])
    if policy.expires_at <= now:
        raise denied_by_policy("Policy expired.")
    _check_fields(fields, bucket, policy)
    return policy.sizes


def _check_signature(fields: Mapping[str, str], key: StorageKey) -> None:
    missing = [name for name in _SIGNING_FIELDS if not fields.get(name)]
    if missing:
        raise S3Error(403, "AccessDenied", f"The form must contain a field named '{missing[0]}', before the file.")
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise S3Error(403, "AccessDenied", f"Forms must be signed with {ALGORITHM}.")
    if "x-amz-security-token" in fields:
        raise S3Error(403, "AccessDenied", "There are no temporary credentials here.")
    date = _scope_date(fields, key.access)
    wanted = signature(key.secret, date, fields["policy"])
    if not hmac.compare_digest(wanted.encode(), fields["x-amz-signature"].encode()):
        raise S3Error(403, "SignatureDoesNotMatch", "The signature does not match the policy and the secret key.")


def _scope_date(fields: Mapping[str, str], access_key: str) -> str:
    name, *scope = fields["x-amz-credential"].split("/")
    if not hmac.compare_digest(name.encode(), access_key.encode()):
        raise S3Error(403, "InvalidAccessKeyId", "There is no such access key.")
    if len(scope) != 4 or not _DATE.fullmatch(scope[0]) or scope[1:] != [REGION, "s3", "aws4_request"]:
        raise S3Error(403, "AccessDenied", f"The credential must end in a date and /{REGION}/s3/aws4_request.")
    time = fields["x-amz-date"]
    if not _TIME.fullmatch(time) or time[:8] != scope[0]:
        raise S3Error(403, "AccessDenied", "X-Amz-Date must be a time on the date of the credential.")
    return scope[0]


def _check_fields(fields: Mapping[str, str], bucket: str, policy: Policy) -> None:
    values = {"bucket": bucket, **fields}
    if values["bucket"] != bucket:
        raise denied_by_policy("The field bucket names another one than the address.")
    for match in policy.matches:
        if not match.holds(values):
            raise denied_by_policy(f'Policy Condition failed: ["{match.operator}", "${match.field}", "{match.wanted}"]')
    covered = {match.field for match in policy.matches} | _UNCHECKED
    extra = [name for name in values if name not in covered and not name.startswith("x-ignore-")]
    if extra:
        raise denied_by_policy(f"Extra input fields: {extra[0]}")


# --- the document -----------------------------------------------------------------------------------------------------


def parse(policy: str) -> Policy:
    """The policy of a form; S3Error 400 for anything that is none."""
    document = _decoded(policy)
    conditions = document.get("conditions")
    if not isinstance(conditions, list):
        raise _invalid("it has no list of conditions")
    ranges: list[Sizes] = []
    matches: list[Match] = []
    for condition in conditions:
        if isinstance(condition, list) and condition[:1] == ["content-length-range"]:
            ranges.append(_sizes(condition))
        else:
            matches.extend(_matches(condition))
    sizes = reduce(Sizes.within, ranges) if ranges else Sizes()
    return Policy(_expiration(document), tuple(matches), sizes)


def _decoded(policy: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(policy.encode("ascii"), validate=True).decode())
    except (binascii.Error, ValueError, RecursionError):
        raise _invalid("it is not JSON in base64") from None
    if not isinstance(document, dict):
        raise _invalid("it is not an object")
    return document


def _expiration(document: Mapping[str, Any]) -> datetime:
    text = document.get("expiration")
    if not isinstance(text, str) or not _EXPIRATION.fullmatch(text):
        raise _invalid("it has no expiration like 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _invalid("its expiration is no time") from None


def _matches(condition: object) -> Iterator[Match]:
    if isinstance(condition, dict) and condition:
        for field, wanted in condition.items():
            yield _match("eq", field, wanted)
    elif isinstance(condition, list) and len(condition) == 3 and str(condition[1]).startswith("$"):
        yield _match(condition[0], str(condition[1])[1:], condition[2])
    else:
        raise _invalid("a condition has the wrong form")


def _match(operator: object, field: str, wanted: object) -> Match:
    if not isinstance(operator, str) or operator not in ("eq", "starts-with"):
        raise _invalid("a condition has an unknown operator")
    if not isinstance(wanted, str) or not field:
        raise _invalid("a condition names no field or no text")
    return Match(field.lower(), operator, wanted)


def _sizes(condition: list[Any]) -> Sizes:
    numbers = [int(str(one)) for one in condition[1:] if type(one) in (int, str) and _WHOLE.fullmatch(str(one))]
    if len(condition) != 3 or len(numbers) != 2 or numbers[0] > numbers[1]:
        raise _invalid("content-length-range needs two whole numbers, the smaller one first")
    return Sizes(numbers[0], numbers[1])


def _invalid(reason: str) -> S3Error:
    return S3Error(400, "InvalidPolicyDocument", f"Invalid Policy: {reason}.")
