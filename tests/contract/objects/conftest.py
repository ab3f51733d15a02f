"""Buckets of every kind: folders, and S3 with and without versions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sluice.adapters.aws.clients import Clients
from sluice.adapters.aws.s3 import S3Objects
from sluice.adapters.local.downloads import DownloadLinks
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.forms import LocalForms
from sluice.adapters.presigned_post import FormSigner
from sluice.ports import Objects
from tests.contract.conftest import REGION
from tests.stock_s3 import KEY


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
