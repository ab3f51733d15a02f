"""Files that no encoder would write, put together byte by byte: boxes of MP4, chunks of AVI, elements of Matroska."""

import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.media.avi import photos
from tests.media.make import Maker

Change = Callable[[bytes], bytes]


# --- MP4 ----------------------------------------------------------------------------------------------------------


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")


def in_box(name: bytes, offset: int, new: bytes) -> Change:
    """Overwrite bytes of the last box of this name, counted from behind its name."""

    def change(content: bytes) -> bytes:
        at = content.rindex(name) + len(name) + offset
        return content[:at] + new + content[at + len(new) :]

    return change


def in_first_box(name: bytes, offset: int, new: bytes) -> Change:
    """Overwrite bytes of the first box of this name, which is the picture's where there are two."""

    def change(content: bytes) -> bytes:
        at = content.index(name) + len(name) + offset
        return content[:at] + new + content[at + len(new) :]

    return change


def after(*more: bytes) -> Change:
    """Append to the file."""
    return lambda content: content + b"".join(more)


def before(*more: bytes) -> Change:
    """Put something in front of the file."""
    return lambda content: b"".join(more) + content


def one_by_one(*changes: Change) -> Change:
    def change(content: bytes) -> bytes:
        for step in changes:
            content = step(content)
        return content

    return change


def nested(name: bytes, depth: int) -> bytes:
    """Boxes in boxes; the innermost is empty."""
    return b"".join(struct.pack(">I4s", 8 * (depth - level), name) for level in range(depth))


def compressed_index(size: int) -> bytes:
    """An index of zeros, compressed about a thousand times."""
    packed = zlib.compressobj(9)
    zeros = b"".join(packed.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packed.flush()
    return FTYP + box(
        b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", struct.pack(">I", size), zeros)), b"\0\0\0\0"
    )


def elsewhere(path: bytes) -> Change:
    """Say that the samples are in another file, by name; the index is at the end."""
    # A Macintosh alias: volume and file name, how far up and down from one to the other, then the path itself.
    names = bytes(10) + b"\1/".ljust(28, b"\0") + bytes(12) + bytes([len(path)]) + path.ljust(63, b"\0")
    where = bytes(16) + struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">HH", 2, len(path)) + path
    reference = box(b"alis", bytes(4), names, where, b"\0" * (len(path) % 2), b"\xff\xff\0\0")

    def change(content: bytes) -> bytes:
        at = content.rindex(b"dref") - 4
        size = int.from_bytes(content[at : at + 4], "big")
        new = box(b"dref", struct.pack(">II", 0, 1), reference)
        longer = lengthened(content, at, len(new) - size, (b"moov", b"trak", b"mdia", b"minf", b"dinf"))
        return longer[:at] + new + content[at + size :]

    return change


def lengthened(content: bytes, at: int, by: int, boxes: Iterable[bytes]) -> bytes:
    """These boxes, which hold this place, made larger by so much."""
    for name in boxes:
        place = content.rindex(name, 0, at) - 4
        size = int.from_bytes(content[place : place + 4], "big") + by
        content = content[:place] + struct.pack(">I", size) + content[place + 4 :]
    return content


def edit_list(*edits: tuple[int, int, int], times: int = 1) -> bytes:
    """How long, from when in the film, and how fast each edit is; all of it so many times."""
    entries = b"".join(struct.pack(">QqHH", *edit, 0) for edit in edits) * times
    return box(b"edts", box(b"elst", struct.pack(">II", 1 << 24, len(edits) * times), entries))


def with_edits(*lists: bytes) -> Change:
    """Give each track an edit list, the last track first; the index is at the end, and knows none."""

    def change(content: bytes) -> bytes:
        at = len(content)
        for edits in lists:
            at = content.rindex(b"mdia", 0, at) - 4
            content = lengthened(content, at, len(edits), (b"moov", b"trak"))[:at] + edits + content[at:]
        return content

    return change


# --- Matroska -----------------------------------------------------------------------------------------------------


