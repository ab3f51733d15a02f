"""The forms by which a bucket lets somebody upload."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.presigned_post import FormSigner
from sluice.errors import Refused
from sluice.ports import Form, Objects
from tests.contract.conftest import REGION
from tests.contract.objects.conftest import utc_now
from tests.stock_s3 import s3_client


def signed_form(objects: Objects) -> tuple[Form, dict[str, Any]]:
    expires_at = utc_now() + timedelta(hours=1)
    form = objects.upload_form("key1", {"user-id": "ann"}, max_bytes=1000, expires_at=expires_at)
    return form, json.loads(base64.b64decode(form.fields["policy"]))


def test_the_form_leads_to_the_local_storage(local: LocalObjects) -> None:
    form, _ = signed_form(local)
    assert form.url == "/storage/raw"
    assert (form.fields["key"], form.fields["x-amz-meta-user-id"]) == ("key1", "ann")
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_the_form_leads_to_the_buckets_own_region(s3: S3Objects) -> None:
    form, _ = signed_form(s3)
    assert form.url == f"https://raw.s3.{REGION}.amazonaws.com/"
    assert form.fields["x-amz-credential"].split("/")[2:4] == [REGION, "s3"]


def test_the_form_leads_to_the_region_also_where_that_is_the_first_one(
    monkeypatch: pytest.MonkeyPatch, clients: Clients
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    signer = FormSigner("raw", lambda: clients("s3"), now=utc_now)
    form = signer.sign("key1", {}, max_bytes=1, expires_at=utc_now())
    assert form.url == "https://raw.s3.us-east-1.amazonaws.com/"


def test_a_form_signed_with_a_functions_passing_keys_says_so(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "passing")
    form, policy = signed_form(request.getfixturevalue("s3"))
    assert form.fields["x-amz-security-token"] == "passing"
    assert {"x-amz-security-token": "passing"} in policy["conditions"]


def test_every_field_of_the_form_is_a_condition(objects: Objects) -> None:
    form, policy = signed_form(objects)
    exact = {name for one in policy["conditions"] if isinstance(one, dict) for name in one}
    assert set(form.fields) - {"policy", "x-amz-signature"} == exact - {"bucket"}
    assert {"bucket": "raw"} in policy["conditions"]
    assert {"x-amz-meta-user-id": "ann"} in policy["conditions"]
    assert ["content-length-range", 1, 1000] in policy["conditions"]


def test_the_form_expires_when_it_was_told_to(objects: Objects) -> None:
    _, policy = signed_form(objects)
    expires_at = datetime.fromisoformat(policy["expiration"])
    assert timedelta(minutes=59) < expires_at - utc_now() <= timedelta(hours=1)


def test_a_signer_builds_one_client() -> None:
    clients = iter([s3_client()])
    signer = FormSigner("raw", lambda: next(clients), now=utc_now)
    signer.sign("a", {}, max_bytes=1, expires_at=utc_now())
    form = signer.sign("b", {}, max_bytes=1, expires_at=utc_now())
    assert form.url == "https://raw.s3.us-east-1.amazonaws.com/"


def test_a_bucket_without_forms_takes_no_uploads(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        LocalObjects(tmp_path).upload_form("a", {}, max_bytes=1, expires_at=utc_now())


def test_a_bucket_of_s3_without_forms_takes_no_uploads_either() -> None:
    with pytest.raises(Refused):
        S3Objects(Clients(), "media").upload_form("a", {}, max_bytes=1, expires_at=utc_now())
