"""The addresses under which a bucket gives an object out to be kept."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.local.files import LocalObjects
from sluice.api import downloads
from sluice.errors import Refused
from sluice.ports import Objects
from tests.contract.conftest import REGION

Fetched = tuple[int, str, bytes]
Fetch = Callable[[str], Fetched]
QUARTER = timedelta(minutes=15)


@pytest.fixture
def fetch(request: pytest.FixtureRequest, objects: Objects) -> Fetch:
    """Fetches an address; the status, under which name the answer is to be kept, and the body."""
    if isinstance(objects, S3Objects):
        return fetched_from_s3
    web = Flask("test")
    web.register_blueprint(downloads.blueprint(objects, request.getfixturevalue("links")))  # type: ignore[arg-type]

    def fetched_from_here(address: str) -> Fetched:
        answer = web.test_client().get(address, buffered=True)
        return answer.status_code, answer.headers.get("Content-Disposition", ""), answer.data

    return fetched_from_here


def fetched_from_s3(address: str) -> Fetched:
    answer = requests.get(address, timeout=10)
    return answer.status_code, answer.headers.get("Content-Disposition", ""), answer.content


def test_a_download_is_the_object_to_be_kept_under_the_name(objects: Objects, fetch: Fetch) -> None:
    objects.put("a", b"\x00film", "text/html")
    address = objects.download_url("a", "walk.mp4", valid_for=QUARTER)
    assert fetch(address) == (200, 'attachment; filename="walk.mp4"', b"\x00film")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Über die Brücke.mp4", "filename=\"_ber die Br_cke.mp4\"; filename*=UTF-8''%C3%9Cber%20die%20Br%C3%BCcke.mp4"),
        ('a"; x=y.mp4', "filename=\"a__ x_y.mp4\"; filename*=UTF-8''a%22%3B%20x%3Dy.mp4"),
        ("a\r\nSet-Cookie: b", "filename=\"a__Set-Cookie_ b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b"),
        ("50%.mp4", "filename=\"50_.mp4\"; filename*=UTF-8''50%25.mp4"),
    ],
)
def test_a_name_of_any_letters_is_told_in_plain_ones(objects: Objects, fetch: Fetch, name: str, told: str) -> None:
    objects.put("a", b"film", "")
    assert fetch(objects.download_url("a", name, valid_for=QUARTER))[1] == f"attachment; {told}"


def test_the_address_of_nothing_leads_nowhere(objects: Objects, fetch: Fetch) -> None:
    status, _, _ = fetch(objects.download_url("nothing", "walk.mp4", valid_for=QUARTER))
    # Which of the two S3 says is a matter of whether the signer may list the bucket.
    assert status in (403, 404)


def test_a_bucket_without_downloads_gives_out_no_addresses(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        LocalObjects(tmp_path).download_url("a", "walk.mp4", valid_for=QUARTER)


def test_the_address_in_s3_is_signed_for_its_region_and_expires(s3: S3Objects) -> None:
    address = urlsplit(s3.download_url("a", "walk.mp4", valid_for=QUARTER))
    signed = parse_qs(address.query)
    assert (address.hostname, address.path) == (f"raw.s3.{REGION}.amazonaws.com", "/a")
    assert (signed["X-Amz-Algorithm"], signed["X-Amz-Expires"]) == (["AWS4-HMAC-SHA256"], ["900"])
    assert signed["X-Amz-Credential"][0].endswith(f"/{REGION}/s3/aws4_request")
    assert "response-content-disposition" in signed
