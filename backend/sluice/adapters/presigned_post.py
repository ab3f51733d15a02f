"""Upload forms, signed by stock boto3; the same for S3 and for the storage endpoint of the local home."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sluice.ports import Form

REGION = "us-east-1"


def s3_client(region: str = REGION, *, access_key: str | None = None, secret_key: str | None = None) -> Any:
    """A client that signs as S3 wants it today; without keys it takes those of its surroundings."""
    import boto3
    from botocore.config import Config

    # boto3's defaults are Signature Version 2 and the global host, which redirects for young buckets.
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=f"https://s3.{region}.amazonaws.com",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )


class FormSigner:
    """Signs forms for one bucket. `url` replaces the address of S3 where the storage is another one."""

    def __init__(
        self, bucket: str, new_client: Callable[[], Any], *, now: Callable[[], datetime], url: str | None = None
    ) -> None:
        self._bucket = bucket
        self._new_client = new_client
        self._now = now
        self._url = url
        self._lock = threading.Lock()
        self._made: Any = None

    def sign(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """A form for this key and metadata, of 1 to `max_bytes` bytes, in which every field is a condition."""
        fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        # boto3 adds key, bucket and its own x-amz-* fields to the conditions, but not these. Content-Type is no field:
        # S3 fails a form that lacks a field its policy speaks of, even where the policy takes any value.
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", 1, max_bytes])
        post = self._client().generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=self._seconds_until(expires_at)
        )
        return Form(self._url or post["url"], post["fields"])

    def _seconds_until(self, expires_at: datetime) -> int:
        return max(1, int((expires_at - self._now()).total_seconds()))

    def _client(self) -> Any:
        # Threads that build clients at the same time slow each other down by seconds.
        with self._lock:
            if self._made is None:
                self._made = self._new_client()
            return self._made
