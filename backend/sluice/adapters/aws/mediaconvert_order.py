"""An order as MediaConvert's CreateJob wants it, as plain values; sending it is another's part."""

from sluice.errors import Unplayable
from sluice.ladder import Order, Source
from sluice.layout import attempt_prefix, source_key

from .mediaconvert_outputs import SELECTOR, Values, capture_group, stream_group

# What the names of all outputs begin with.
STREAM = "encoded"
CAPTURES = "captures/"

_LEAST_SIDE = 32


def request(order: Order, *, role: str, queue: str, sources_bucket: str, media_bucket: str) -> Values:
    """The arguments of CreateJob. Unplayable where a picture is smaller than MediaConvert can make one."""
    if min(min(one.width, one.height) for one in order.facts.renditions) < _LEAST_SIDE:
        raise Unplayable("too_small", f"The picture is too small; upload one of {_LEAST_SIDE} pixels or more a side.")
    prefix = f"s3://{media_bucket}/{attempt_prefix(order.video_id, order.attempt)}"
    groups = [stream_group(order, prefix + STREAM), capture_group(order, f"{prefix}{CAPTURES}frame")]
    source = f"s3://{sources_bucket}/{source_key(order.video_id)}"
    return {
        "Role": role,
        "Queue": queue,
        "ClientRequestToken": f"{order.video_id}-{order.attempt}",
        "UserMetadata": {"id": order.video_id, "attempt": str(order.attempt)},
        "Tags": {"video": order.video_id},
        "StatusUpdateInterval": "SECONDS_10",
        "AccelerationSettings": {"Mode": "DISABLED"},
        "Settings": {
            "TimecodeConfig": {"Source": "ZEROBASED"},
            "Inputs": [_input(order, source)],
            "OutputGroups": groups,
        },
    }


# --- the source -------------------------------------------------------------------------------------------------


def _input(order: Order, location: str) -> Values:
    sounds = {"AudioSelectors": {SELECTOR: _sound_of(order.source)}} if order.facts.has_audio else {}
    return {
        "FileInput": location,
        "TimecodeSource": "ZEROBASED",
        # It takes the first picture of a file; which one can be chosen in transport streams alone, by packet id.
        "VideoSelector": _picture_of(order),
        **sounds,
    }


def _sound_of(source: Source) -> Values:
    # Sound that starts late or has gaps keeps its times; more can be repaired in MP4 with AAC alone.
    return {"SelectorType": "TRACK", "Tracks": [source.audio_track], "DefaultSelection": "NOT_DEFAULT"}


def _picture_of(order: Order) -> Values:
    source = order.source
    selector: Values = {"Rotate": _rotation(source), "ColorSpace": "FOLLOW"}
    if source.hdr:
        coded = "HDR10" if source.color_transfer == "smpte2084" else "HLG_2020"
        selector |= {"ColorSpace": coded, "ColorSpaceUsage": "FALLBACK"}
    if order.facts.has_audio:
        # Where only one of both is there, the screen is black: it can't hold the first or the last picture.
        selector["PadVideo"] = "BLACK"
    return selector


def _rotation(source: Source) -> str:
    """Automatic, but for containers whose rotation MediaConvert doesn't read."""
    is_read = source.format.split(",")[0] == "mov"
    return "AUTO" if is_read or not source.rotation else f"DEGREES_{source.rotation}"
