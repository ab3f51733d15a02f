"""How a film is cut into chunks that are encoded one by one, and which films can be: decided from the probe's facts."""

from dataclasses import dataclass
from fractions import Fraction

from sluice.ladder import Facts, Order, Rendition, Source

from .filters import CODEC_DELAY_S, late_picture_s

# Only these are entered in the middle by an index.
_INDEXED = ("mov", "matroska")
_SLOWEST = Fraction(10)
_FEWEST_FRAMES = 5
# A picture that ends this much before its sound has to be held; a chunk at the end might have none at all.
_TOGETHER_S = 0.25
# Every chunk is decoded from the keyframe before it.
_KEYFRAMES_AT_MOST_S = 12.0
# A rest shorter than this goes into the segment before it, which then is still within its target duration.
_REST_S = Fraction(2, 5)
# A stranger's first look may be small, but it should not be tiny.
_FIRST_LOOK = 360


@dataclass(frozen=True)
class Chunk:
    """One segment of some rungs: what one process encodes."""

    number: int
    renditions: tuple[Rendition, ...]
    last: bool

    @property
    def name(self) -> str:
        """What sets it apart from the film's other chunks; sorts by time."""
        return f"{self.number:05d}-{self.renditions[0].name}"


def unsuited(source: Source, facts: Facts) -> str | None:
    """Why this source has to be encoded in one piece; None if it can be cut."""
    reasons = {
        f"{source.format} has no index": source.format not in _INDEXED,
        "its frames could not be counted": source.frames == 0,
        "it has but a few frames": source.frames < _FEWEST_FRAMES,
        "its frames come unevenly": source.variable_frame_rate,
        "its frame rate is changed": Fraction(source.frame_rate) != facts.rate,
        "its frames are slow": facts.rate < _SLOWEST,
        "it is interlaced": source.interlaced,
        "its picture starts late": late_picture_s(source) >= CODEC_DELAY_S,
        "its sound outlasts its picture": source.duration_s - source.picture_end_s > _TOGETHER_S,
        "its keyframes are far apart": source.keyframe_gap_s > _KEYFRAMES_AT_MOST_S,
    }
    return next((reason for reason, found in reasons.items() if found), None)


def cut(order: Order, segment_frames: int) -> tuple[Chunk, ...]:
    """The chunks of a film, the most urgent first: one small rung's beginning, then the rest in time order."""
    every = order.facts.renditions
    first = next((one for one in every if min(one.width, one.height) <= _FIRST_LOOK), every[-1])
    others = tuple(one for one in every if one is not first)
    count = _count(order.facts, segment_frames)
    begin = [Chunk(0, rungs, count == 1) for rungs in ((first,), others) if rungs]
    return (*begin, *(Chunk(number, every, number == count - 1) for number in range(1, count)))


def _count(facts: Facts, segment_frames: int) -> int:
    length = segment_frames / facts.rate
    whole, rest = divmod(Fraction(facts.duration_s), length)
    return max(1, int(whole) + (rest > max(_REST_S, 4 / facts.rate)))
