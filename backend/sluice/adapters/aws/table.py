"""The one DynamoDB table: its items are videos, kept answers and claims, told apart by their keys."""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .clients import asking, code_of

Item = Mapping[str, Any]

# DynamoDB gives at most this many bytes a page, so that a page of a query is not always as long as its limit.
PAGE = 100
ALL = sys.maxsize


class Refusal(Exception):
    """The condition of a write did not hold."""


class Table:
    """Reads and conditional writes on one table."""

    def __init__(self, clients: Callable[[str], Any], name: str) -> None:
        self._clients = clients
        self._name = name

    def get(self, key: str) -> Item | None:
        """The item as it is now."""
        with asking("dynamodb"):
            answer = self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True)
        return _plain(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, condition: str = "", values: Item | None = None) -> None:
        """Write the whole item. Refusal unless the condition holds."""
        given = {
            "Item": _wired(item),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": _wired(values or {}),
        }
        self._write("put_item", given)

    def update(self, key: str, change: str, condition: str, values: Item) -> None:
        """Change some attributes of an item. Refusal unless the condition holds."""
        given = {"Key": _key(key), "UpdateExpression": change, "ConditionExpression": condition}
        self._write("update_item", {**given, "ExpressionAttributeValues": _wired(values)})

    def delete(self, key: str, condition: str = "") -> None:
        """Remove the item; removing what is not there is fine. Refusal unless the condition holds."""
        self._write("delete_item", {"Key": _key(key), "ConditionExpression": condition})

    def query(
        self, index: str, condition: str, values: Item, *, newest_first: bool, limit: int = ALL
    ) -> Iterator[Item]:
        """Up to `limit` items of an index, in its order, read page by page as they are asked for."""
        asked = {
            "TableName": self._name,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _wired(values),
            "ScanIndexForward": not newest_first,
        }
        while limit > 0:
            with asking("dynamodb"):
                answer = self._client.query(**asked, Limit=min(limit, PAGE))
            yield from map(_plain, answer["Items"])
            limit -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _write(self, call: str, given: dict[str, Any]) -> None:
        from botocore.exceptions import ClientError

        try:
            with asking("dynamodb"):
                getattr(self._client, call)(
                    TableName=self._name, **{name: value for name, value in given.items() if value}
                )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise Refusal from error
            raise

    @property
    def _client(self) -> Any:
        return self._clients("dynamodb")


def _key(key: str) -> Item:
    return {"pk": {"S": key}}


def _wired(item: Item) -> dict[str, Any]:
    return {name: _typed(value) for name, value in item.items() if value is not None}


def _typed(value: str | bool | int | float) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"S": value} if isinstance(value, str) else {"N": repr(value)}


def _plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    return {name: _untyped(typed) for name, typed in item.items()}


def _untyped(typed: Mapping[str, Any]) -> Any:
    if "N" not in typed:
        return next(iter(typed.values()))
    number = typed["N"]
    return int(number) if number.lstrip("-").isdigit() else float(number)
