"""What AWS sends, as our messages: S3 notifications and MediaConvert's state changes, as they lie in a queue."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from sluice import layout, messages
from sluice.codec import finite
from sluice.errors import Refused
from sluice.messages import EncodeProgressed, Message, SourceArrived


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
    video_id, attempt, status = ours["id"], int(ours["attempt"]), str(detail["status"])
    if status in ("PROGRESSING", "STATUS_UPDATE"):
        return _progress(video_id, attempt, detail)
    # A machine of its own parses its messages here too, and never meets such an event.
    from sluice.adapters.aws import mediaconvert_ends

    words, seconds = str(detail.get("errorMessage") or ""), mediaconvert_ends.length_s(detail)
    end = mediaconvert_ends.end(video_id, attempt, status, detail.get("errorCode"), words, seconds)
    return [end] if end else []


def _progress(video_id: str, attempt: int, detail: Mapping[str, Any]) -> list[Message]:
    """How far it is; nothing where MediaConvert can't tell, as for some containers."""
    percent = (detail.get("jobProgress") or {}).get("jobPercentComplete")
    if percent is None and detail["status"] == "STATUS_UPDATE":
        return []
    return [EncodeProgressed(video_id, attempt, finite(percent or 0))]
