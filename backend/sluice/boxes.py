"""What Sluice reads in MP4 boxes: the codec of an init segment, and whether a media segment is whole."""

import struct
from collections.abc import Iterator

from .records import dataclass

_SYNC_UNSET = 0x10000
_TFHD_FIELDS = ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4))
_TRUN_FIELDS = (0x100, 0x200, 0x400, 0x800)
_TO_SAMPLE_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


@dataclass(frozen=True)
class Box:
    """One box: its type and its payload."""

    kind: bytes
    payload: memoryview


@dataclass(frozen=True)
class Fragment:
    """One moof and its mdat, in ticks of the track's timescale."""

    start: int
    end: int
    samples: int
    starts_with_keyframe: bool


def walk(block: bytes | memoryview) -> Iterator[Box]:
    """The boxes that fill the block one after another; ValueError where one reaches beyond its end."""
    view, at = memoryview(block), 0
    while at < len(view):
        size, kind, header = _header(view[at:])
        if size < header or at + size > len(view):
            raise ValueError("a box reaches beyond the end")
        yield Box(kind, view[at + header : at + size])
        at += size


def find(block: bytes | memoryview, *path: bytes) -> memoryview:
    """The payload of the first box at the path; ValueError where there is none."""
    view = memoryview(block)
    for kind in path:
        view = next((box.payload for box in walk(view) if box.kind == kind), memoryview(b""))
        if not view:
            raise ValueError(f"no {kind.decode()} box")
    return view


def codec(init: bytes) -> str:
    """The RFC 6381 name of the track in an init segment: H.264 or AAC; ValueError for anything else."""
    try:
        entry = sample_entry(init)
        if entry.kind == b"avc1":
            profile, compatibility, level = find(entry.payload[78:], b"avcC")[1:4]
            return f"avc1.{profile:02x}{compatibility:02x}{level:02x}"
        if entry.kind == b"mp4a":
            return f"mp4a.40.{_audio_object_type(find(entry.payload[28:], b'esds')[4:])}"
    except (IndexError, struct.error) as error:
        raise ValueError("a broken init segment") from error
    raise ValueError(f"an unexpected codec: {entry.kind!r}")


def sample_entry(init: bytes) -> Box:
    """What the track in an init segment is coded in; ValueError where that is not said."""
    # stsd carries version, flags and a count before its entries.
    entry = next(walk(find(init, *_TO_SAMPLE_ENTRY)[8:]), None)
    if entry is None:
        raise ValueError("a broken init segment")
    return entry


def timescale(init: bytes) -> int:
    """Ticks a second of the track in an init segment."""
    header = find(init, b"moov", b"trak", b"mdia", b"mdhd")
    return int(struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)[0])


def fragments(segment: bytes) -> tuple[Fragment, ...]:
    """The fragments of a media segment; ValueError unless every sample they name is there."""
    found: list[Fragment] = []
    declared = 0
    try:
        for box in walk(segment):
            if box.kind == b"moof":
                fragment, declared = _fragment(box.payload)
                found.append(fragment)
            elif box.kind == b"mdat" and len(box.payload) != declared:
                raise ValueError("a fragment's samples are not all there")
            elif box.kind == b"mdat":
                declared = 0
    except struct.error as error:
        raise ValueError("a broken box") from error
    if not found or declared:
        raise ValueError("a fragment without its samples")
    return tuple(found)


def _header(view: memoryview) -> tuple[int, bytes, int]:
    if len(view) < 8:
        raise ValueError("a box reaches beyond the end")
    size, kind = struct.unpack_from(">I4s", view)
    if size == 1 and len(view) >= 16:
        return int(struct.unpack_from(">Q", view, 8)[0]), kind, 16
    return size, kind, 8


def _audio_object_type(descriptors: memoryview) -> int:
    """The AAC variant, from the decoder's own configuration (tag 5) inside decoder (4) inside stream (3)."""
    stream = _descriptor(descriptors, 3)
    decoder = _descriptor(stream[3:], 4)
    return _descriptor(decoder[13:], 5)[0] >> 3


def _descriptor(view: memoryview, tag: int) -> memoryview:
    if view[0] != tag:
        raise ValueError(f"no descriptor {tag}")
    size, at = 0, 1
    # The length is written in up to four bytes of seven bits.
    while True:
        byte = view[at]
        size, at = size << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return view[at : at + size]


def _fragment(moof: memoryview) -> tuple[Fragment, int]:
    """The fragment, and how many bytes of samples it declares."""
    track = find(moof, b"traf")
    default = _sample_defaults(find(track, b"tfhd"))
    time = find(track, b"tfdt")
    (start,) = struct.unpack_from(">Q" if time[0] == 1 else ">I", time, 4)
    runs = [_Run.read(box.payload, default) for box in walk(track) if box.kind == b"trun"]
    if not runs or not all(run.samples for run in runs):
        raise ValueError("a fragment without samples")
    end = start + sum(run.ticks for run in runs)
    fragment = Fragment(start, end, sum(run.samples for run in runs), runs[0].starts_with_keyframe)
    return fragment, sum(run.size for run in runs)


def _sample_defaults(tfhd: memoryview) -> tuple[int, int, int]:
    """Duration, size and flags of a sample that does not say its own."""
    flags, at, values = int.from_bytes(tfhd[1:4], "big"), 8, {}
    for bit, width in _TFHD_FIELDS:
        if flags & bit:
            values[bit] = int.from_bytes(tfhd[at : at + width], "big")
            at += width
    return values.get(0x8, 0), values.get(0x10, 0), values.get(0x20, 0)


@dataclass(frozen=True)
class _Run:
    samples: int
    ticks: int
    size: int
    starts_with_keyframe: bool

    @classmethod
    def read(cls, trun: memoryview, default: tuple[int, int, int]) -> "_Run":
        (head, count), at = struct.unpack_from(">II", trun), 8
        at += 4 * bool(head & 0x1)
        first_flags = default[2]
        if head & 0x4:
            (first_flags,), at = struct.unpack_from(">I", trun, at), at + 4
        present = [bit for bit in _TRUN_FIELDS if head & bit]
        table = struct.unpack_from(f">{count * len(present)}I", trun, at)
        columns = {bit: table[place :: len(present)] for place, bit in enumerate(present)}
        if 0x400 in columns and count:
            first_flags = columns[0x400][0]
        ticks = sum(columns[0x100]) if 0x100 in columns else count * default[0]
        size = sum(columns[0x200]) if 0x200 in columns else count * default[1]
        return cls(count, ticks, size, not first_flags & _SYNC_UNSET)
