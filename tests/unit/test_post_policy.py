"""Which forms are genuine, and what they allow."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sluice.adapters.local.forms import signature
from sluice.api.post_policy import Sizes, check, parse
from sluice.api.s3_answers import S3Error
from tests.stock_s3 import KEY

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EXPIRATION = "2026-11-21T13:00:00Z"
SIGNING: dict[str, str] = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "AK/20261121/us-east-1/s3/aws4_request",
    "x-amz-date": "20261121T120000Z",
}


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def signed(policy: str, fields: dict[str, str]) -> dict[str, str]:
    return {**SIGNING, **fields, "policy": policy, "x-amz-signature": signature("SK", "20261121", policy)}


def a_form(*conditions: Any, **fields: str) -> dict[str, str]:
    """A genuine form for the key k, with these conditions and fields besides."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    always = [{"bucket": "raw"}, {"key": "k"}, *({name: value} for name, value in SIGNING.items())]
    document = {"expiration": EXPIRATION, "conditions": [*always, *conditions]}
    return signed(encoded(document), {"key": "k", **named})


def refusal(fields: dict[str, str], bucket: str = "raw", now: datetime = NOW) -> tuple[int, str]:
    with pytest.raises(S3Error) as caught:
        check(fields, bucket, KEY, now)
    return caught.value.status, caught.value.code


DENIED = (403, "AccessDenied")
INVALID = (400, "InvalidPolicyDocument")


def test_the_signature_is_the_one_of_the_documentation() -> None:
    # The example policy and keys of "Browser-Based Uploads Using HTTP POST" in Amazon's reference.
    key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    policy = (
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJz"
        "aWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJw"
        "dWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6"
        "b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2Uv"
        "Il0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRp"
        "b24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRl"
        "bnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXot"
        "YWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
    )
    assert signature(key, "20151229", policy) == "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"


def test_a_genuine_form_is_taken() -> None:
    assert check(a_form(), "raw", KEY, NOW) == Sizes(0, 5 << 30)


def test_the_sizes_are_the_policys() -> None:
    assert check(a_form(["content-length-range", 1, 100]), "raw", KEY, NOW) == Sizes(1, 100)


def test_of_several_ranges_all_hold() -> None:
    form = a_form(["content-length-range", 1, 100], ["content-length-range", 50, 200])
    assert check(form, "raw", KEY, NOW) == Sizes(50, 100)


@pytest.mark.parametrize("name", ["policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"])
def test_nothing_of_the_signature_may_be_missing(name: str) -> None:
    form = a_form()
    assert refusal({field: value for field, value in form.items() if field != name}) == DENIED
    assert refusal({**form, name: ""}) == DENIED


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("x-amz-signature", "0" * 64, "SignatureDoesNotMatch"),
        ("x-amz-signature", "é", "SignatureDoesNotMatch"),
        ("policy", encoded({"expiration": "2099-01-01T00:00:00Z", "conditions": []}), "SignatureDoesNotMatch"),
        ("policy", "é", "SignatureDoesNotMatch"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA1", "AccessDenied"),
        ("x-amz-algorithm", "none", "AccessDenied"),
        ("x-amz-credential", "XX/20261121/us-east-1/s3/aws4_request", "InvalidAccessKeyId"),
        ("x-amz-credential", "/20261121/us-east-1/s3/aws4_request", "InvalidAccessKeyId"),
        ("x-amz-credential", "AK/20261121/eu-west-1/s3/aws4_request", "AccessDenied"),
        ("x-amz-credential", "AK/20261121/us-east-1/sqs/aws4_request", "AccessDenied"),
        ("x-amz-credential", "AK/20261121/us-east-1/s3/aws5_request", "AccessDenied"),
        ("x-amz-credential", "AK/20261121/us-east-1/s3/aws4_request/x", "AccessDenied"),
        ("x-amz-credential", "AK/20261122/us-east-1/s3/aws4_request", "AccessDenied"),
        ("x-amz-credential", "AK//us-east-1/s3/aws4_request", "AccessDenied"),
        ("x-amz-credential", "AK", "AccessDenied"),
        ("x-amz-date", "20261122T120000Z", "AccessDenied"),
        ("x-amz-date", "20261121", "AccessDenied"),
        ("x-amz-date", "20261121T120001Z", "AccessDenied"),
        ("key", "other", "AccessDenied"),
    ],
)
def test_a_tampered_field_is_refused(field: str, value: str, code: str) -> None:
    assert refusal({**a_form(), field: value}) == (403, code)


def test_temporary_credentials_are_refused() -> None:
    assert refusal(a_form({"x-amz-security-token": "t"}, x_amz_security_token="t")) == DENIED


def test_another_bucket_is_refused() -> None:
    assert refusal(a_form(), bucket="other") == DENIED
    assert refusal({**a_form(), "bucket": "other"}) == DENIED


def test_a_policy_without_bucket_is_refused() -> None:
    conditions = [{"key": "k"}, *({name: value} for name, value in SIGNING.items())]
    form = signed(encoded({"expiration": EXPIRATION, "conditions": conditions}), {"key": "k"})
    assert refusal(form) == DENIED


@pytest.mark.parametrize("name", ["x-amz-credential", "x-amz-date", "x-amz-algorithm", "key"])
def test_a_field_that_no_condition_covers_is_refused(name: str) -> None:
    named = {"bucket": "raw", "key": "k", **SIGNING}
    conditions = [{field: value} for field, value in named.items() if field != name]
    form = signed(encoded({"expiration": EXPIRATION, "conditions": conditions}), {"key": "k"})
    assert refusal(form) == DENIED


