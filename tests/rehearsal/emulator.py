"""Ministack, an emulator of AWS, with two gaps closed that Terraform would stumble over, and TLS granted.

To be run by a Python that has ministack: `python emulator.py`; where it listens is in its own variables (BIND_HOST,
GATEWAY_PORT). Each gap is something that AWS answers and ministack 1.5 leaves out, so that Terraform sees a difference
where there is none."""

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from ministack import app
from ministack.services import cloudwatch, cognito, eventbridge

Answer = tuple[int, Any, Any]


def client_with_rotation(call: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Keep a client's RefreshTokenRotation, too."""

    def kept(asked: Any) -> Answer:
        answer = call(asked)
        if answer[0] != 200 or "RefreshTokenRotation" not in asked:
            return answer
        client = json.loads(answer[2])["UserPoolClient"]
        client["RefreshTokenRotation"] = asked["RefreshTokenRotation"]
        pool, _ = cognito._resolve_pool(client["UserPoolId"])
        pool["_clients"][client["ClientId"]]["RefreshTokenRotation"] = asked["RefreshTokenRotation"]
        return cognito.json_response({"UserPoolClient": client})

    return kept


def whole_alarms(call: Callable[..., Answer]) -> Callable[..., Answer]:
    """Tell the whole of each alarm as XML, too, not just its name and state."""

    def told(params: Any, cbor: Any, is_cbor: bool, is_json: bool = False) -> Answer:
        if is_cbor or is_json:
            return call(params, cbor, is_cbor, is_json)
        names = [
            value[0] if isinstance(value, list) else value for name, value in params.items() if "AlarmNames" in name
        ]
        found = json.loads(call(params, {"AlarmNames": names}, False, True)[2])
        return cloudwatch._xml(
            200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{xml(found)}</DescribeAlarmsResult>"
        )

    return told


def over_tls(pin: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    """Let what comes over loopback count as sent over TLS, which our buckets ask for."""

    def pinned(source_ip: str, secure: bool) -> None:
        pin(source_ip, True)

    return pinned


def xml(value: Any) -> str:
    """The value as AWS's query protocol writes it; times are numbers there in JSON and left out here."""
    if isinstance(value, dict):
        known = {name: one for name, one in value.items() if one is not None and not name.endswith("Timestamp")}
        return "".join(f"<{name}>{xml(one)}</{name}>" for name, one in known.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(one)}</member>" for one in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


if __name__ == "__main__":
    cognito._create_user_pool_client = client_with_rotation(cognito._create_user_pool_client)
    cognito._update_user_pool_client = client_with_rotation(cognito._update_user_pool_client)
    app.pin_request_origin = over_tls(app.pin_request_origin)
    # MediaConvert, which is not one of the emulator's own, speaks for itself, too.
    eventbridge._put_events = partial(eventbridge._put_events, allow_aws_source=True)
    cloudwatch._describe_alarms = whole_alarms(cloudwatch._describe_alarms)
    sys.argv = ["ministack"]
    app.main()
