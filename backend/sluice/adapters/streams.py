"""What ffprobe reports, read: which streams to take, and what they are. Pure; raises Unplayable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sluice.ladder import Source

from . import refusals
from .timing import Timing

Report = Mapping[str, Any]
Stream = Mapping[str, Any]

# How ffmpeg counts streams: by kind.
PICTURE, SOUND = "v", "a"

_NO_MOVING_PICTURE = ("attached_pic", "timed_thumbnails", "still_image")
_PROTECTED_TAGS = frozenset(("encv", "enca", "drmi", "drms", "p608"))
_INTERLACED = frozenset(("tt", "bb", "tb", "bt"))
_SANE_PIXEL_ASPECT = (0.1, 10.0)

# Declared and real lengths of sound files differ by a frame or an encoder's delay.
_SHORTFALL_S = 0.5
_SHORTFALL_SHARE = 0.05
# In these, a declared length is an estimate or left over from before the file was cut.
_UNRELIABLE = frozenset(("flv", "mpegts", "mpeg"))


@dataclass(frozen=True)
class Sound:
    """The audio stream to take, if any, and whether others were passed over because nobody can decode them."""

    stream: Stream | None = None
    dropped: bool = False


def picture(report: Report) -> Stream:
    """The video stream to take: the default one of those that move and have a size."""
    streams = report.get("streams", [])
    if not streams:
        raise refusals.not_a_video()
    if any(_is_protected(thing) for thing in (*streams, *report.get("packets", []))):
        raise refusals.encrypted()
    if report["format"].get("tags", {}).get("major_brand") in refusals.PICTURE_BRANDS:
        raise refusals.picture()
    moving = [stream for stream in _of_type(report, "video") if not _is_still(stream)]
    if not moving:
        raise refusals.no_video_stream()
    return _checked(max(moving, key=lambda stream: (_area(stream) > 0, _is_default(stream))))


def sounds(report: Report) -> list[Stream]:
    """The audio streams, the default one first."""
    return sorted(_of_type(report, "audio"), key=lambda stream: not _is_default(stream))


def place(report: Report, stream: Stream) -> str:
    """How a picture or a sound is named to ffmpeg: by its place among those of its kind."""
    kind = stream["codec_type"]
    place = sum(other["index"] < stream["index"] for other in _of_type(report, kind))
    return f"{PICTURE if kind == 'video' else SOUND}:{place}"


def rates(video: Stream) -> list[Fraction]:
    """The frame rates that the container and the codec declare."""
    return [rate for rate in (_ratio(video.get(name)) for name in ("r_frame_rate", "avg_frame_rate")) if rate]


def parse(report: Report, video: Stream, sound: Sound, timing: Timing, *, max_duration_s: int) -> Source:
    """The source as the ladder wants it, once its streams are chosen and its frames are timed."""
    audio = sound.stream or {}
    duration_s = _duration(report, [stream for stream in (video, audio) if stream], timing)
    if duration_s > max_duration_s:
        raise refusals.too_long(max_duration_s)
    return Source(
        format=_container(report),
        duration_s=duration_s,
        video_index=video["index"],
        video_codec=video["codec_name"],
        width=video["width"],
        height=video["height"],
        pixel_aspect=_pixel_aspect(video),
        rotation=_rotation(video),
        frame_rate=str(Fraction(timing.rate).limit_denominator(100_000)),
        variable_frame_rate=timing.variable,
        interlaced=video.get("field_order") in _INTERLACED,
        pixel_format=video.get("pix_fmt", "unknown"),
        color_transfer=video.get("color_transfer"),
        video_start_s=_start(report, video),
        bitrate=_bitrate(report, video, audio, duration_s),
        audio_index=audio.get("index"),
        audio_channels=audio.get("channels", 0),
        audio_start_s=_start(report, audio),
        audio_dropped=sound.dropped,
        audio_bitrate=int(audio["bit_rate"]) if "bit_rate" in audio else None,
        audio_end_s=timing.sound_end_s,
        audio_regular=timing.sound_regular,
        audio_track=1 + sum(other["index"] < audio.get("index", 0) for other in _of_type(report, "audio")),
        frames=timing.frames,
        picture_end_s=timing.picture_end_s,
        keyframe_gap_s=timing.keyframe_gap_s,
        regular=timing.regular,
        keyframes=timing.keyframes,
        decoded_early_s=timing.decoded_early_s,
        order_untold=_is_order_untold(video, timing),
        profile=video.get("profile"),
        moved=_is_moved(video),
        untagged="color_space" not in video,
        color_matrix=video.get("color_space"),
        color_primaries=video.get("color_primaries"),
        cut=timing.cut,
        stray_s=timing.stray_s,
    )


# --- which streams ----------------------------------------------------------------------------------------------


def _of_type(report: Report, kind: str) -> list[Stream]:
    return [stream for stream in report.get("streams", []) if stream.get("codec_type") == kind]


def _is_still(stream: Stream) -> bool:
    return any(stream.get("disposition", {}).get(name) for name in _NO_MOVING_PICTURE)


def _is_default(stream: Stream) -> bool:
    return bool(stream.get("disposition", {}).get("default"))


def _is_protected(thing: Mapping[str, Any]) -> bool:
    """Whether a stream or packet is encrypted: a stream may look like plain H.264 when its packets are not."""
    kinds = (side.get("side_data_type", "") for side in thing.get("side_data_list", []))
    return (
        thing.get("codec_tag_string") in _PROTECTED_TAGS
        or "enc_key_id" in {name.lower() for name in thing.get("tags", {})}
        or any(kind.startswith("Encryption") for kind in kinds)
    )


def _area(stream: Stream) -> int:
    area: int = stream.get("width", 0) * stream.get("height", 0)
    return area


def _checked(video: Stream) -> Stream:
    if _area(video) > refusals.MAX_PIXELS:
        raise refusals.too_large()
    if video.get("codec_name", "unknown") in ("unknown", "none"):
        raise refusals.codec(None)
    if not _area(video):
        raise refusals.damaged()
    return video


# --- what they are ----------------------------------------------------------------------------------------------


def _duration(report: Report, taken: Sequence[Stream], timing: Timing) -> float:
    """The measured length; Unplayable(damaged) if everything that is declared says that the rest is missing."""
    declared_s = min(_declared(report, taken), default=0.0)
    duration_s = declared_s if timing.duration_s is None else timing.duration_s
    missing_s = declared_s - duration_s
    cut_off = missing_s > max(_SHORTFALL_S, duration_s * _SHORTFALL_SHARE) and _container(report) not in _UNRELIABLE
    if cut_off or not duration_s:
        raise refusals.damaged()
    return duration_s


def _container(report: Report) -> str:
    first: str = report["format"]["format_name"].split(",")[0]
    return first


def _declared(report: Report, taken: Sequence[Stream]) -> Iterator[float]:
    lengths = [float(stream["duration"]) for stream in taken if "duration" in stream]
    if lengths:
        yield max(lengths)
    if "duration" in report["format"]:
        yield _declared_by_container(report)


def _declared_by_container(report: Report) -> float:
    """How long the container says it is; Matroska counts from time zero, even where nothing is shown for an hour."""
    length_s, start_s = float(report["format"]["duration"]), float(report["format"].get("start_time", 0))
    return length_s - start_s if _container(report) == "matroska" and 0 < start_s < length_s else length_s


def _pixel_aspect(video: Stream) -> float:
    ratio = float(_ratio(video.get("sample_aspect_ratio")) or 1)
    least, most = _SANE_PIXEL_ASPECT
    return ratio if least <= ratio <= most else 1.0


def _rotation(video: Stream) -> int:
    """The clockwise turn; one that is not a quarter turn, to a degree, leaves the size as it is, as with ffmpeg."""
    angles = (side.get("rotation", 0) for side in video.get("side_data_list", []) if "rotation" in side)
    turn = -float(next(angles, 0)) % 360
    quarter = round(turn / 90) * 90
    return quarter % 360 if abs(turn - quarter) < 1 else 0


def _is_moved(video: Stream) -> bool:
    """Whether it is to be shown otherwise than it is coded; a picture mirrored top to bottom has an angle of 0."""
    # A file's usual matrix, which moves nothing, is not listed.
    return any(side.get("side_data_type") == "Display Matrix" for side in video.get("side_data_list", []))


def _start(report: Report, stream: Stream) -> float:
    """When the stream starts, counted from the start of the file."""
    file_start = float(report["format"].get("start_time", 0))
    return max(0.0, float(stream.get("start_time", file_start)) - file_start)


def _is_order_untold(video: Stream, timing: Timing) -> bool:
    """Whether the decoder puts frames in order without being told; so it is in what was copied from AVI."""
    return video.get("has_b_frames", 0) > 0 and not timing.decoded_early_s


def _bitrate(report: Report, video: Stream, audio: Stream, duration_s: float) -> int | None:
    """The video's own bitrate, or what the whole file leaves for it over its measured length."""
    if "bit_rate" in video:
        return int(video["bit_rate"])
    whole = round(8 * int(report["format"].get("size", 0)) / duration_s)
    return max(0, whole - int(audio.get("bit_rate", 0))) or None


def _ratio(text: str | None) -> Fraction | None:
    """A ratio such as 30000/1001 or 64:45; None for 0/0 and its like."""
    over, _, under = (text or "0/1").replace(":", "/").partition("/")
    if not (over.isdigit() and under.isdigit() and int(over) and int(under)):
        return None
    return Fraction(int(over), int(under))
