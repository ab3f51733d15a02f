"""Probe facts to renditions: the one place that knows the rungs. Never upscales."""

import re
from fractions import Fraction

from . import bitrates
from .records import dataclass

RUNGS = (1080, 720, 480, 360, 240)
TALL_RUNGS = (2160, 1440)

# A rung that spends hardly less than the next larger one is of no use.
_CLEARLY_LESS = 0.9

# Hardware decoders for H.264 stop at this side length.
_LONGEST_SIDE = 4096
_ENOUGH_TO_LOOK_AT = 720

STANDARD_RATES = tuple(
    Fraction(*pair)
    for pair in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
)
_TOP_RATE = Fraction(60)
_SLOWEST_RATE = Fraction(1)

HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
# What is kept in palettes is RGB, too.
_RGB_FORMAT = re.compile(r"(x2)?[0a]?(rgb|bgr|gbr)|pal8")
_DEEP_FORMAT = re.compile(r"(9|10|12|14|16|20|32|48|64)(le|be)$")

# Every repair there is, by its code: what the source was like, and what is done about it.
REPAIRS = {
    "no_audio": "nothing to hear; the stream has no audio group",
    "audio_dropped": "sound that can't be decoded; left out",
    "downmixed": "more than two audio channels; mixed down to stereo",
    "rotated": "lies on its side or head; turned upright",
    "odd_size": "odd width or height; rounded to even ones",
    "non_square_pixels": "pixels that are not square; stretched to square ones",
    "variable_frame_rate": "frames at uneven distances; shown at the nearest usual rate",
    "frame_rate_capped": "more than 60 frames a second; brought down to 60 or an even part",
    "frame_rate_raised": "less than one frame a second; each shown several times",
    "hdr_to_sdr": "colours for HDR screens; mapped to SDR",
    "bit_depth": "more than 8 bits a colour; brought down to 8",
    "deinterlaced": "interlaced; made progressive",
    "late_audio": "sound that starts after the picture; silence is put before it",
    "late_video": "picture that starts after the sound; its first frame is held",
}

# Muxing and codec delay alone keep two streams up to this far apart.
_IN_STEP_S = 0.1


@dataclass(frozen=True)
class Source:
    """What the probe found in an uploaded file; sizes as coded, before rotation and pixel shape.

    `rotation` is the clockwise turn that shows it upright: 0, 90, 180 or 270; what is `moved` is shown otherwise than
    it is coded, be it only mirrored. `frame_rate` is a fraction like 30000/1001; where the rate varies, that of most
    frames, or the average. `audio_track` counts the file's sounds alone, from 1. `audio_dropped` tells that there is
    sound nobody can decode; `audio_regular`, that it is plain AAC for two channels, in packets without gaps, of which
    none but one comes before its time.
    `frames` is 0 where they could not be counted; nobody has measured `picture_end_s` and `keyframe_gap_s` then.
    `regular` tells that every frame is in its place, to `stray_s`, and that decoding can begin at every keyframe.
    `keyframes` are the numbers of those frames, if that is so and they are not too many; none is decoded earlier than
    `decoded_early_s` before it is shown. With `order_untold`, frames are shown in another order than they are decoded
    in, and the file does not tell when. `untagged` ones don't tell by which matrix their colours became brightness and
    tints.
    A film that is `cut` is made of several parts by an edit list, and frames are left out between them.
    """

    format: str
    duration_s: float
    video_index: int
    video_codec: str
    width: int
    height: int
    pixel_aspect: float
    rotation: int
    frame_rate: str
    variable_frame_rate: bool
    interlaced: bool
    pixel_format: str
    color_transfer: str | None
    video_start_s: float
    bitrate: int | None
    audio_index: int | None = None
    audio_channels: int = 0
    audio_start_s: float = 0.0
    audio_dropped: bool = False
    audio_bitrate: int | None = None
    audio_end_s: float = 0.0
    audio_regular: bool = False
    audio_track: int = 1
    frames: int = 0
    picture_end_s: float = 0.0
    keyframe_gap_s: float = 0.0
    regular: bool = False
    profile: str | None = None
    keyframes: tuple[int, ...] = ()
    decoded_early_s: float = 0.0
    order_untold: bool = False
    moved: bool = False
    untagged: bool = False
    color_matrix: str | None = None
    color_primaries: str | None = None
    cut: bool = False
    stray_s: float = 0.0

    @property
    def hdr(self) -> bool:
        """Whether its brightness is coded for HDR screens."""
        return self.color_transfer in HDR_TRANSFERS

    @property
    def rgb(self) -> bool:
        """Whether its pictures are kept as red, green and blue."""
        return bool(_RGB_FORMAT.match(self.pixel_format))


@dataclass(frozen=True)
class Rendition:
    """One rung of a video's ladder; bandwidths and codecs are measured when it has been encoded."""

    name: str
    width: int
    height: int
    max_bitrate: int
    codecs: str | None = None
    bandwidth: int | None = None
    average_bandwidth: int | None = None


@dataclass(frozen=True)
class Facts:
    """What a video is as it will be shown: display size after rotation, and every repair made."""

    duration_s: float
    width: int
    height: int
    frame_rate: float
    has_audio: bool
    repairs: tuple[str, ...]
    renditions: tuple[Rendition, ...]

    @property
    def rate(self) -> Fraction:
        """The frame rate as the exact fraction it came from, such as 30000/1001."""
        return Fraction(self.frame_rate).limit_denominator(100_000)

    @property
    def looked_at(self) -> Rendition:
        """The largest rung that a picture of the film has any use of."""
        small = (one for one in self.renditions if min(one.width, one.height) <= _ENOUGH_TO_LOOK_AT)
        return next(small, self.renditions[-1])


