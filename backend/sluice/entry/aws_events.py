"""What AWS sends, as our messages: S3 notifications and MediaConvert's state changes, as they lie in a queue."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from sluice import layout, messages
from sluice.errors import Refused
from sluice.messages import EncodeFailed, EncodeProgressed, EncodeSucceeded, Message, SourceArrived


def parse(body: str) -> list[Message]:
    """Our messages in one queue record's body; none where it is nothing to us. Refused(unknown_message) for poison."""
    try:
        event = json.loads(body)
    except ValueError as error:
        raise Refused("unknown_message", f"not JSON: {error}") from error
    if not isinstance(event, dict):
        raise Refused("unknown_message", "not an object")
    try:
        return _parse(event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("unknown_message", f"a broken event: {error!r}") from error


def _parse(event: Mapping[str, Any]) -> list[Message]:
    # S3 sends this once when notifications are switched on; it carries no Records.
    if event.get("Event") == "s3:TestEvent":
        return []
    if "Records" in event:
        return [message for record in event["Records"] for message in _from_s3(record)]
    if event.get("source") == "aws.mediaconvert":
        return _from_mediaconvert(event["detail"])
    return [messages.parse(event)]


def _from_s3(record: Mapping[str, Any]) -> list[Message]:
    if not record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
        return []
    key = unquote_plus(record["s3"]["object"]["key"])
    return [SourceArrived(key)] if layout.is_id(key) else []


def _from_mediaconvert(detail: Mapping[str, Any]) -> list[Message]:
    ours = detail.get("userMetadata") or {}
    if not {"id", "attempt"} <= ours.keys() or not layout.is_id(ours["id"]):
        return []
    video_id, attempt = ours["id"], int(ours["attempt"])
    match detail["status"]:
        case "COMPLETE":
            return [EncodeSucceeded(video_id, attempt)]
        case "ERROR":
            detail_text = str(detail.get("errorMessage") or "The encoder gave no reason.")
            return [EncodeFailed(video_id, attempt, "encode_failed", detail_text)]
        case "CANCELED":
            return [EncodeFailed(video_id, attempt, "encode_canceled", "The encode was cancelled.")]
        case "PROGRESSING" | "STATUS_UPDATE":
            percent = float((detail.get("jobProgress") or {}).get("jobPercentComplete") or 0)
            return [EncodeProgressed(video_id, attempt, percent)]
    return []
