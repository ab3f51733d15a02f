"""What it means for a video that its MediaConvert job ended: the service's statuses and error codes as our news."""

import logging
from collections.abc import Mapping
from typing import Any

from sluice.adapters import refusals
from sluice.codec import finite
from sluice.messages import EncodeFailed, EncodeLost, EncodeSucceeded
from sluice.ports import EncodeEnd

log = logging.getLogger(__name__)

_DAMAGED = refusals.damaged().detail
_NO_PICTURE = refusals.no_video_stream().detail
_NO_SOUND = "The sound of this video can't be read; export it with AAC sound and upload that."
_UNSUPPORTED = "This kind of video is not supported; convert it to H.264 in an MP4 file and upload that."
_DENIED = "The encoder may not read uploads or write streams; tell the operator of this site, then try again."
_TOO_LONG_A_STREAM = "The encoder had no room for a stream of this length; cut the video into shorter parts."
_FAILED = "The encoder could not make a stream of this video; try again, or export it anew and upload that."
_CANCELLED = "The encode was cancelled; try again to start it anew."

# As the user guide's list of error codes tells; what is in neither table may be anything.
_REASONS = {
    1010: ("damaged", _DAMAGED),
    1020: ("no_video_stream", _NO_PICTURE),
    1021: ("sound_unreadable", _NO_SOUND),
    1030: ("unsupported", _UNSUPPORTED),
    1040: ("unsupported", _UNSUPPORTED),
    1050: ("too_long", _TOO_LONG_A_STREAM),
    1075: ("damaged", _DAMAGED),
    1076: ("damaged", _DAMAGED),
    1092: ("sound_unreadable", _NO_SOUND),
    1401: ("encoder_denied", _DENIED),
    1404: ("encoder_denied", _DENIED),
    1432: ("encoder_denied", _DENIED),
    1433: ("encoder_denied", _DENIED),
    1434: ("encoder_denied", _DENIED),
    1507: ("too_long", _TOO_LONG_A_STREAM),
    1515: ("encoder_denied", _DENIED),
}
# Trouble of the service's own, which another attempt need not meet again; a job that fails costs nothing.
_UNEXPECTED = (1550, 1999)


def end(
    video_id: str,
    attempt: int,
    status: str,
    error: int | None = None,
    words: str = "",
    seconds: float | None = None,
) -> EncodeEnd | None:
    """How the job ended; None while it waits or runs. The service's own words are for the log: they name buckets."""
    if status == "COMPLETE":
        return EncodeSucceeded(video_id, attempt, seconds)
    if status == "CANCELED":
        return EncodeFailed(video_id, attempt, "encode_canceled", _CANCELLED)
    if status != "ERROR":
        return None
    log.warning("video=%s attempt=%d MediaConvert error %s: %s", video_id, attempt, error, words)
    if error in _UNEXPECTED:
        return EncodeLost(video_id, attempt)
    return EncodeFailed(video_id, attempt, *_REASONS.get(error or 0, ("encode_failed", _FAILED)))


def length_s(told: Mapping[str, Any]) -> float | None:
    """How long the longest output became, as the event of its end or the job tells; None where untold."""
    groups = _named(told, "outputGroupDetails") or ()
    outputs = [one for group in groups for one in _named(group, "outputDetails") or ()]
    longest_ms = max((_named(one, "durationInMs") or 0 for one in outputs), default=0)
    return finite(longest_ms) / 1000 or None


def _named(told: Mapping[str, Any], name: str) -> Any:
    """The same names begin with a small letter in events, with a capital in answers."""
    return told.get(name, told.get(name[0].upper() + name[1:]))