def element(name: int, *content: bytes | int) -> bytes:
    parts = (part if isinstance(part, bytes) else part.to_bytes(8, "big") for part in content)
    body = b"".join(parts)
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(body) | 1 << 56).to_bytes(8, "big") + body


MATROSKA = element(0x1A45DFA3, element(0x4282, b"matroska"))


def mkv_track(*more: bytes, number: int = 1, codec: bytes = b"V_MJPEG", size: tuple[int, int] = (320, 240)) -> bytes:
    picture_size = element(0xE0, element(0xB0, size[0]), element(0xBA, size[1]))
    return element(
        0xAE,
        element(0xD7, number),
        element(0x73C5, number),
        element(0x83, 1),
        element(0x86, codec),
        element(0x23E383, 40_000_000),
        picture_size,
        *more,
    )


def mkv(tracks: Iterable[bytes], frames: Iterable[bytes], *more: bytes) -> bytes:
    blocks = (
        element(0xA3, b"\x81" + struct.pack(">hB", 40 * place, 0x80) + frame) for place, frame in enumerate(frames)
    )
    cluster = element(0x1F43B675, element(0xE7, 0), *blocks)
    head = element(0x1549A966, element(0x2AD7B1, 1_000_000))
    return MATROSKA + element(0x18538067, head, element(0x1654AE6B, *tracks), *more, cluster)


def photo_mkv(*tracks: bytes, more: bytes = b"", pack: Change = bytes) -> Maker:
    """A film of JPEGs in these tracks' first, each packed in some way."""

    def make(path: Path) -> None:
        path.write_bytes(mkv(tracks, map(pack, photos(path.parent)), more))

    return make


def mkv_encodings(*encoding: bytes) -> bytes:
    """A track's word on how its packets are packed."""
    return element(0x6D80, element(0x6240, *encoding))


ZLIB_PACKED = mkv_encodings(element(0x5034, element(0x4254, 0)))
AES_LOCKED = mkv_encodings(element(0x5033, 1), element(0x5035, element(0x47E1, 5), element(0x47E2, b"key")))


# --- MPEG transport streams ---------------------------------------------------------------------------------------


def crowded_ts(path: Path) -> None:
    """A programme of 200 streams, announced again and again."""
    entries = b"".join(struct.pack(">BHH", 0x1B, 0xE000 | 256 + place, 0xF000) for place in range(200))
    tables = [
        (0, section(0, struct.pack(">HH", 1, 0xE020))),
        (32, section(2, struct.pack(">HH", 0xE100, 0xF000) + entries)),
    ]
    path.write_bytes(b"".join(ts_packets(pid, table, turn) for turn in range(50) for pid, table in tables))


def section(table: int, body: bytes) -> bytes:
    head = struct.pack(">BHHBBB", table, 0xB000 | len(body) + 9, 1, 0xC1, 0, 0)
    return head + body + struct.pack(">I", mpeg_crc(head + body))


def mpeg_crc(content: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 1 << 31 else crc << 1) & 0xFFFFFFFF
    return crc


def ts_packets(pid: int, table: bytes, turn: int) -> bytes:
    parts = [b"\0" + table[:183], *(table[at : at + 184] for at in range(183, len(table), 184))]
    return b"".join(
        struct.pack(">BHB", 0x47, pid | (0x4000 if place == 0 else 0), 0x10 | (turn * len(parts) + place) % 16)
        + part.ljust(184, b"\xff")
        for place, part in enumerate(parts)
    )


def scrambled(content: bytes) -> bytes:
    """Mark every packet with picture or sound as scrambled, and scramble it."""
    packets = [content[at : at + 188] for at in range(0, len(content), 188)]
    return b"".join(
        packet[:3] + bytes([packet[3] | 0xC0]) + bytes(byte ^ 0x5A for byte in packet[4:])
        if int.from_bytes(packet[1:3], "big") & 0x1FFF in (256, 257)
        else packet
        for packet in packets
    )
