"""Probe facts to renditions: the one place that knows the rungs. Never upscales."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """What the probe found in an uploaded file; sizes as coded, before rotation and pixel shape."""

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


@dataclass(frozen=True)
class Order:
    """What we ask an encoder for: this attempt of this video, from this source to these renditions."""

    video_id: str
    attempt: int
    source: Source
    facts: Facts
