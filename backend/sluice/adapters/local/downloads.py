"""Addresses at which an object can be fetched as a file, for a while: what a presigned GET is in S3."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

_MOMENT = re.compile(r"[1-9][0-9]{0,11}")


class DownloadLinks:
    """Signs addresses below one bucket's, and knows its own again."""

    def __init__(self, base: str, key: bytes, now: Callable[[], datetime]) -> None:
        self.base = base
        self._key = key
        self._now = now

    def sign(self, key: str, file_name: str, *, valid_for: timedelta) -> str:
        """The address, as Objects.download_url promises it."""
        expires = str(int((self._now() + valid_for).timestamp()))
        query = {"name": file_name, "expires": expires, "signature": self._signature(key, file_name, expires)}
        return f"{self.base}/{quote(key)}?{urlencode(query)}"

    def file_name(self, key: str, query: Mapping[str, str]) -> str | None:
        """The name that the address was signed for; None unless it was signed here and hasn't expired."""
        name, expires = query.get("name", ""), query.get("expires", "")
        genuine = hmac.compare_digest(query.get("signature", "").encode(), self._signature(key, name, expires).encode())
        in_time = _MOMENT.fullmatch(expires) is not None and self._now().timestamp() < int(expires)
        return name if genuine and in_time else None

    def _signature(self, key: str, file_name: str, expires: str) -> str:
        signed = json.dumps(["download", self.base, key, file_name, expires])
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()