def test_an_extra_field_is_refused_unless_it_is_to_be_ignored() -> None:
    assert refusal(a_form(acl="public-read")) == DENIED
    assert check(a_form(x_ignore_me="x"), "raw", KEY, NOW)


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_form_expires() -> None:
    end = datetime(2026, 11, 21, 13, tzinfo=UTC)
    assert check(a_form(), "raw", KEY, end - timedelta(seconds=1))
    assert refusal(a_form(), now=end) == DENIED


@pytest.mark.parametrize("text", ["2026-11-21T13:00:00.000Z", "2026-11-21T13:00:00.5Z", "2026-11-21T13:00:00Z"])
def test_a_time_may_have_a_fraction(text: str) -> None:
    assert parse(encoded({"expiration": text, "conditions": []})).expires_at > NOW


# --- conditions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ({"x-amz-meta-user-id": "ann"}, {"x_amz_meta_user_id": "ann"}),
        ({"X-Amz-Meta-User-Id": "ann"}, {"x_amz_meta_user_id": "ann"}),
        (["eq", "$x-amz-meta-user-id", "ann"], {"x_amz_meta_user_id": "ann"}),
        (["eq", "$X-AMZ-meta-user-id", "ann"], {"x_amz_meta_user_id": "ann"}),
        (["starts-with", "$acl", "pub"], {"acl": "public-read"}),
        (["starts-with", "$acl", ""], {"acl": "anything"}),
        (["starts-with", "$acl", ""], {}),
        (["starts-with", "$Content-Type", "image/"], {"content_type": "image/png, image/jpeg"}),
        (["starts-with", "$Content-Type", ""], {"content_type": "a/b,c/d"}),
    ],
)
def test_a_condition_holds(condition: Any, fields: dict[str, str]) -> None:
    assert check(a_form(condition, **fields), "raw", KEY, NOW)


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ({"x-amz-meta-user-id": "ann"}, {"x_amz_meta_user_id": "bob"}),
        ({"x-amz-meta-user-id": "ann"}, {"x_amz_meta_user_id": "ann "}),
        ({"x-amz-meta-user-id": "ann"}, {"x_amz_meta_user_id": "Ann"}),
        ({"x-amz-meta-user-id": "ann"}, {}),
        ({"x-amz-meta-user-id": ""}, {}),
        (["eq", "$x-amz-meta-user-id", "ann"], {"x_amz_meta_user_id": "anna"}),
        (["starts-with", "$acl", "pub"], {"acl": "x-public"}),
        (["starts-with", "$acl", "pub"], {}),
        (["starts-with", "$Content-Type", "image/"], {"content_type": "image/png,text/html"}),
        (["starts-with", "$acl", "a,b"], {"acl": "a"}),
    ],
)
def test_a_condition_fails(condition: Any, fields: dict[str, str]) -> None:
    assert refusal(a_form(condition, **fields)) == DENIED


def test_all_conditions_on_one_field_must_hold() -> None:
    assert refusal(a_form(["starts-with", "$acl", "a"], ["eq", "$acl", "b"], acl="ab")) == DENIED


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        {},
        [],
        "text",
        7,
        None,
        ["eq", "$acl"],
        ["eq", "acl", "x"],
        ["eq", "$", "x"],
        ["eq", "$acl", 7],
        ["eq", "$acl", "x", "y"],
        ["ends-with", "$acl", "x"],
        ["EQ", "$acl", "x"],
        [["eq"], "$acl", "x"],
        [None, "$acl", "x"],
        {"acl": 7},
        {"acl": ["x"]},
        {"": "x"},
        ["content-length-range"],
        ["content-length-range", 0],
        ["content-length-range", 0, 1, 2],
        ["content-length-range", -1, 1],
        ["content-length-range", 2, 1],
        ["content-length-range", 0, 1.5],
        ["content-length-range", False, True],
        ["content-length-range", "x", "y"],
        ["content-length-range", None, None],
    ],
)
def test_a_condition_of_another_form_is_no_policy(condition: Any) -> None:
    assert refusal(a_form(condition)) == INVALID


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        None,
        {},
        {"conditions": []},
        {"expiration": EXPIRATION},
        {"expiration": EXPIRATION, "conditions": {}},
        {"expiration": EXPIRATION, "CONDITIONS": []},
        {"EXPIRATION": EXPIRATION, "conditions": []},
        {"expiration": "tomorrow", "conditions": []},
        {"expiration": "2026-11-21", "conditions": []},
        {"expiration": "2026-11-21T13:00:00", "conditions": []},
        {"expiration": "2026-11-21T13:00:00+00:00", "conditions": []},
        {"expiration": "2026-02-31T13:00:00Z", "conditions": []},
        {"expiration": "0000-01-01T00:00:00Z", "conditions": []},
        {"expiration": 4102444800, "conditions": []},
    ],
)
def test_a_document_of_another_form_is_no_policy(document: Any) -> None:
    assert refusal(signed(encoded(document), {"key": "k"})) == INVALID


@pytest.mark.parametrize(
    "policy",
    [
        "!!!!",
        "e30",
        "e30=\n",
        base64.b64encode(b"{").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"[" * 20_000).decode(),
        "é",
    ],
)
def test_what_is_not_json_in_base64_is_no_policy(policy: str) -> None:
    assert refusal(signed(policy, {"key": "k"})) == INVALID
