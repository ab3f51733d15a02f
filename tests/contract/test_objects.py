"""What every bucket keeps to, and what files and S3 add to it."""

import base64
import errno
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urljoin, urlsplit
from urllib.request import Request, urlopen

import pytest
import requests
from flask import Flask

from sluice.adapters.aws import s3 as s3_adapter
from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.local import sidecars
from sluice.adapters.local.downloads import DownloadLinks
from sluice.adapters.local.durable import DiskFull, DiskUnusable
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.forms import LocalForms
from sluice.adapters.presigned_post import FormSigner
from sluice.api import downloads
from sluice.errors import NotFound, Refused, Unavailable
from sluice.ports import Form, Objects
from tests.contract.conftest import REGION
from tests.stock_s3 import KEY, s3_client

HOSTILE_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../x",
    "a/./x",
    "a//x",
    "a/",
    ".metadata/x",
    "a/.hidden",
    "a\\..\\x",
    "a\0b",
    "a\nb",
    "\ud800",
    "x" * 256,
    "é" * 128,
    "/".join(["x" * 200] * 6),
]


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def links() -> DownloadLinks:
    return DownloadLinks("/storage/raw", b"k" * 32, utc_now)


@pytest.fixture
def local(folder: Path, links: DownloadLinks) -> LocalObjects:
    signer = LocalForms("raw", "/storage/raw", KEY, now=utc_now)
    return LocalObjects(folder, forms=signer, downloads=links)


@pytest.fixture
def s3(clients: Clients) -> S3Objects:
    clients("s3").create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3Objects(clients, "raw", forms=FormSigner("raw", lambda: clients("s3"), now=utc_now))


@pytest.fixture
def versioned(s3: S3Objects, clients: Clients) -> S3Objects:
    clients("s3").put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
    return s3


@pytest.fixture(params=["local", "s3", "versioned"])
def objects(request: pytest.FixtureRequest) -> Objects:
    bucket: Objects = request.getfixturevalue(request.param)
    return bucket


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def upload_and_crash(local: LocalObjects, key: str, body: bytes) -> None:
    with local.receive(key, {}) as incoming:
        incoming.write(body)
        crash()


def upload(local: LocalObjects, key: str, body: bytes, **metadata: str) -> None:
    with local.receive(key, metadata) as incoming:
        incoming.write(body)
        assert incoming.commit()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


# --- every adapter ------------------------------------------------------------------------------------------------


def test_what_was_put_is_read_back(objects: Objects) -> None:
    objects.put("a/b.txt", b"hello", "text/plain")
    assert objects.read("a/b.txt") == b"hello"


def test_putting_again_replaces(objects: Objects) -> None:
    objects.put("a", b"first", "text/plain")
    objects.put("a", b"second", "text/plain")
    assert objects.read("a") == b"second"


def test_the_head_tells_size_and_time(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    head = objects.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {})
    assert abs(head.modified_at - utc_now()) < timedelta(minutes=1)


def test_there_is_no_head_of_nothing(objects: Objects) -> None:
    assert objects.head("nothing") is None


def test_nothing_can_not_be_read(objects: Objects) -> None:
    with pytest.raises(NotFound):
        objects.read("nothing")


