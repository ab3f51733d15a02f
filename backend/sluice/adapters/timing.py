"""When the frames of a source are shown: its true length, its frame rate, and whether that rate is constant."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter

from sluice.ladder import STANDARD_RATES

_KEY = 0x1
_DISCARDED = 0x4
_NO_TIME = -(1 << 63)
_USUAL = Fraction(25)
_FASTEST = Fraction(1000)
# A frame is on time while it is clearly nearer to its slot than to the next; clocks of a millisecond are.
_SLACK = 0.4
# A camera that loses a frame here and there, or a muxer that skips the first, has a constant rate all the same.
_LOST_SHARE = 0.01
_NEAR = Fraction(1, 200)
# The rounding of a clock with some thousand ticks a second, as a share of a frame.
_EXACT = Fraction(1, 20)


@dataclass(frozen=True)
class Timing:
    """The rate is the constant one of the source, or the average where `variable`; no length where none was told.

    `keyframe_gap_s` is the longest stretch that has to be decoded to see its last frame. It is `regular` when every
    frame is exactly on time, none is missing, and none is shown before the keyframe that it follows in the file.
    """

    rate: Fraction
    variable: bool
    frames: int
    duration_s: float | None
    picture_end_s: float = 0.0
    keyframe_gap_s: float = 0.0
    regular: bool = False


@dataclass(frozen=True)
class _Frame:
    shown_at: int
    lasts: int
    key: bool


def read(listing: str, declared: Sequence[Fraction]) -> Timing:
    """The timing in a framecrc listing of the video stream and, after it, the sound."""
    clock = _clock(listing, 0)
    stored = list(_frames(listing))
    frames = sorted(stored, key=attrgetter("shown_at"))
    ticks = [frame.shown_at for frame in frames]
    rate, variable = _rate(ticks, clock, declared)
    end_s = _end(frames, clock, rate, variable)
    duration_s = round(max(end_s, _end_of_sound(listing)), 6)
    gap_s = _keyframe_gap(frames, clock)
    regular = not variable and _is_regular(ticks, clock * rate) and _is_closed(stored)
    return Timing(rate, variable, len(frames), duration_s, round(end_s, 6), gap_s, regular)


def _clock(listing: str, stream: int) -> Fraction:
    found = re.search(rf"^#tb {stream}: *(\d+/\d+)$", listing, re.MULTILINE)
    return Fraction(found[1]) if found else Fraction(1)


def _frames(listing: str) -> Iterator[_Frame]:
    """Every frame that is shown; an edit list may leave others in the file."""
    for line in re.finditer(r"^0,.*$", listing, re.MULTILINE):
        frame, flags = _packet(line[0])
        if not flags & _DISCARDED:
            yield frame


def _end_of_sound(listing: str) -> float:
    start = listing.rfind("\n1,") + 1
    if not start:
        return 0.0
    last, _ = _packet(listing[start:].partition("\n")[0])
    return float((last.shown_at + last.lasts) * _clock(listing, 1))


def _packet(line: str) -> tuple[_Frame, int]:
    """When a packet is shown by the stream's clock, or decoded in containers that know no other; and its flags."""
    _, dts, pts, lasts, _, _, *more = line.split(",")
    # Not printed where it is a keyframe and nothing else.
    flags = next((int(one.strip()[2:], 16) for one in more if one.startswith(" F=")), _KEY)
    return _Frame(int(dts) if int(pts) == _NO_TIME else int(pts), int(lasts), bool(flags & _KEY)), flags


def _end(frames: Sequence[_Frame], clock: Fraction, rate: Fraction, variable: bool) -> float:
    """When the last frame has been shown: for its slot, or for as long as it says where slots are uneven."""
    if not frames:
        return 0.0
    last = frames[-1]
    own = last.lasts > 0 and (variable or len(frames) == 1)
    return float(last.shown_at * clock + (last.lasts * clock if own else 1 / rate))


def _keyframe_gap(frames: Sequence[_Frame], clock: Fraction) -> float:
    if not frames:
        return 0.0
    keys = [frames[0].shown_at, *(frame.shown_at for frame in frames if frame.key), frames[-1].shown_at]
    return round(float(max(after - before for before, after in pairwise(keys)) * clock), 6)


def _is_regular(ticks: Sequence[int], pace: Fraction) -> bool:
    return all(abs((tick - ticks[0]) * pace - place) < _EXACT for place, tick in enumerate(ticks))


def _is_closed(stored: Sequence[_Frame]) -> bool:
    """Whether decoding can begin at every keyframe, and nothing that is shown later on is missing then."""
    first_later: float = math.inf
    for frame in reversed(stored):
        if frame.key and first_later < frame.shown_at:
            return False
        first_later = min(first_later, frame.shown_at)
    return True


def _rate(ticks: list[int], clock: Fraction, declared: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """The frame rate, and whether frames come unevenly."""
    sane = [rate for rate in declared if 0 < rate <= _FASTEST]
    if not ticks or ticks[0] == ticks[-1]:
        # A lone frame has no rate; some containers then declare their clock's.
        return next((rate for rate in sane if 1 <= rate <= STANDARD_RATES[-1]), _USUAL), False
    average = (len(ticks) - 1) / ((ticks[-1] - ticks[0]) * clock)
    near = [rate for rate in STANDARD_RATES if abs(rate - average) < average * _NEAR]
    constant = next((rate for rate in (*sane, *near, average) if _is_even(ticks, clock * rate)), None)
    return (average, True) if constant is None else (constant, False)


def _is_even(ticks: list[int], pace: Fraction) -> bool:
    """Whether, at so many slots a tick, all frames but a few fall into a slot of their own and leave none empty."""
    # Counted from the middle: first frames are often a little early or late.
    middle = ticks[len(ticks) // 2]
    slots = [(tick - middle) * float(pace) for tick in ticks]
    taken = [round(slot) for slot in slots]
    stray = sum(abs(slot - nearest) > _SLACK for slot, nearest in zip(slots, taken, strict=True))
    shared = len(taken) - len(set(taken))
    empty = taken[-1] - taken[0] + 1 - len(set(taken))
    return max(stray, shared, empty) <= 1 + len(ticks) * _LOST_SHARE
