"""Whether an MP4 file can be entered in the middle: read from its index, not from what is in it."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sluice import boxes

_MOOV_BYTES = 64 << 20
_BOXES_LOOKED_AT = 64
_TO_DESCRIPTIONS = (b"mdia", b"minf", b"stbl", b"stsd")
# One entry for a delay at the beginning, one for the film itself.
_PLAIN_EDITS = 2


def unseekable(path: Path) -> str | None:
    """Why a jump into the middle of this file could miss; None where nothing speaks against it."""
    with path.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            return None
        try:
            moov = _moov(file)
            if any(box.kind == b"mvex" for box in boxes.walk(moov)):
                return "it is a fragmented MP4"
            edits = max(
                (_entries(box.payload, b"edts", b"elst") for box in boxes.walk(moov) if box.kind == b"trak"), default=0
            )
        except (ValueError, struct.error):
            return "its index can't be read"
    return "its edit list leaves parts out" if edits > _PLAIN_EDITS else None


def changes_midway(path: Path) -> bool:
    """Whether this MP4 describes a track more than once, as where films of different making were joined."""
    with path.open("rb") as file:
        try:
            return any(_entries(track, *_TO_DESCRIPTIONS) > 1 for track in _tracks(_moov(file)))
        except (ValueError, struct.error):
            return True


def _moov(file: BinaryIO) -> bytes:
    for kind, start, size in _top_boxes(file):
        if kind == b"moov":
            if size > _MOOV_BYTES:
                break
            file.seek(start)
            return file.read(size)
    raise ValueError("no index in reach")


def _tracks(moov: bytes) -> Iterator[memoryview]:
    return (box.payload for box in boxes.walk(moov) if box.kind == b"trak")


def _top_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each top-level box, where its payload begins, and how long that is."""
    at = 0
    for _ in range(_BOXES_LOOKED_AT):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind = struct.unpack_from(">I4s", head)
        header = 8
        if size == 1 and len(head) == 16:
            (size,), header = struct.unpack_from(">Q", head, 8), 16
        if size < header:
            return
        yield kind, at + header, size - header
        at += size


def _entries(track: memoryview, *table: bytes) -> int:
    try:
        return int(struct.unpack_from(">I", boxes.find(track, *table), 4)[0])
    except ValueError:
        return 0
