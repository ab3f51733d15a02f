"""Makes small media files, good, odd and hostile, with ffmpeg and by hand; each maker writes one file."""

import io
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

Maker = Callable[[Path], None]

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")
KEY = "76a6c65c5ea762046bd749a2e632ccbb"
CENC = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY)


def picture(size: str = "320x240", rate: str = "25", seconds: float = 1) -> tuple[str, ...]:
    """Input options for a moving test picture."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")


def tone(seconds: float = 1) -> tuple[str, ...]:
    """Input options for a plain tone."""
    return ("-f", "lavfi", "-i", f"sine=d={seconds}")


def cooked(*options: str, container: str = "mp4") -> Maker:
    """What ffmpeg makes of these options, in this container whatever the file is called."""

    def make(path: Path) -> None:
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *options, "-f", container, f"file:{path}"]
        subprocess.run(command, check=True, timeout=60, capture_output=True)

    return make


def film(
    *, size: str = "320x240", rate: str = "25", seconds: float = 1, sound: bool = False, also: tuple[str, ...] = ()
) -> Maker:
    """An H.264 film in an MP4 file, with a tone if there is to be sound."""
    inputs = picture(size, rate, seconds) + (tone(seconds) if sound else ())
    return cooked(*inputs, *H264, *(AAC if sound else ()), *also)


def copied(first: Maker, *before: str, after: tuple[str, ...] = (), container: str = "mp4") -> Maker:
    """The streams of another file, muxed again with options for the input and the output."""

    def make(path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "first"
            first(source)
            cooked(*before, "-i", str(source), "-map", "0", "-c", "copy", *after, container=container)(path)

    return make


def joined(*parts: Maker) -> Maker:
    """Other files, one behind the other."""

    def make(path: Path) -> None:
        contents = []
        for part in parts:
            part(path)
            contents.append(path.read_bytes())
        path.write_bytes(b"".join(contents))

    return make


def changed(first: Maker, change: Callable[[bytes], bytes]) -> Maker:
    """Another file with its bytes tampered with."""

    def make(path: Path) -> None:
        first(path)
        path.write_bytes(change(path.read_bytes()))

    return make


def written(content: bytes) -> Maker:
    """A file with just this content."""

    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def zipped() -> bytes:
    """A small zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zip_file:
        zip_file.writestr("film.txt", "not a film" * 100)
    return archive.getvalue()


# --- tampering --------------------------------------------------------------------------------------------------


def first_part(share: float) -> Callable[[bytes], bytes]:
    """Keep only the beginning."""
    return lambda content: content[: int(len(content) * share)]


def cut_within_index(content: bytes) -> bytes:
    """End the file within the last table of sample sizes; the index is at the end."""
    return content[: content.rindex(b"stsz") + 12]


def renamed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Give the last box or codec of this name another one of the same length."""

    def change(content: bytes) -> bytes:
        at = content.rindex(old)
        return content[:at] + new + content[at + len(old) :]

    return change


def lie_about_length(content: bytes) -> bytes:
    """Make the movie header claim some weeks; the tracks keep to the truth."""
    at = content.index(b"mvhd") + 20
    return content[:at] + b"\x7f\xff\xff\xff" + content[at + 4 :]


def blank_frames(content: bytes) -> bytes:
    """Fill everything behind the last mdat's name with zeros."""
    at = content.rindex(b"mdat") + 4
    return content[:at] + bytes(len(content) - at)


def crowd(content: bytes) -> bytes:
    """Repeat the only track 1200 times; the index is at the end, so nothing else moves."""
    at = content.rindex(b"moov") - 4
    track = content.index(b"trak", at) - 4
    size = int.from_bytes(content[track : track + 4], "big")
    index = content[at:track] + content[track : track + size] * 1200 + content[track + size :]
    return content[:at] + len(index).to_bytes(4, "big") + index[4:]


def turned(first: Maker, degrees: int) -> Maker:
    """Another MP4 file, to be shown turned clockwise; no option for that works in every version of ffmpeg."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    return placed(first, cosine, sine, -sine, cosine)


def placed(first: Maker, *corners: int) -> Maker:
    """Another MP4 file, whose picture is to be moved like that: where right and where down shall lead."""
    return changed(first, moved_by(*corners))


def moved_by(*corners: int) -> Callable[[bytes], bytes]:
    """Have an MP4 file's picture moved like that."""
    a, b, c, d = (part << 16 for part in corners)
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)

    def place(body: bytes) -> bytes:
        at = body.index(b"tkhd") + 44
        return body[:at] + matrix + body[at + len(matrix) :]

    return place
