"""What ffmpeg lists of every packet of a file, read: the frames that are shown, and the sound beside them."""

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import accumulate, compress, count
from operator import sub
from zlib import adler32

_KEY = 0x1
_DISCARDED = 0x4
_HIDDEN_KEY = _KEY | _DISCARDED
# What a listing says of a packet; nothing where it is a keyframe and nothing else.
_FLAGS = {b"": _KEY} | {b"%X" % flags: flags for flags in range(256)}
_NO_TIME = -(1 << 63)
# The sizes and checksums of the only configurations of a decoder that say no more than this: AAC-LC, two channels, at
# the rate of the packets' clock; with or without the words that there is no more to it.
_PLAIN_AAC = {
    (len(said), adler32(said, 0)): Fraction(1, hz)
    for hz, plain in ((44_100, b"\x12\x10"), (48_000, b"\x11\x90"))
    for said in (plain, plain + b"\x56\xe5\x00")
}
_AAC_SAMPLES = 1024
# Two milliseconds, in ticks of a clock of so many a second.
_SOUND_SLACK = {hz: hz // 500 for hz in (44_100, 48_000)}
_CONFIGURED = re.compile(rb"^#extradata 1: *(\d+), 0x([0-9a-f]+)$", re.MULTILINE)
# Of each packet of the pictures when it is decoded and shown, for how long, and what it is; of the sound when shown.
_PICTURES = re.compile(rb"\n0,([^,]*,[^,]*,[^,]*),[^,]*,[^,\n]*(?:, F=0x([0-9A-F]+))?")
_PIECE_BYTES = 1 << 20
_SOUND_TIMES = re.compile(rb"\n1,[^,]*,([^,]*),")


@dataclass
class Frames:
    """Every frame that is shown, in the order of the file. There may be millions, so they are kept as plain numbers.

    None is decoded earlier than `early` before it is shown. `seams` are their numbers where a keyframe is left out: so
    begins each part but the first one of a film that an edit list made of several.
    """

    shown_at: "array[int]" = field(default_factory=partial(array, "q"))
    lasts: "array[int]" = field(default_factory=partial(array, "q"))
    keys: bytearray = field(default_factory=bytearray)
    early: int = 0
    seams: list[int] = field(default_factory=list)

    @property
    def cut(self) -> bool:
        """Whether an edit list made it of several parts."""
        return any(0 < seam < len(self.shown_at) for seam in self.seams)


def clock_of(listing: bytes, stream: int) -> Fraction:
    """How long a tick of this stream is, in seconds."""
    found = re.search(rb"^#tb %d: *(\d+/\d+)$" % stream, listing, re.MULTILINE)
    return Fraction(found[1].decode()) if found else Fraction(1)


def shown_frames(listing: bytes) -> Frames:
    """Every frame that is shown; an edit list may leave others in the file."""
    frames = Frames()
    for piece in _pieces(listing):
        found = _PICTURES.findall(piece)
        times = _numbers(b",".join(times for times, _ in found))
        shown_at = _shown_at(times)
        flags = bytes(map(_FLAGS.__getitem__, (said for _, said in found)))
        shown = [not flag & _DISCARDED for flag in flags]
        places = accumulate(shown, initial=len(frames.shown_at))
        frames.seams += [place for flag, place in zip(flags, places, strict=False) if flag & _HIDDEN_KEY == _HIDDEN_KEY]
        frames.shown_at.extend(compress(shown_at, shown))
        frames.lasts.extend(compress(times[2::3], shown))
        frames.keys.extend(flag & _KEY for flag in compress(flags, shown))
        frames.early = max(frames.early, max(map(sub, shown_at, times[::3]), default=0))
    return frames


def _pieces(listing: bytes) -> Iterator[bytes]:
    """Some lines at a time, each with the end of the line before it: what is made of them takes far more memory."""
    start = 0
    while start < len(listing):
        end = listing.find(b"\n", start + _PIECE_BYTES)
        end = len(listing) if end < 0 else end
        yield listing[start:end]
        start = end


def _shown_at(times: "array[int]") -> "array[int]":
    """When packets are shown by their clock, or decoded in containers that know no other; of threes, the second."""
    if _NO_TIME not in times:
        return times[1::3]
    return array("q", (dts if pts == _NO_TIME else pts for dts, pts in zip(times[::3], times[1::3], strict=True)))


def _numbers(listed: bytes) -> "array[int]":
    """Those in a list with commas, of which there may be many: JSON is read at once."""
    return array("q", json.loads(b"[%s]" % listed))


def end_of_sound(listing: bytes) -> float:
    """When the last packet of the sound has been heard; zero where there is none."""
    last = listing.rfind(b"\n1,")
    if last < 0:
        return 0.0
    times = _numbers(b",".join(listing[last + 3 :].split(b",", 3)[:3]))
    return float((_shown_at(times)[0] + times[2]) * clock_of(listing, 1))


def is_plain_sound(listing: bytes) -> bool:
    """Whether it is AAC as every player takes it, without gaps."""
    head, clock = _CONFIGURED.search(listing), clock_of(listing, 1)
    if head is None or clock != _PLAIN_AAC.get((int(head[1]), int(head[2], 16))):
        return False
    slack, first, packets = _SOUND_SLACK[clock.denominator], None, 0
    for piece in _pieces(listing):
        times = _numbers(b",".join(_SOUND_TIMES.findall(piece)))
        first = times[0] if first is None and times else first
        late = [*map(sub, times, count((first or 0) + packets * _AAC_SAMPLES, _AAC_SAMPLES))]
        packets += len(times)
        if max(late, default=0) > slack or min(late, default=0) < -slack:
            return False
    return first is None or first >= -_AAC_SAMPLES
