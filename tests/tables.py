"""The table of the home on AWS, as Terraform makes it."""

from typing import Any

INDEXES = {"owned": ("owned_by", "pk"), "public": ("public_month", "pk"), "due": ("due_shard", "due_at")}


def create_table(dynamodb: Any, name: str) -> None:
    """Make it, by this client."""
    named = {attribute for keys in INDEXES.values() for attribute in keys}
    dynamodb.create_table(
        TableName=name,
        KeySchema=[_key("pk", "HASH")],
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in sorted(named)],
        GlobalSecondaryIndexes=[_index(index, *keys) for index, keys in INDEXES.items()],
        BillingMode="PAY_PER_REQUEST",
    )


def _index(name: str, hashed: str, ranged: str) -> dict[str, Any]:
    keys = [_key(hashed, "HASH"), _key(ranged, "RANGE")]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}
