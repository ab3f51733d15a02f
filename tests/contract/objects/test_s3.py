"""What S3 adds: versions, many keys at once, and a location that tools can read."""

from contextlib import suppress
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from sluice.adapters.aws import s3 as s3_adapter
from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.refusals import not_a_video
from sluice.errors import Unavailable, Unplayable


def versions_of(clients: Clients) -> list[str]:
    found = clients("s3").list_object_versions(Bucket="raw")
    return [one["Key"] for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]


def test_metadata_is_told_by_the_head(s3: S3Objects, clients: Clients) -> None:
    clients("s3").put_object(Bucket="raw", Key="a", Body=b"1", Metadata={"User-Id": "ann"})
    head = s3.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "ann"}


def test_no_version_of_a_deleted_object_stays(versioned: S3Objects, clients: Clients) -> None:
    versioned.put("a", b"1", "text/plain")
    versioned.put("a", b"2", "text/plain")
    versioned.put("ab", b"3", "text/plain")
    clients("s3").delete_object(Bucket="raw", Key="a")
    versioned.delete("a")
    assert versions_of(clients) == ["ab"]


def test_no_version_below_a_deleted_prefix_stays(versioned: S3Objects, clients: Clients) -> None:
    versioned.put("v/1/a", b"1", "text/plain")
    versioned.put("v/1/a", b"2", "text/plain")
    versioned.put("v/10/a", b"3", "text/plain")
    versioned.delete_prefix("v/1/")
    assert versions_of(clients) == ["v/10/a"]


def test_a_prefix_of_more_keys_than_s3_takes_at_once_goes_whole(s3: S3Objects) -> None:
    for number in range(s3_adapter.DELETED_AT_ONCE + 2):
        s3.put(f"v/{number}", b"", "text/plain")
    assert len(list(s3.list("v/"))) == s3_adapter.DELETED_AT_ONCE + 2
    s3.delete_prefix("v/")
    assert list(s3.list("v/")) == []


def test_what_s3_would_not_delete_is_told(s3: S3Objects, clients: Clients) -> None:
    s3.put("a", b"1", "text/plain")
    refused = {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "no"}]}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clients("s3"), "delete_objects", lambda **_: refused)
        with pytest.raises(Unavailable):
            s3.delete("a")


def fetched(address: str, part: str | None = None) -> tuple[int, dict[str, str], bytes]:
    request = Request(address, headers={"Range": part} if part else {})
    with urlopen(request, timeout=10) as answer:
        return answer.status, dict(answer.headers), answer.read()


def test_the_location_serves_parts_of_the_object(s3: S3Objects) -> None:
    s3.put("a", b"0123456789", "text/plain")
    with s3.location("a") as address:
        status, headers, body = fetched(address, "bytes=2-4")
    assert (status, headers["Content-Range"], body) == (206, "bytes 2-4/10", b"234")


def test_the_location_serves_the_whole_object(s3: S3Objects) -> None:
    s3.put("a", b"0123456789", "text/plain")
    with s3.location("a") as address:
        status, headers, body = fetched(address)
    assert (status, headers["Accept-Ranges"], body) == (200, "bytes", b"0123456789")


def test_a_part_beyond_the_end_is_refused(s3: S3Objects) -> None:
    s3.put("a", b"0123456789", "text/plain")
    with s3.location("a") as address, pytest.raises(HTTPError, match="416"):
        fetched(address, "bytes=10-")


def test_the_location_of_an_empty_object_has_no_parts(s3: S3Objects) -> None:
    s3.put("a", b"", "text/plain")
    with s3.location("a") as address, pytest.raises(HTTPError, match="416"):
        fetched(address)


def test_what_kept_the_location_from_being_read_is_told_in_the_end(s3: S3Objects) -> None:
    with pytest.raises(Unavailable), s3.location("a") as address, pytest.raises(HTTPError, match="502"):
        fetched(address)


def judge(s3: S3Objects, key: str) -> None:
    """Call it no video, whatever can be read of it."""
    with s3.location(key) as address:
        with suppress(HTTPError):
            fetched(address)
        raise not_a_video()


def test_a_verdict_on_what_could_not_be_read_does_not_count(s3: S3Objects) -> None:
    with pytest.raises(Unavailable):
        judge(s3, "a")


def test_a_verdict_on_what_was_read_counts(s3: S3Objects) -> None:
    s3.put("a", b"1", "text/plain")
    with pytest.raises(Unplayable):
        judge(s3, "a")


def test_a_bucket_that_may_not_be_read_is_no_verdict(
    s3: S3Objects, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    monkeypatch.setattr(clients("s3"), "get_object", refuse)
    with pytest.raises(ClientError), s3.location("a") as address, pytest.raises(HTTPError, match="502"):
        fetched(address)


def test_nobody_can_guess_the_location(s3: S3Objects) -> None:
    s3.put("a", b"1", "text/plain")
    with s3.location("a") as address, pytest.raises(HTTPError, match="404"):
        fetched(urljoin(address, "/a"))


def test_the_location_ends_with_its_use(s3: S3Objects) -> None:
    s3.put("a", b"1", "text/plain")
    with s3.location("a") as address:
        pass
    with pytest.raises(URLError):
        fetched(address)
