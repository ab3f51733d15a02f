"""How a film is cut into chunks that are encoded one by one, and which films can be: decided from the probe's facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapreplace
from itertools import accumulate, pairwise
from math import inf

from sluice import bitrates
from sluice.ladder import Facts, Order, Rendition, Source
from sluice.playlists import AUDIO_BITRATE

from .cadence import REST_S
from .entrance import in_vain
from .filters import AAC_DELAY_S, CODEC_DELAY_S, sound_late_s

# Only these are entered in the middle by an index.
_INDEXED = ("mov", "matroska")
_SLOWEST = Fraction(10)
_FEWEST_FRAMES = 5
# A picture that ends this much before its sound has to be held; a chunk at the end might have none at all.
_TOGETHER_S = 0.25
# Every chunk is decoded from the keyframe before it.
_KEYFRAMES_AT_MOST_S = 12.0
# Players that change rungs wait for a keyframe, in a copied rung as in any other.
COPIED_KEYFRAMES_AT_MOST_S = 2.1
# What a copied rung costs its viewers must be in proportion to what it saves here.
COPIED_BITRATE = 1.5
_ON_TIME_S = 0.0001
# A clock that rounds by more, as QuickTime's does with 600 ticks a second, makes segments that are out of step with
# those of other rungs, and seems to tell another rate.
_COARSE_S = 0.0006
# The same for sound; it may end this much before the film.
_COPIED_SOUND_BITRATE = 1.25
_SOUND_MISSING_S = 0.05
# A stranger's first look may be small, but it should not be tiny.
_FIRST_LOOK = 360
# So many segments at the beginning are waited for.
BEGINNING = 3
# What was not finished is done again after a crash.
_SEGMENTS_AT_MOST = 5
# So many frames are decoded in the time it takes to start a process.
_STARTED_FRAMES = 25
# And so many in the time it takes to encode one.
_DECODED_AT_ONCE = 10


@dataclass(frozen=True)
class Chunk:
    """A few segments of some rungs: what one process encodes; the last one encodes what is left.

    `number` is that of its first segment, `start` that of its first frame; `lengths` are its segments' in frames. Of a
    sampled one, a few frames are compared with the source.
    """

    number: int
    renditions: tuple[Rendition, ...]
    start: int
    lengths: tuple[int, ...]
    last: bool
    sampled: bool = False

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return sum(self.lengths)

    @property
    def several(self) -> bool:
        """Whether it has more than one segment: those are shown as they come, not all at its end."""
        return len(self.lengths) > 1

    @property
    def names(self) -> list[str]:
        """Those of its rungs."""
        return [rendition.name for rendition in self.renditions]

    @property
    def name(self) -> str:
        """What sets it apart from the film's other chunks, and from those of another share; sorts by time."""
        more = f"+{len(self.lengths) - 1}" if self.several else ""
        return f"{self.number:05d}{more}-{self.renditions[0].name}"


def unsuited(source: Source, facts: Facts) -> str | None:
    """Why this source has to be encoded in one piece; None if it can be cut."""
    reasons = {
        f"{source.format} has no index": source.format not in _INDEXED,
        "its frames could not be counted": source.frames == 0,
        "it has but a few frames": source.frames < _FEWEST_FRAMES,
        "its edit list leaves parts out": source.cut,
        # The decoder guesses, from the frames before; it would guess otherwise where it is entered in the middle.
        "it tells only when its frames are decoded": source.order_untold,
        "its frames come unevenly": source.variable_frame_rate,
        "its frame rate is changed": Fraction(source.frame_rate) != facts.rate,
        "its frames are slow": facts.rate < _SLOWEST,
        "it is interlaced": source.interlaced,
        "its picture starts late": source.video_start_s >= CODEC_DELAY_S,
        "its sound outlasts its picture": source.duration_s - source.picture_end_s > _TOGETHER_S,
        "its keyframes are far apart": source.keyframe_gap_s > _KEYFRAMES_AT_MOST_S,
    }
    return next((reason for reason, found in reasons.items() if found), None)


def uncopyable(source: Source, facts: Facts) -> str | None:
    """Why this source can't be its own top rung, cut at its keyframes; None if it can. It can be cut, for all that."""
    top = facts.renditions[0]
    usual = bitrates.usual(top.width, top.height, facts.rate)
    reasons = {
        f"{source.format} is not what segments are": source.format != "mov",
        f"it is {source.video_codec} {source.profile}": (source.video_codec, source.profile) != ("h264", "High"),
        f"its pictures are {source.pixel_format}": source.pixel_format != "yuv420p" or source.hdr,
        "it is turned or mirrored": source.moved or source.rotation != 0,
        "its pixels are not square": source.pixel_aspect != 1.0,
        "it has another size": (source.width, source.height) != (top.width, top.height),
        # Damage shows where the source is decoded for the others.
        "nothing of it would be decoded": len(facts.renditions) == 1,
        "frames are out of their places, or open groups": not source.regular,
        "its clock is coarse": source.stray_s > _COARSE_S,
        "its picture starts late": source.video_start_s >= _ON_TIME_S,
        "its keyframes are far apart": source.keyframe_gap_s > COPIED_KEYFRAMES_AT_MOST_S,
        "its bitrate is high": source.bitrate is None or source.bitrate > COPIED_BITRATE * usual,
    }
    return next((reason for reason, found in reasons.items() if found), None)


def unlike_ours(source: Source, facts: Facts) -> str | None:
    """Why the sound of this source can't be taken over as it is; None if it can."""
    late_s = sound_late_s(source, facts.rate)
    reasons = {
        f"{source.format} is not what segments are": source.format != "mov",
        "it is not plain AAC without gaps": not source.audio_regular,
        "it starts at another time": not -_ON_TIME_S <= late_s <= AAC_DELAY_S,
        "it ends before the film": source.audio_end_s < source.duration_s - _SOUND_MISSING_S,
        "its bitrate is high": (source.audio_bitrate or inf) > _COPIED_SOUND_BITRATE * AUDIO_BITRATE,
    }
    return next((reason for reason, found in reasons.items() if found), None)


