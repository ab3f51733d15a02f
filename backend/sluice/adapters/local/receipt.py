"""What an encode was made with, what it took, and how good it is, for its owner to see."""

import json
from dataclasses import dataclass, field
from typing import Any

from sluice.adapters.cadence import keyframe_frames, segment_s
from sluice.adapters.ffmpeg import CRF, PRESET
from sluice.ladder import Order
from sluice.layout import AUDIO
from sluice.playlists import AUDIO_BITRATE

from .publisher import Publisher


@dataclass
class Receipt:
    """Gathers what a film took; `cpu_s`, `reused` and `ssim` come from whoever runs its processes."""

    order: Order
    method: str
    cpu_s: float = 0.0
    chunks: int = 1
    reused: int = 0
    copied: str | None = None
    sound_copied: bool = False
    ssim: dict[str, float | None] = field(default_factory=dict)

    def write(self, publisher: Publisher) -> bytes:
        """The receipt as JSON."""
        facts = self.order.facts
        told = {
            "method": self.method,
            "chunks": self.chunks,
            "chunksReused": self.reused,
            "cpuSeconds": round(self.cpu_s, 2),
            "durationSeconds": facts.duration_s,
            "settings": {
                "codec": "h264",
                "preset": PRESET,
                "crf": CRF,
                "keyframeFrames": keyframe_frames(facts.rate),
                "segmentSeconds": round(float(segment_s(facts.rate)), 6),
                "audioBitrate": self._audio_bitrate,
            },
            "sourceBitrate": self.order.source.bitrate,
            "renditions": self._renditions(publisher),
            "audioCopied": self.sound_copied,
            "audioBytes": publisher.bytes_of(AUDIO),
        }
        return json.dumps(told, indent=1).encode()

    @property
    def _audio_bitrate(self) -> int:
        order = self.order
        asked = order.source.audio_bitrate if self.sound_copied else AUDIO_BITRATE
        return (asked or 0) if order.facts.has_audio else 0

    def _renditions(self, publisher: Publisher) -> list[dict[str, Any]]:
        return [
            {
                "name": one.name,
                "width": one.width,
                "height": one.height,
                "copied": one.name == self.copied,
                "maxBitrate": one.max_bitrate,
                "bytes": publisher.bytes_of(one.name),
                # A copied rung is its source.
                "ssim": 1.0 if one.name == self.copied else self.ssim.get(one.name),
            }
            for one in self.order.facts.renditions
        ]