def test_reading_stops_at_the_limit(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    with pytest.raises(NotFound):
        objects.read("a", max_bytes=4)


def test_an_object_as_large_as_the_limit_is_read(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    assert objects.read("a", max_bytes=5) == b"12345"


def test_the_list_has_all_depths_and_only_this_prefix(objects: Objects) -> None:
    objects.put("v/1/x", b"1", "text/plain")
    objects.put("v/1/deep/er/y", b"22", "text/plain")
    objects.put("v/10/z", b"333", "text/plain")
    assert sorted(objects.list("v/1/")) == [("v/1/deep/er/y", 2), ("v/1/x", 1)]


def test_the_list_of_nothing_is_empty(objects: Objects) -> None:
    assert list(objects.list("nothing/")) == []


def test_a_deleted_object_is_gone_and_may_be_deleted_again(objects: Objects) -> None:
    objects.put("a", b"1", "text/plain")
    objects.delete("a")
    objects.delete("a")
    assert objects.head("a") is None


def test_deleting_a_prefix_leaves_its_neighbours(objects: Objects) -> None:
    objects.put("v/1/deep/x", b"1", "text/plain")
    objects.put("v/10/x", b"1", "text/plain")
    objects.delete_prefix("v/1/")
    objects.delete_prefix("v/1/")
    assert list(objects.list("v/")) == [("v/10/x", 1)]


# --- the form -----------------------------------------------------------------------------------------------------


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


# --- the download -------------------------------------------------------------------------------------------------

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


# --- S3 -----------------------------------------------------------------------------------------------------------


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


def test_the_location_of_nothing_is_told_when_it_is_read(s3: S3Objects) -> None:
    with s3.location("a") as address, pytest.raises(HTTPError, match="502"):
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


# --- files: keys --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_key_that_is_not_safe_is_refused(local: LocalObjects, key: str) -> None:
    with pytest.raises(Refused):
        local.put(key, b"1", "text/plain")
    with pytest.raises(Refused):
        local.head(key)


def test_a_key_outside_the_buckets_prefix_is_refused(tmp_path: Path) -> None:
    media = LocalObjects(tmp_path / "media", prefix="media/")
    with pytest.raises(Refused):
        media.put("raw/x", b"1", "text/plain")
    with pytest.raises(Refused):
        media.delete_prefix("media/")


def test_a_prefix_is_no_folder_of_its_own(tmp_path: Path) -> None:
    media = LocalObjects(tmp_path / "media", prefix="media/")
    media.put("media/v/1/x", b"1", "text/plain")
    assert (tmp_path / "media/v/1/x").read_bytes() == b"1"
    assert list(media.list("media/v/")) == [("media/v/1/x", 1)]


def test_links_lead_nowhere(local: LocalObjects, folder: Path, tmp_path: Path) -> None:
    local.put("a/b", b"1", "text/plain")
    (tmp_path / "secret").write_text("secret")
    (folder / "file-link").symlink_to(tmp_path / "secret")
    (folder / "folder-link").symlink_to(tmp_path)
    (folder / "a" / "link").symlink_to(tmp_path)
    with pytest.raises(Refused):
        local.read("file-link")
    with pytest.raises(Refused):
        local.read("folder-link/secret")
    assert list(local.list("a/")) == [("a/b", 1)]
    local.delete_prefix("a/")
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_folder_that_can_not_be_read_is_the_disk_s_trouble(
    local: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(path: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "is_symlink", unreadable)
    with pytest.raises(DiskUnusable):
        local.head("a/b")


def test_an_object_can_not_be_a_folder_too(local: LocalObjects) -> None:
    local.put("a/b", b"1", "text/plain")
    with pytest.raises(Refused):
        local.put("a", b"1", "text/plain")
    with pytest.raises(Refused):
        local.put("a/b/c", b"1", "text/plain")
    local.delete("a")
    assert local.head("a") is None
    assert local.read("a/b") == b"1"


def test_a_folder_may_be_reached_by_a_link_of_the_operators(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    LocalObjects(tmp_path / "data").put("a", b"1", "text/plain")
    assert (tmp_path / "disk" / "a").read_bytes() == b"1"


def test_deleting_a_prefix_removes_the_folders(local: LocalObjects, folder: Path) -> None:
    local.put("v/1/deep/x", b"1", "text/plain")
    local.delete_prefix("v/")
    assert not (folder / "v").exists()


# --- files: receiving ---------------------------------------------------------------------------------------------


def test_an_upload_has_its_metadata(local: LocalObjects) -> None:
    upload(local, "a", b"12345", **{"user-id": "änn"})
    head = local.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {"user-id": "änn"})


def test_the_location_is_the_file(local: LocalObjects) -> None:
    upload(local, "a", b"12345")
    with local.location("a") as path:
        assert Path(path).read_bytes() == b"12345"


def test_nothing_has_no_location(local: LocalObjects) -> None:
    with pytest.raises(NotFound), local.location("a"):
        pass


def test_without_a_commit_nothing_stays(local: LocalObjects, folder: Path) -> None:
    with local.receive("a", {"user-id": "ann"}) as incoming:
        incoming.write(b"123")
    assert files_in(folder) == []


def test_a_failure_while_receiving_leaves_nothing(local: LocalObjects, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        upload_and_crash(local, "a", b"123")
    assert files_in(folder) == []


def test_an_upload_that_is_not_allowed_in_the_end_changes_nothing(local: LocalObjects) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with local.receive("a", {"user-id": "bob"}) as incoming:
        incoming.write(b"second")
        assert not incoming.commit(lambda: False)
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "ann"}
    assert local.read("a") == b"first"


def test_of_two_uploads_that_are_allowed_once_the_first_to_end_stays(local: LocalObjects) -> None:
    def allowed() -> bool:
        return local.head("a") is None

    with local.receive("a", {}) as slow, local.receive("a", {}) as quick:
        slow.write(b"slow")
        quick.write(b"quick")
        assert quick.commit(allowed)
        assert not slow.commit(allowed)
    assert local.read("a") == b"quick"


def test_a_replaced_upload_has_the_new_metadata(local: LocalObjects) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    upload(local, "a", b"second", **{"user-id": "bob"})
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "bob"}


def test_metadata_goes_with_its_object(local: LocalObjects, folder: Path) -> None:
    upload(local, "a", b"1", **{"user-id": "ann"})
    upload(local, "v/b", b"1", **{"user-id": "ann"})
    local.delete("a")
    local.delete_prefix("v/")
    assert files_in(folder) == []


def test_a_crash_between_metadata_and_object_leaves_the_old_object_with_its_own(
    local: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "a", b"second!", **{"user-id": "bob"})
    head = local.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {"user-id": "ann"})


def test_after_such_a_crash_the_next_upload_is_whole(local: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(local, "a", b"first", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "a", b"second!", **{"user-id": "bob"})
    upload(local, "a", b"third..", **{"user-id": "cyd"})
    head = local.head("a")
    assert head is not None
    assert head.metadata == {"user-id": "cyd"}


def test_the_sweep_removes_metadata_whose_object_never_came(
    local: LocalObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(local, "kept", b"1", **{"user-id": "ann"})
    with monkeypatch.context() as patched:
        patched.setattr(local, "_place", crash)
        with pytest.raises(KeyboardInterrupt):
            upload(local, "lost", b"1", **{"user-id": "ann"})
    local.sweep_leftovers(-1)
    head = local.head("kept")
    assert head is not None
    assert head.metadata == {"user-id": "ann"}
    assert len(files_in(folder / ".metadata")) == 1


def test_the_sweep_reads_no_metadata_of_what_is_there(local: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(local, "kept", b"1", **{"user-id": "ann"})
    monkeypatch.setattr(sidecars, "_load", lambda path: pytest.fail(f"{path} was read"))
    local.sweep_leftovers(-1)


def test_the_sweep_leaves_what_is_being_written(local: LocalObjects) -> None:
    with local.receive("a", {}) as incoming:
        incoming.write(b"123")
        local.sweep_leftovers(3600)
        assert incoming.commit()
    assert local.read("a") == b"123"


def test_the_sweep_removes_old_unfinished_files(local: LocalObjects, folder: Path) -> None:
    (folder / ".unfinished").mkdir(parents=True)
    (folder / ".unfinished" / "0123").write_bytes(b"left by a crash")
    local.sweep_leftovers(-1)
    assert files_in(folder) == []


def test_the_sweep_of_an_empty_bucket_is_fine(local: LocalObjects, folder: Path) -> None:
    local.sweep_leftovers(0)
    assert not folder.exists()


# --- files: publishing and the disk -------------------------------------------------------------------------------


def test_a_published_file_moves(local: LocalObjects, tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.publish(source, "v/1/segment")
    assert local.read("v/1/segment") == b"12345"
    assert not source.exists()


def test_a_shared_file_stays_where_it_is(local: LocalObjects, tmp_path: Path) -> None:
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    local.delete_prefix("v/1/")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["segment"]
    assert source.read_bytes() == b"12345"


def test_a_shared_file_takes_the_place_of_another(local: LocalObjects, tmp_path: Path) -> None:
    local.put("v/1/segment", b"an older one", "video/mp4")
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    assert local.read("v/1/segment") == b"12345"


def test_a_shared_file_is_synced_before_it_gets_its_second_name(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.put("v/0", b"", "text/plain")
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append(os.path.realpath(f"/proc/self/fd/{handle}")))
    monkeypatch.setattr(Path, "hardlink_to", lambda name, file: steps.append(f"{file} as {name}"))
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1")
    assert steps == [f"{source}", f"{source} as {tmp_path}/raw/v/1", f"{tmp_path}/raw/v"]


def test_where_files_can_not_be_linked_a_shared_one_is_copied(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.share(source, "v/1/segment")
    assert local.read("v/1/segment") == source.read_bytes()


def test_file_and_folder_are_synced_around_the_move(
    local: LocalObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.put("v/0", b"", "text/plain")
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append(os.path.realpath(f"/proc/self/fd/{handle}")))
    monkeypatch.setattr(Path, "rename", lambda a, b: steps.append(f"{a} to {b}"))
    source = tmp_path / "segment"
    source.write_bytes(b"12345")
    local.publish(source, "v/1")
    assert steps == [f"{source}", f"{source} to {tmp_path}/raw/v/1", f"{tmp_path}/raw/v"]


def test_a_reader_keeps_the_object_it_opened(local: LocalObjects) -> None:
    local.put("a", b"first", "text/plain")
    with local.open("a") as file:
        local.put("a", b"second", "text/plain")
        assert file.read() == b"first"


def test_a_full_disk_says_so_and_leaves_nothing(
    local: LocalObjects, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    folder.mkdir()
    (folder / ".unfinished").mkdir()
    with pytest.raises(DiskFull, match="full"):
        upload(local, "a", b"123")
    assert files_in(folder) == []


def test_more_than_the_disk_holds_has_no_room(local: LocalObjects) -> None:
    local.require_room(1)
    with pytest.raises(DiskFull):
        local.require_room(1 << 60)


def test_a_folder_that_can_not_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        LocalObjects(tmp_path / "file").require_room(1)
