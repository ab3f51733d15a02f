"""How often there is a keyframe and how long a segment is: the same frames in every rung and for every encoder."""

from fractions import Fraction

from sluice.playlists import SEGMENT_S

KEYFRAME_S = 2


def keyframe_frames(rate: Fraction) -> int:
    """Frames from one keyframe to the next: the whole number nearest to two seconds."""
    return max(1, round(rate * KEYFRAME_S))


def segment_frames(rate: Fraction) -> int:
    """How many frames a segment has: the whole keyframe intervals nearest to four seconds."""
    interval = keyframe_frames(rate)
    return interval * max(1, round(Fraction(SEGMENT_S) / (interval / rate)))


def segment_s(rate: Fraction) -> Fraction:
    """How long a segment is."""
    return segment_frames(rate) / rate
