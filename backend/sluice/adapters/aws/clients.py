"""boto3's clients, each built when it is first used, and its errors as ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sluice.errors import Unavailable

# A request that AWS leaves without an answer must not use up a function's whole time.
CONNECT_S = 3
READ_S = 10
ATTEMPTS = 4
_REGIONAL = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}


class Clients:
    """One client per service, in the region and with the credentials of the surroundings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """The service's client."""
        # Threads that build clients at the same time slow each other down by seconds.
        with self._lock:
            if service not in self._made:
                self._made[service] = _client(service)
            return self._made[service]


def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    retries = {"mode": "standard", "max_attempts": ATTEMPTS}
    config = Config(connect_timeout=CONNECT_S, read_timeout=READ_S, retries=retries)
    if service == "s3":
        # boto3's defaults sign forms as Version 2, for the global host, which redirects for young buckets.
        signing = Config(signature_version="s3v4", s3=_REGIONAL)
        config = config.merge(signing)
    return boto3.client(service, config=config)


@contextmanager
def asking(service: str) -> Iterator[None]:
    """What AWS answers to its caller's mistakes passes as it is; whatever else goes wrong is Unavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if code_of(error) in _RETRYABLE or _status_of(error) >= 500:
            raise Unavailable(f"{service}: {code_of(error)}") from error
        raise
    except BotoCoreError as error:
        raise Unavailable(f"{service}: {error}") from error


_RETRYABLE = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


def code_of(error: Any) -> str:
    """The code that AWS gave a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _status_of(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
