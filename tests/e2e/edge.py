"""Runs the functions that CloudFront runs at the edge, with the values that Terraform puts into them."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

EDGE = Path(__file__).parents[2] / "terraform" / "edge"
CALL = Path(__file__).with_name("edge.cjs")
HOST = "d111111abcdef8.cloudfront.net"
NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)


@dataclass(frozen=True)
class EdgeFunction:
    """One file of terraform/edge; `values` replace its `__NAMES__`, as terraform/cdn.tf does."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def request(self, address: str, *, method: str = "GET", now: datetime = NOW) -> Any:
        """What becomes of a viewer's request: the request to go on with, or an answer."""
        return self._call({"request": _request(address, method)}, now)

    def response(self, address: str, headers: Mapping[str, str], *, status: int = 200) -> Any:
        """What becomes of the answer to it, whose headers have lower-case names as CloudFront gives them."""
        response = {"statusCode": status, "headers": {name: {"value": value} for name, value in headers.items()}}
        return self._call({"request": _request(address, "GET"), "response": response}, NOW)

    def _call(self, event: Mapping[str, Any], now: datetime) -> Any:
        given = {"code": self._code(), "now": int(now.timestamp() * 1000), "event": event}
        done = subprocess.run(
            ["node", CALL], input=json.dumps(given), capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _code(self) -> str:
        code = (EDGE / f"{self.name}.js").read_text(encoding="utf-8")
        for name, value in self.values.items():
            code = code.replace(name, json.dumps(value))
        return code


def _request(address: str, method: str) -> dict[str, Any]:
    """The request as the event structure of CloudFront has it; values of the query are as they were sent."""
    path, _, query = address.partition("?")
    return {"method": method, "uri": path, "querystring": _query(query), "headers": {"host": {"value": HOST}}}


def _query(text: str) -> dict[str, Any]:
    raw = parse_qsl(text.replace("%", "%25").replace("+", "%2B"), keep_blank_values=True)
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name, []).append(value)
    return {name: _parameter(values) for name, values in found.items()}


def _parameter(values: list[str]) -> dict[str, Any]:
    if len(values) == 1:
        return {"value": values[0]}
    return {"value": values[-1], "multiValue": [{"value": value} for value in values]}
