"""When the frames of a source are shown: its true length, its frame rate, and whether that rate is constant."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress, count, pairwise
from operator import sub

from sluice.ladder import STANDARD_RATES

from . import packet_listing
from .cadence import NEXT_SLOT
from .packet_listing import Frames

_USUAL = Fraction(25)
_FASTEST = Fraction(1000)
# A frame is on time while it is clearly nearer to its slot than to the next; clocks of a millisecond are.
_SLACK = 0.4
# A camera that loses a frame here and there, or a muxer that skips the first, has a constant rate all the same.
_LOST_SHARE = 0.01
_NEAR = Fraction(1, 200)
# Frames that are further apart than so many usual steps have a hole between them.
_HOLE = 1.75
# A rate that frames seem to have is a usual one if it is so near: some may have been lost.
_ALIKE = Fraction(1, 50)
# The rounding of a clock with some thousand ticks a second, as a share of a frame.
_EXACT = Fraction(1, 20)
# A last frame that lasts for more of its slots than this is meant to; one that lasts for fewer tells a guess.
_HELD = Fraction(3, 2)
# An order is kept with its keyframes: those of some hours, or of a few minutes where every frame is one.
_TOLD_AT_MOST = 10_000


@dataclass(frozen=True)
class Timing:
    """The rate is the constant one of the source; where `variable`, that of most frames, or the average. No length
    where none was told.

    `keyframe_gap_s` is the longest stretch that has to be decoded to see its last frame. It is `regular` when every
    frame is exactly on time, no further from it than `stray_s`, which is a clock's rounding, none is missing, and none
    is on the other side of a keyframe in the file than it is shown on. Then `keyframes` are their numbers, unless they
    are too many to be told, and no frame is decoded earlier than `decoded_early_s` before it is shown. Sound is
    `sound_regular` when it is plain AAC for two channels, in packets of which each begins where the one before it ends,
    and none but one before time zero.

    A film that is `cut` is made of several parts by an edit list, which leaves frames out between them.
    """

    rate: Fraction
    variable: bool
    frames: int
    duration_s: float | None
    picture_end_s: float = 0.0
    keyframe_gap_s: float = 0.0
    regular: bool = False
    keyframes: tuple[int, ...] = ()
    decoded_early_s: float = 0.0
    sound_end_s: float = 0.0
    sound_regular: bool = False
    cut: bool = False
    stray_s: float = 0.0


def read(listing: bytes, declared: Sequence[Fraction]) -> Timing:
    """The timing in a framecrc listing of the video stream and, after it, the sound."""
    clock = packet_listing.clock_of(listing, 0)
    frames = packet_listing.shown_frames(listing)
    ticks = _closed_up(frames) if frames.cut else array("q", sorted(frames.shown_at))
    rate, variable = _rate(ticks, clock, declared)
    end_s = _end(frames, ticks, clock, rate, variable)
    sound_end_s = round(packet_listing.end_of_sound(listing), 6)
    duration_s = max(round(end_s, 6), sound_end_s)
    gap_s = _keyframe_gap(ticks, compress(frames.shown_at, frames.keys), clock)
    keyframes = [*compress(count(), frames.keys)]
    stray = float(_EXACT) if variable or frames.cut else _stray(ticks, clock * rate)
    regular = stray < _EXACT and _are_walls(keyframes, frames, ticks)
    stray_s = round(float(stray / rate), 6) if regular else 0.0
    told = tuple(keyframes) if regular and len(keyframes) <= _TOLD_AT_MOST else ()
    early_s = round(float(frames.early * clock), 6)
    of_pictures = (rate, variable, len(ticks), duration_s, round(end_s, 6), gap_s, regular, told, early_s)
    return Timing(*of_pictures, sound_end_s, packet_listing.is_plain_sound(listing), frames.cut, stray_s)


def _closed_up(frames: Frames) -> "array[int]":
    """When frames are shown, in order, where each part of a film begins as the one before it ends.

    The demuxer has a part begin with the frame that is decoded first, which may not be the one that is shown first.
    """
    starts = [0, *sorted({*frames.seams}), len(frames.shown_at)]
    parts = [sorted(frames.shown_at[start:end]) for start, end in pairwise(starts) if start < end]
    steps = sorted(after - before for part in parts for before, after in pairwise(part))
    ticks = array("q", parts[0])
    for part in parts[1:]:
        moved = ticks[-1] + (steps[len(steps) // 2] if steps else 0) - part[0]
        ticks.extend(tick + moved for tick in part)
    return ticks


def _end(frames: Frames, ticks: Sequence[int], clock: Fraction, rate: Fraction, variable: bool) -> float:
    """When the last frame has been shown: for its slot, or for as long as it says if it is held or slots are uneven."""
    if not ticks:
        return 0.0
    _, lasts = max(zip(frames.shown_at, frames.lasts, strict=True))
    own = lasts > 0 and (variable or len(ticks) == 1 or lasts * clock * rate > _HELD)
    return float(ticks[-1] * clock + (lasts * clock if own else 1 / rate))


def _keyframe_gap(ticks: Sequence[int], keys: Iterable[int], clock: Fraction) -> float:
    if not ticks:
        return 0.0
    stops = [ticks[0], *sorted(keys), ticks[-1]]
    return round(float(max(after - before for before, after in pairwise(stops)) * clock), 6)


def _stray(ticks: Sequence[int], pace: Fraction) -> float:
    """How far any frame is from being on time, in slots."""
    if _is_exact(ticks, pace):
        return 0.0
    # In whole numbers: with fractions a film of hours would take half a minute.
    slot = pace.denominator
    off = (abs((tick - ticks[0]) * pace.numerator - place * slot) for place, tick in enumerate(ticks))
    return max(off, default=0) / slot


def _is_exact(ticks: Sequence[int], pace: Fraction) -> bool:
    """Whether every frame is on time to the tick, as in most files: that is soon told."""
    slot = 1 / pace
    if not ticks or slot.denominator != 1 or ticks[-1] - ticks[0] != (len(ticks) - 1) * slot:
        return False
    return ticks == array("q", range(ticks[0], ticks[-1] + 1, slot.numerator))


def _are_walls(keyframes: Iterable[int], frames: Frames, ticks: Sequence[int]) -> bool:
    """Whether decoding can begin at every keyframe: then just what is before it in the file is shown before it."""
    return all(frames.shown_at[place] == ticks[place] for place in keyframes)


def _rate(ticks: Sequence[int], clock: Fraction, declared: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """The frame rate, and whether frames come unevenly."""
    sane = [rate for rate in declared if 0 < rate <= _FASTEST]
    if not ticks or ticks[0] == ticks[-1]:
        # A lone frame has no rate; some containers then declare their clock's.
        return next((rate for rate in sane if 1 <= rate <= STANDARD_RATES[-1]), _USUAL), False
    average = (len(ticks) - 1) / ((ticks[-1] - ticks[0]) * clock)
    near = [rate for rate in STANDARD_RATES if abs(rate - average) < average * _NEAR]
    constant = next((rate for rate in (*sane, *near, average) if _is_even(ticks, clock * rate)), None)
    if constant is not None:
        return constant, False
    # Pauses slow the average down, but not what is seen.
    between = _rate_between_holes(ticks) / clock
    alike = [rate for rate in (*sane, *STANDARD_RATES) if abs(rate - between) < between * _ALIKE]
    nearest = sorted(alike, key=lambda rate: abs(rate - between))
    return next((rate for rate in nearest if _is_even_but_for_holes(ticks, clock * rate)), average), True


def _rate_between_holes(ticks: Sequence[int]) -> Fraction:
    """How many frames come in a tick, where none is missing."""
    steps = sorted(map(sub, ticks[1:], ticks))
    near = steps[: bisect_left(steps, _HOLE * steps[len(steps) // 2])] or steps
    return Fraction(len(near), sum(near))


def _is_even_but_for_holes(ticks: Sequence[int], pace: Fraction) -> bool:
    """Whether, at so many slots a tick, most frames go into the slot behind that of the one before, and few share one.

    It is as they are shown in the end, each where there is room for it.
    """
    slots_a_tick, (least, most) = float(pace), NEXT_SLOT
    taken, shared, next_to = 0, 0, 0
    for tick in ticks[1:]:
        slots = (tick - ticks[0]) * slots_a_tick - taken
        further = 1 if least <= slots <= most else max(0, round(slots))
        taken += further
        shared += further == 0
        next_to += further == 1
    return 2 * next_to > len(ticks) and shared <= 1 + len(ticks) * _LOST_SHARE


def _is_even(ticks: Sequence[int], pace: Fraction) -> bool:
    """Whether, at so many slots a tick, all frames but a few fall into a slot of their own and leave none empty."""
    if _is_exact(ticks, pace):
        return True
    # Counted from the middle: first frames are often a little early or late.
    middle, slots_a_tick = ticks[len(ticks) // 2], float(pace)
    stray, shared, before = 0, 0, None
    for tick in ticks:
        slot = (tick - middle) * slots_a_tick
        taken = round(slot)
        stray += abs(slot - taken) > _SLACK
        shared += taken == before
        before = taken
    first, last = (round((tick - middle) * slots_a_tick) for tick in (ticks[0], ticks[-1]))
    empty = last - first + 1 - (len(ticks) - shared)
    return max(stray, shared, empty) <= 1 + len(ticks) * _LOST_SHARE
