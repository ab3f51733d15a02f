"""How a source is entered for the sake of one part of it, so that of this part no frame is missing."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from sluice.ladder import Source

from .filters import ON_GRID_S, frames_shown, shift_s, steady

# So much earlier nothing is missing that is shown at a frame, wherever the keyframes are.
_LEAD_S = Fraction(35, 100)
# Where an index knows no times of decoding, ffmpeg goes 3/23 s further back than it is told.
_BEYOND_S = Fraction(1, 5)


@dataclass(frozen=True)
class Entrance:
    """Where a source is entered to have everything from its frame `start` on.

    Where its keyframes are known, a seek can't lead behind the last one that will do. If nothing came of a seek before
    the start all the same, the part begins too late instead of with a frame that is repeated.
    """

    source: Source
    rate: Fraction
    start: int

    def options(self, length_s: Fraction) -> dict[str, Any]:
        """The input options to have so much from the start on."""
        if self._exact:
            # Otherwise what is shown before the time that is looked for would be dropped.
            return {"ss": _seconds(self._sought_s), "noaccurate_seek": None} if self._sought_s > 0 else {}
        lead = lead_s(self.rate, self.start)
        seek = {"ss": _seconds(self.start / self.rate - lead)} if lead else {}
        return {**seek, "t": _seconds(lead + length_s)}

    def paced(self, picture: Any, length_s: Fraction) -> Any:
        """The picture, entered with those options, at its constant rate from the start on."""
        if not self.start:
            return steady(picture, self.source, self.rate)
        end = self.start + ceil(length_s * self.rate)
        end = min(end, frames_shown(self.source, self.rate) or end)
        # Told when to start, `fps` would repeat the first frame there is until then. It counts time in frames.
        on_time = picture.filter("fps", fps=str(self.rate), eof_action="pass")
        return on_time.filter("trim", start_pts=self.start, end_pts=end)

    @property
    def _exact(self) -> bool:
        # What begins earlier, and is not taken, can hold the picture back.
        in_step = abs(self.source.video_start_s + shift_s(self.source, self.rate)) <= ON_GRID_S
        return self.start > 0 and bool(self.source.keyframes) and in_step

    @property
    def _sought_s(self) -> Fraction:
        """A time, by the file's clock, from which no index leads to a keyframe behind the start."""
        sought_s = self.start / self.rate + _BEYOND_S
        place = bisect_right(self.source.keyframes, self.start)
        if place < len(self.source.keyframes):
            slot_s = 1 / (2 * self.rate)
            # Some indexes tell when frames are decoded, some when they are shown.
            next_s = self.source.keyframes[place] / self.rate - Fraction(self.source.decoded_early_s)
            sought_s = min(sought_s, next_s - slot_s)
        return sought_s + Fraction(self.source.video_start_s)


def lead_s(rate: Fraction, start: int) -> Fraction:
    """How much earlier than at this frame a source has to be entered whose keyframes are not known."""
    return min(start / rate, max(2 / rate, _LEAD_S))


def in_vain(keyframes: Sequence[int], start: int) -> int:
    """How many frames are decoded for nothing but to have this one; none where the keyframes are not known."""
    place = bisect_right(keyframes, start)
    return start - keyframes[place - 1] if place else 0


def _seconds(time_s: Fraction) -> str:
    return f"{float(time_s):.6f}"
