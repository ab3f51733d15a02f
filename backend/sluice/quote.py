"""What a video costs on AWS: its outputs and their price, a month of keeping it, the hours it is watched."""

import math
from dataclasses import dataclass
from fractions import Fraction

from .ladder import Facts, Rendition, Source
from .layout import AUDIO
from .playlists import AUDIO_BITRATE, SEGMENT_S
from .prices import Price, Prices

BASIC, PROFESSIONAL = "Basic", "Professional"
GB = 1e9

# MediaConvert bills whole seconds, and ten of them at least, for each output.
_LEAST_BILLED_S = 10
# An order for such a source needs features of the Professional tier, which then counts for its pictures.
_PROFESSIONAL_REPAIRS = {"deinterlaced", "hdr_to_sdr"}
_THUMBNAIL = "thumbnail"


@dataclass(frozen=True)
class Output:
    """One output of an encode: what it is billed as, for how many minutes, and what that costs."""

    name: str
    size: str
    billed_as: str
    minutes: float
    usd: float


@dataclass(frozen=True)
class Watching:
    """What viewers fetch in some hours, all of them at one rung, and what its delivery costs."""

    hours: float
    rung: str
    gb: float
    requests: int
    usd: float


@dataclass(frozen=True)
class Quote:
    """What this video costs; what is kept and sent is taken at each rung's highest bit rate."""

    duration_s: float
    frame_rate: float
    tier: str
    outputs: tuple[Output, ...]
    encode_usd: float
    stored_gb: float
    stored_objects: int
    store_once_usd: float
    store_month_usd: float
    watching: Watching


def quote(facts: Facts, prices: Prices, *, hours_watched: float = 1.0) -> Quote:
    """The price of encoding it once, keeping it for a month, and of its viewers' hours at the top rung."""
    outputs = _outputs(facts, prices)
    stored_gb = sum(_gb(rung, facts.duration_s) for rung in facts.renditions) + _sound_gb(facts, facts.duration_s)
    objects = stored_objects(facts)
    return Quote(
        duration_s=facts.duration_s,
        frame_rate=facts.frame_rate,
        tier=tier_of(facts),
        outputs=outputs,
        encode_usd=sum(output.usd for output in outputs),
        stored_gb=stored_gb,
        stored_objects=objects,
        store_once_usd=prices.storage_writes.of(objects),
        store_month_usd=prices.storage.of(stored_gb),
        watching=watching(facts, facts.renditions[0], hours_watched, prices),
    )


def film(duration_s: float, height: int, *, width: int | None = None, fps: float = 30.0, sound: bool = True) -> Source:
    """A progressive film with nothing odd about it, for quotes without a file; 16:9 unless a width is given."""
    return Source(
        format="mov,mp4,m4a,3gp,3g2,mj2",
        duration_s=duration_s,
        video_index=0,
        video_codec="h264",
        width=width or max(2, 2 * round(height * 16 / 9 / 2)),
        height=height,
        pixel_aspect=1.0,
        rotation=0,
        frame_rate=str(Fraction(fps).limit_denominator(1001)),
        variable_frame_rate=False,
        interlaced=False,
        pixel_format="yuv420p",
        color_transfer=None,
        video_start_s=0.0,
        bitrate=None,
        audio_index=1 if sound else None,
        audio_channels=2 if sound else 0,
    )


def tier_of(facts: Facts) -> str:
    """MediaConvert's tier that the order for it falls into."""
    return PROFESSIONAL if _PROFESSIONAL_REPAIRS & set(facts.repairs) else BASIC


# --- encoding ---------------------------------------------------------------------------------------------------


def billed_seconds(duration_s: float) -> int:
    """What MediaConvert counts for an output of this length."""
    return max(_LEAST_BILLED_S, math.ceil(duration_s))


def _outputs(facts: Facts, prices: Prices) -> tuple[Output, ...]:
    minutes = billed_seconds(facts.duration_s) / 60
    pictures = [_picture(rung, facts, minutes, prices) for rung in facts.renditions]
    sound = [Output(AUDIO, "", "sound", minutes, prices.encode_audio.of(minutes))] if facts.has_audio else []
    thumbnail = Output(_THUMBNAIL, "", "frame", minutes, prices.encode_thumbnail.of(minutes))
    return (*pictures, *sound, thumbnail)


def _picture(rung: Rendition, facts: Facts, minutes: float, prices: Prices) -> Output:
    grade = grade_of(rung)
    usd = _picture_price(tier_of(facts), grade, prices).of(minutes) * _factor(facts.frame_rate, prices)
    return Output(rung.name, f"{rung.width}x{rung.height}", grade, minutes, usd)


def grade_of(rung: Rendition) -> str:
    """What MediaConvert bills a picture as; one on its side, or a very wide one, by its dearer measure."""
    short, long = sorted((rung.width, rung.height))
    if short > 1080 or long > 1920:
        return "4K"
    return "HD" if short >= 720 or long >= 1280 else "SD"


def _picture_price(tier: str, grade: str, prices: Prices) -> Price:
    found: Price = getattr(prices, f"encode_{tier.lower()}_{grade.lower()}")
    return found


def _factor(frame_rate: float, prices: Prices) -> float:
    factors = prices.rate_factors
    return next((one.factor for one in factors if frame_rate <= one.frames_per_s), factors[-1].factor)


# --- keeping and sending ----------------------------------------------------------------------------------------


def stored_objects(facts: Facts) -> int:
    """How many objects an encode writes: segments and a playlist per rung and for the sound, master and thumbnail."""
    streams = len(facts.renditions) + facts.has_audio
    return streams * (_segments(facts.duration_s) + 1) + 2


def watching(facts: Facts, rung: Rendition, hours: float, prices: Prices) -> Watching:
    """What these hours at this rung are in bytes and requests, and cost at the price beyond what is free."""
    seconds = hours * 3600
    gb = _gb(rung, seconds) + _sound_gb(facts, seconds)
    requests = (1 + facts.has_audio) * _segments(seconds)
    usd = prices.delivery.of(gb) + prices.delivery_requests.of(requests) + prices.edge_calls.of(requests)
    return Watching(hours, rung.name, gb, requests, usd)


def _segments(seconds: float) -> int:
    return math.ceil(seconds / SEGMENT_S)


def _gb(rung: Rendition, seconds: float) -> float:
    return rung.max_bitrate * seconds / 8 / GB


def _sound_gb(facts: Facts, seconds: float) -> float:
    return AUDIO_BITRATE * seconds / 8 / GB if facts.has_audio else 0.0
