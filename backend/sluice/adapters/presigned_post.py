"""Upload forms for S3, signed by stock boto3, and what forms promise in every home."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sluice.ports import Form


def promises(metadata: Mapping[str, str], max_bytes: int) -> tuple[dict[str, str], list[Any]]:
    """The fields of a form with this metadata, of 1 to `max_bytes` bytes, and the conditions that hold it to them."""
    fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    # Content-Type is no field: S3 fails a form that lacks a field its policy speaks of, even where any value will do.
    return fields, [*({name: value} for name, value in fields.items()), ["content-length-range", 1, max_bytes]]


class FormSigner:
    """Signs forms for one bucket, with a client that is built for the first of them."""

    def __init__(self, bucket: str, new_client: Callable[[], Any], *, now: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._new_client = new_client
        self._now = now
        self._lock = threading.Lock()
        self._made: Any = None

    def sign(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """A form for this key and metadata, of 1 to `max_bytes` bytes, in which every field is a condition."""
        # boto3 adds key, bucket and its own x-amz-* fields to the conditions, but not these.
        fields, conditions = promises(metadata, max_bytes)
        post = self._client().generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=self._seconds_until(expires_at)
        )
        return Form(post["url"], post["fields"])

    def _seconds_until(self, expires_at: datetime) -> int:
        return max(1, int((expires_at - self._now()).total_seconds()))

    def _client(self) -> Any:
        # Threads that build clients at the same time slow each other down by seconds.
        with self._lock:
            if self._made is None:
                self._made = self._new_client()
            return self._made
