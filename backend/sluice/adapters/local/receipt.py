"""What an encode was made with, what it took, and how good it is, for its owner to see."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluice.adapters import likeness
from sluice.adapters.cadence import keyframe_frames, segment_s
from sluice.adapters.ffmpeg import CRF, PRESET
from sluice.ladder import Order
from sluice.layout import AUDIO
from sluice.playlists import AUDIO_BITRATE

from .durable import disk
from .publisher import Publisher


@dataclass
class Receipt:
    """Gathers what one attempt took; `cpu_s` and `reused` are added up by whoever runs its processes."""

    order: Order
    method: str
    cpu_s: float = 0.0
    chunks: int = 1
    reused: int = 0
    copied: str | None = None
    ssim: dict[str, float] = field(default_factory=dict)

    def compare(self, program: str, source: Path, publisher: Publisher, number: int, first: int, work: Path) -> None:
        """Sample how like its source this published segment is, which begins with that frame.

        HDR has no like among ordinary pictures.
        """
        if self.order.source.hdr:
            return
        names = [rendition.name for rendition in self.order.facts.renditions]
        files = {name: work / f"{name}.mp4" for name in names}
        with disk():
            for name, file in files.items():
                file.write_bytes(publisher.segment(name, number))
        self.ssim = likeness.ssim(program, str(source), self.order, first, files, work)

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
                "audioBitrate": AUDIO_BITRATE if facts.has_audio else 0,
            },
            "sourceBitrate": self.order.source.bitrate,
            "renditions": self._renditions(publisher),
            "audioBytes": publisher.bytes_of(AUDIO),
        }
        return json.dumps(told, indent=1).encode()

    def _renditions(self, publisher: Publisher) -> list[dict[str, Any]]:
        return [
            {
                "name": one.name,
                "width": one.width,
                "height": one.height,
                "copied": one.name == self.copied,
                "maxBitrate": one.max_bitrate,
                "bytes": publisher.bytes_of(one.name),
                "ssim": self.ssim.get(one.name),
            }
            for one in self.order.facts.renditions
        ]
