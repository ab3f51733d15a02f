"""AVI files and pictures that no encoder would write, put together byte by byte."""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from tests.media.make import Maker, cooked, picture


def chunk(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def chunks(name: bytes, kind: bytes, *content: bytes) -> bytes:
    return chunk(name, kind, *content)


def avi_stream(kind: bytes, codec: bytes, form: bytes, *, scale: int = 1, rate: int = 25) -> bytes:
    head = struct.pack("<4s4sIHHIIIIIIII4H", kind, codec, 0, 0, 0, 0, scale, rate, 0, 25, 0, 0, 0, 0, 0, 320, 240)
    return chunks(b"LIST", b"strl", chunk(b"strh", head), chunk(b"strf", form))


def bitmap(codec: bytes, width: int = 320, height: int = 240) -> bytes:
    return struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, codec, width * height * 3, 0, 0, 0, 0)


def avi(streams: Iterable[bytes], packets: Iterable[tuple[bytes, bytes]]) -> bytes:
    heads = list(streams)
    main = struct.pack("<14I", 40_000, 0, 0, 0, 25, 0, len(heads), 0, 320, 240, 0, 0, 0, 0)
    header = chunks(b"LIST", b"hdrl", chunk(b"avih", main), *heads)
    return chunks(b"RIFF", b"AVI ", header, chunks(b"LIST", b"movi", *(chunk(name, body) for name, body in packets)))


def photos(folder: Path, count: int = 25, size: str = "320x240") -> list[bytes]:
    """The JPEGs of a moving picture."""
    path = folder / "photos"
    cooked(*picture(size), "-frames:v", str(count), "-c:v", "mjpeg", "-huffman", "0", container="image2pipe")(path)
    content = path.read_bytes()
    path.unlink()
    return [b"\xff\xd8\xff" + part for part in content.split(b"\xff\xd8\xff")[1:]]


def avi_with_subtitles(text: bytes) -> Maker:
    """A film in an AVI file with a stream of subtitles in a file of their own inside, which is this text."""

    def make(path: Path) -> None:
        name = "subtitles".encode("utf-16-le")
        packed = struct.pack("<HI", 2, len(name)) + name + struct.pack("<HI", 4, len(text)) + text
        streams = [avi_stream(b"vids", b"MJPG", bitmap(b"MJPG")), avi_stream(b"txts", b"\0\0\0\0", b"")]
        packets = [(b"01tx", b"GAB2\0" + packed), *((b"00dc", photo) for photo in photos(path.parent))]
        path.write_bytes(avi(streams, packets))

    return make


def crowded_avi(path: Path) -> None:
    """A thousand streams, of which one has frames."""
    streams = [avi_stream(b"vids", b"MJPG", bitmap(b"MJPG"))] * 1000
    path.write_bytes(avi(streams, [(b"00dc", photo) for photo in photos(path.parent)]))


# --- pictures -----------------------------------------------------------------------------------------------------


def large_png(side: int) -> bytes:
    """A square picture of one colour, one bit a pixel."""
    rows = zlib.compress((b"\0" + bytes((side + 7) // 8)) * side, 9)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def claiming(jpeg: bytes, side: int) -> bytes:
    """A JPEG that says it is larger than it is."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", side, side) + jpeg[at + 4 :]
