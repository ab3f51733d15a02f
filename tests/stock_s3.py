"""What somebody has who holds the storage keys: boto3, as it is."""

from typing import Any

import boto3
from botocore.config import Config

from sluice.adapters.local.forms import REGION, StorageKey

KEY = StorageKey("AK", "SK")


def s3_client(key: StorageKey = KEY) -> Any:
    """A client that signs as S3 wants it today."""
    # boto3's defaults are Signature Version 2 and the global host.
    signing = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=f"https://s3.{REGION}.amazonaws.com",
        aws_access_key_id=key.access,
        aws_secret_access_key=key.secret,
        config=signing,
    )
