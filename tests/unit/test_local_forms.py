"""Forms for the storage of this machine are those that boto3 signs for S3."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sluice.adapters.local.forms import LocalForms
from sluice.adapters.presigned_post import FormSigner
from sluice.ports import Form
from tests.stock_s3 import KEY, s3_client

METADATA = {"user-id": "ann", "note": 'ünïcode "quoted"'}
KEY_OF_OBJECT = "a folder/ü.mp4"
URL = "/storage/raw"


def utc_now() -> datetime:
    return datetime.now(UTC)


def policy_of(form: Form) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(base64.b64decode(form.fields["policy"]))
    return policy


def test_a_form_is_the_one_that_boto3_signs() -> None:
    expires_at = utc_now() + timedelta(hours=1)
    stock = FormSigner("raw", s3_client, now=utc_now).sign(
        KEY_OF_OBJECT, METADATA, max_bytes=1000, expires_at=expires_at
    )
    # boto3 looks at the clock itself.
    signed_at = datetime.strptime(stock.fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expires_at = datetime.fromisoformat(policy_of(stock)["expiration"])
    own = LocalForms("raw", URL, KEY, now=lambda: signed_at).sign(
        KEY_OF_OBJECT, METADATA, max_bytes=1000, expires_at=expires_at
    )
    assert dict(own.fields) == dict(stock.fields)


def test_a_form_says_its_times_in_utc() -> None:
    now = datetime(2026, 11, 22, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    form = LocalForms("raw", URL, KEY, now=lambda: now).sign("key1", {}, max_bytes=1, expires_at=now)
    assert form.fields["x-amz-date"] == "20261121T233000Z"
    assert form.fields["x-amz-credential"] == "AK/20261121/us-east-1/s3/aws4_request"
    assert policy_of(form)["expiration"] == "2026-11-21T23:30:00Z"
