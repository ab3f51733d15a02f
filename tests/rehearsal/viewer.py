"""The site's origin as viewers meet it, without CloudFront: its functions, as deployed, and the buckets behind them."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.edge import EdgeFunction
from tests.rehearsal.cloud import Cloud


class Refused(Exception):
    """The edge answered by itself, or there is nothing; `status` says what."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(f"{status} for {address}")
        self.status = status


class Viewer:
    """Somebody without an account, whose requests go through the edge functions to a bucket."""

    def __init__(self, cloud: Cloud, buckets: dict[str, str]) -> None:
        self._s3 = cloud.client("s3")
        self._buckets = buckets
        self._edge = {kind: _Deployed(cloud, f"sluice-{kind}-request") for kind in buckets}

    def get(self, address: str) -> bytes:
        """What is at the address of the site or of a video's media."""
        path = urlsplit(address).path
        kind = "media" if path.startswith("/media/") else "site"
        passed = self._edge[kind].request(path, now=datetime.now(UTC))
        if "statusCode" in passed:
            raise Refused(address, passed["statusCode"])
        try:
            found = self._s3.get_object(Bucket=self._buckets[kind], Key=passed["uri"].lstrip("/"))
        except self._s3.exceptions.NoSuchKey as missing:
            raise Refused(address, 404) from missing
        body: bytes = found["Body"].read()
        return body


class _Deployed(EdgeFunction):
    """A function at the edge with the code that Terraform published."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__(name)
        found: Any = cloud.client("cloudfront").get_function(Name=name, Stage="LIVE")
        object.__setattr__(self, "_published", found["FunctionCode"].read().decode())

    def _code(self) -> str:
        code: str = self.__dict__["_published"]
        return code
