"""A bucket of S3."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sluice.adapters.attachment import attachment
from sluice.adapters.presigned_post import FormSigner
from sluice.errors import NotFound, Refused, Unavailable
from sluice.ports import Form, Head

from .clients import asking, code_of
from .range_proxy import served_by_ranges

# S3 takes at most this many keys in one call.
DELETED_AT_ONCE = 1000
_ABSENT = ("404", "NoSuchKey", "NotFound")


class S3Objects:
    """ports.Objects over one bucket; `forms` is there for the bucket that takes uploads."""

    def __init__(self, clients: Callable[[str], Any], bucket: str, *, forms: FormSigner | None = None) -> None:
        self._clients = clients
        self._bucket = bucket
        self._forms = forms

    def upload_form(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        if self._forms is None:
            raise Refused("no_uploads", "This bucket takes no uploads.")
        return self._forms.sign(key, metadata, max_bytes=max_bytes, expires_at=expires_at)

    def download_url(self, key: str, file_name: str, *, valid_for: timedelta) -> str:
        wanted = {"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": attachment(file_name)}
        address: str = self._client.generate_presigned_url("get_object", wanted, int(valid_for.total_seconds()))
        return address

    def require_room(self, size: int) -> None:
        """Nothing: S3 has room."""

    def head(self, key: str) -> Head | None:
        try:
            found = self._ask("head_object", Key=key)
        except NotFound:
            return None
        metadata = {name.lower(): value for name, value in found["Metadata"].items()}
        return Head(found["ContentLength"], metadata, found["LastModified"], found["ETag"])

    def location(self, key: str) -> AbstractContextManager[str]:
        return served_by_ranges(lambda part: self._part(key, part))

    def read(self, key: str, *, max_bytes: int = 4 << 20) -> bytes:
        found = self._ask("get_object", Key=key)
        with found["Body"] as body, asking("s3"):
            if found["ContentLength"] > max_bytes:
                raise NotFound(f"{key} is larger than {max_bytes} bytes")
            content: bytes = body.read()
            return content

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._ask("put_object", Key=key, Body=body, ContentType=content_type)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        with asking("s3"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                yield from ((one["Key"], one["Size"]) for one in page.get("Contents", ()))

    def delete(self, key: str) -> None:
        self._delete(lambda found: found == key, key)

    def delete_prefix(self, prefix: str) -> None:
        self._delete(lambda found: True, prefix)

    def _delete(self, wanted: Callable[[str], bool], prefix: str) -> None:
        """Remove every version there is: a bucket that keeps them would keep what its owner deleted."""
        with asking("s3"):
            # The wanted ones come first: a key sorts before the longer ones that begin with it.
            while versions := [_named(one) for one in self._first_versions(prefix) if wanted(one["Key"])]:
                self._delete_all(versions)

    def _first_versions(self, prefix: str) -> Sequence[Mapping[str, str]]:
        page = self._client.list_object_versions(Bucket=self._bucket, Prefix=prefix, MaxKeys=DELETED_AT_ONCE)
        return (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))

    def _delete_all(self, versions: Sequence[Mapping[str, str]]) -> None:
        answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": versions, "Quiet": True})
        if left := answer.get("Errors"):
            raise Unavailable(f"s3: {len(left)} objects were not deleted: {left[0].get('Code')}")

    def _part(self, key: str, part: str) -> Any:
        """The answer to a Range; None where the object ends before it."""
        from botocore.exceptions import ClientError

        try:
            return self._ask("get_object", Key=key, Range=part)
        except ClientError as error:
            if code_of(error) == "InvalidRange":
                return None
            raise

    def _ask(self, call: str, **given: Any) -> Any:
        """One call about one object. NotFound where there is none."""
        from botocore.exceptions import ClientError

        try:
            with asking("s3"):
                return getattr(self._client, call)(Bucket=self._bucket, **given)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                raise NotFound(f"no object {given['Key']}") from error
            raise

    @property
    def _client(self) -> Any:
        return self._clients("s3")


def _named(version: Mapping[str, str]) -> dict[str, str]:
    return {"Key": version["Key"], "VersionId": version["VersionId"]}
