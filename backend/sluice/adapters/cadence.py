"""How often there is a keyframe and how long a segment is: the same frames in every rung and for every encoder."""

from fractions import Fraction

from sluice.playlists import SEGMENT_S

KEYFRAME_S = 2
# A rest shorter than this goes into the segment before it, which then is still within its target duration.
REST_S = Fraction(2, 5)
# What comes so many slots after the slot before it goes into the next one. A camera's frames are early or late, and
# after a pause it may go on in the middle of a slot: to the nearest slot, some would be lost and others doubled.
NEXT_SLOT = (0.1, 1.9)
# One packet of sound; the first one comes before time zero, where its encoder's delay is hidden.
_PACKET_S = Fraction(1024, 48_000)


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


def sound_segment_s(rate: Fraction, length_s: float) -> Fraction:
    """How long a segment of so much sound is: as long as the picture's, but for what it takes to leave no short rest.

    A segment that begins where the picture ends is never taken in by MSE players, which then wait for it instead of
    ending.
    """
    usual, length = segment_s(rate), Fraction(length_s) + 2 * _PACKET_S
    whole, rest = divmod(length, usual)
    return length / whole if whole and rest <= REST_S else usual