def even(order: Order, segment_frames: int) -> tuple[int, ...]:
    """The first frames of segments of the same length."""
    return tuple(number * segment_frames for number in range(_count(order, segment_frames)))


def shares(starts: Sequence[int], at_once: int, keyframes: Sequence[int] = ()) -> tuple[int, ...]:
    """How many of the segments that begin at these frames each chunk of a film has.

    So many that the least is done besides encoding: processes started, and frames decoded only to get to others. But
    of those who run together at the end, nobody shall take longer than the others. How small they have to be for that
    hangs on how they go into the cores.
    """
    entered = [_STARTED_FRAMES + in_vain(keyframes, start) for start in starts]
    ways = [_cheapest(entered, at_once, up, last) for up in (True, False) for last in (2, 1)]
    frames = starts[1] - starts[0] if len(starts) > 1 else 0
    return min(ways, key=lambda taken: _cost(taken, entered, frames, at_once))


def _cheapest(entered: Sequence[int], at_once: int, up: bool, last: int) -> tuple[int, ...]:
    """The shares for which the least is done besides, where none is larger than its part of what is left.

    That part is rounded `up`, or else down; the last ones may always have so many.
    """
    everything = len(entered)
    taken = (1, 2) if everything > 2 else (1,) * everything
    begun = sum(taken)
    # For each segment that a chunk may begin with: how much is done besides from there on, and how many it has then.
    best = {everything: (0, 0)}
    for number in reversed(range(begun, everything)):
        left = everything - number
        fair = max(1, (left + (at_once - 1 if up else 0)) // at_once)
        # Where some have two, the last may as well.
        most = min(_SEGMENTS_AT_MOST, left, max(fair, last) if everything - begun > at_once else fair)
        # Of equals, the largest.
        size = min(range(most, 0, -1), key=lambda size: best[number + size][0])
        best[number] = (entered[number] + best[number + size][0], size)
    while (number := sum(taken)) < everything:
        taken = (*taken, best[number][1])
    return taken


def _cost(taken: Sequence[int], entered: Sequence[int], frames: int, at_once: int) -> int:
    """How long all cores are taken by these chunks, and how much is done besides: a core that waits is lost as well."""
    begins = [*accumulate(taken[:-1], initial=0)]
    lengths = [size * frames * _DECODED_AT_ONCE + entered[number] for size, number in zip(taken, begins, strict=True)]
    return _end(lengths, at_once) * at_once + sum(entered[number] for number in begins)


def _end(lengths: Sequence[int], at_once: int) -> int:
    """When the last of these chunks ends, in frames decoded, if each begins as soon as there is a core for it."""
    beginning, rest = lengths[:2], [lengths[2 + place] for place in _turns(lengths[2:], at_once)]
    cores = [0] * at_once
    # As those of the beginning have two threads where the film is slow.
    halves = [one // 2 for one in (*beginning, *beginning)]
    begun = max(0, len(rest) - at_once // 2)
    for length in (*halves, *rest[:begun]):
        heapreplace(cores, cores[0] + length)
    ends = [*cores, sum(lengths) // at_once]
    # The last ones do as well, and take whatever cores the others leave.
    for length in rest[begun:]:
        ends.append(cores[0] + length // 2)
        heapreplace(cores, cores[0] + length)
    return max(ends)


def _turns(lengths: Sequence[int], at_once: int) -> list[int]:
    """The places of chunks of these lengths in the order in which they are begun."""
    places = range(len(lengths))
    return [*places[:-at_once], *sorted(places[-at_once:], key=lambda place: -lengths[place])]


def cut(
    renditions: tuple[Rendition, ...], starts: Sequence[int], frames: int, shares: Sequence[int] = ()
) -> tuple[Chunk, ...]:
    """The chunks of segments that begin at these frames, the most urgent first: one small rung's, then in time order.

    `frames` is how many the last segment has, if it is known; `shares` how many segments each has, else one.
    """
    if not renditions:
        return ()
    first = next((one for one in renditions if min(one.width, one.height) <= _FIRST_LOOK), renditions[-1])
    others = tuple(one for one in renditions if one is not first)
    lengths = (*(after - before for before, after in pairwise(starts)), frames)
    ends = [*accumulate(shares or [1] * len(starts))]
    wanted = [(0, ends[0], (first,)), (0, ends[0], others), *((*part, renditions) for part in pairwise(ends))]
    # The very beginning is often black, and what is begun later than this may be what the film waits for at its end.
    sample = min(len(starts) - 1, max(1, len(starts) // 4))
    return tuple(
        Chunk(number, rungs, starts[number], lengths[number:end], end == len(starts), number <= sample < end)
        for number, end, rungs in wanted
        if rungs
    )


def in_turn(chunks: Sequence[Chunk], at_once: int) -> list[Chunk]:
    """A film's chunks in the order in which they are begun: in that of time, but the longest of the last ones first."""
    begun = sum(chunk.number < BEGINNING for chunk in chunks)
    beginning, rest = chunks[:begun], chunks[begun:]
    return [*beginning, *(rest[place] for place in _turns([chunk.frames for chunk in rest], at_once))]


def _count(order: Order, segment_frames: int) -> int:
    rate = order.facts.rate
    # Sound may go on for a moment: of that, there is no picture to be cut.
    whole, rest = divmod(Fraction(order.source.picture_end_s), segment_frames / rate)
    return max(1, int(whole) + (rest > max(REST_S, 4 / rate)))