@dataclass(frozen=True)
class Order:
    """What we ask an encoder for: this attempt of this video, from this source to these renditions."""

    video_id: str
    attempt: int
    source: Source
    facts: Facts
    # That which asked for the video's ticket.
    request: str | None = None

    @property
    def name(self) -> str:
        """How every line of the log on it begins."""
        return f"video={self.video_id} request={self.request or '-'} attempt={self.attempt}"


def plan(source: Source, *, tall: bool) -> Facts:
    """What the source becomes: its rungs from the top down, and the repairs on the way."""
    width, height = _display_size(source)
    rate = _shown_rate(source)
    return Facts(
        duration_s=source.duration_s,
        width=width,
        height=height,
        frame_rate=float(rate),
        has_audio=source.audio_index is not None,
        repairs=_repairs(source, rate),
        renditions=_distinct([_rendition(source, size, rate) for size in _sizes(width, height, tall=tall)]),
    )


def _display_size(source: Source) -> tuple[int, int]:
    if source.rotation in (90, 270):
        return source.height, _square_width(source)
    return _square_width(source), source.height


def _square_width(source: Source) -> int:
    return max(1, round(source.width * source.pixel_aspect))


# --- rungs ------------------------------------------------------------------------------------------------------


def _sizes(width: int, height: int, *, tall: bool) -> list[tuple[int, int]]:
    """Width and height of each rung, largest first."""
    short, long = sorted((width, height))
    # What is too long for decoders counts as the smaller picture that it has to become.
    usable = max(1, short * min(long, _LONGEST_SIDE) // long)
    rungs = [rung for rung in (TALL_RUNGS if tall else ()) + RUNGS if rung <= usable]
    return [_fit(width, height, Fraction(rung, short)) for rung in rungs or [usable]]


def _fit(width: int, height: int, scale: Fraction) -> tuple[int, int]:
    """The size at this scale: even, and to the aspect ratio as nearly as that allows."""
    scale = min(scale, Fraction(_LONGEST_SIDE, max(width, height)))
    return _even(width, scale), _even(height, scale)


def _even(side: int, scale: Fraction) -> int:
    """The even number nearest to the scaled side that is not above the source's own."""
    return max(2, min(2 * round(side * scale / 2), side - side % 2))


def _rendition(source: Source, size: tuple[int, int], rate: Fraction) -> Rendition:
    width, height = size
    return Rendition(str(min(size)), width, height, _max_bitrate(source, width, height, rate))


def _max_bitrate(source: Source, width: int, height: int, rate: Fraction) -> int:
    """What this rung may spend: the usual, but no more than the source did on as many pixels."""
    most = bitrates.usual(width, height, rate)
    if source.bitrate:
        share = width * height / (source.width * source.height)
        most = bitrates.capped(most, source.bitrate, source.video_codec, share)
    return round(most)


def _distinct(renditions: list[Rendition]) -> tuple[Rendition, ...]:
    """From the top down, those that spend clearly less than the one before: another of the same rate helps nobody."""
    kept = renditions[:1]
    for rendition in renditions[1:]:
        if rendition.max_bitrate < kept[-1].max_bitrate * _CLEARLY_LESS:
            kept.append(rendition)
    return tuple(kept)


# --- frame rate -------------------------------------------------------------------------------------------------


def _shown_rate(source: Source) -> Fraction:
    """The constant rate it will be shown at; a source's own wherever it is constant and sensible."""
    rate = Fraction(source.frame_rate)
    if rate > _TOP_RATE:
        # A divisor of the source's rate drops frames evenly.
        return next((even for even in STANDARD_RATES[:-4:-1] if (rate / even).denominator == 1), _TOP_RATE)
    if source.variable_frame_rate:
        return min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if rate < _SLOWEST_RATE:
        # Segments of a few seconds need frames: each is shown several times over.
        return rate * -(-_SLOWEST_RATE // rate)
    return rate


# --- repairs ----------------------------------------------------------------------------------------------------


def _repairs(source: Source, rate: Fraction) -> tuple[str, ...]:
    """The codes, out of REPAIRS, of everything about this source that is put right."""
    late_s = source.audio_start_s - source.video_start_s if source.audio_index is not None else 0.0
    deep = bool(_DEEP_FORMAT.search(source.pixel_format))
    found = {
        "no_audio": source.audio_index is None,
        "audio_dropped": source.audio_dropped,
        "downmixed": source.audio_channels > 2,
        "rotated": source.rotation != 0,
        "odd_size": source.width % 2 == 1 or source.height % 2 == 1,
        "non_square_pixels": _square_width(source) != source.width,
        "variable_frame_rate": source.variable_frame_rate,
        "frame_rate_capped": Fraction(source.frame_rate) > _TOP_RATE,
        "frame_rate_raised": rate > Fraction(source.frame_rate) and not source.variable_frame_rate,
        "hdr_to_sdr": source.hdr,
        "bit_depth": deep and not source.hdr,
        "deinterlaced": source.interlaced,
        "late_audio": late_s > _IN_STEP_S,
        "late_video": late_s < -_IN_STEP_S,
    }
    return tuple(code for code, made in found.items() if made)
