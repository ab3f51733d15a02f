"""Small files whose tables name millions of things, or places where nothing is."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.media.avi import avi, avi_stream, bitmap, chunk, chunks, photos
from tests.media.bombs import packed_zeros
from tests.media.craft import FTYP, Change, box, edit_list, element, in_box, mkv_track, photo_mkv, with_edits
from tests.media.make import Maker, changed, cooked, film, picture, written
from tests.media.verdicts import Case, bad, mute, slow

FRAGMENTED = film(also=("-movflags", "frag_keyframe+empty_moov"))
PLAIN = film(also=("-use_editlist", "0"))
FOR_EVER = 0x7FFFFFFF


def edited(*edits: tuple[int, int, int], times: int = 1) -> Maker:
    """A film with an edit list: how long, from when in the film, and how fast each; all of it so many times."""
    return changed(PLAIN, with_edits(edit_list(*edits, times=times)))


def promised(samples: int, size: int) -> Change:
    """Append a fragment that says in a few bytes that it has so many samples of this size."""
    header = box(b"tfhd", struct.pack(">5I", 0x020038, 1, 1, size, 0x01010000))
    run = box(b"trun", struct.pack(">IIi", 1, samples, 0))
    fragment = box(b"moof", box(b"mfhd", bytes(8)), box(b"traf", header, run)) + box(b"mdat", bytes(1000))
    return lambda content: content + fragment


def reference(kind: bytes, target: bytes) -> bytes:
    """A film that is nothing but the address of another."""
    place = box(b"rdrf", bytes(4), kind, struct.pack(">I", len(target) + 1), target + b"\0")
    return FTYP + box(b"moov", box(b"rmra", box(b"rmda", place)))


# --- AVI ----------------------------------------------------------------------------------------------------------


def index_of_itself(path: Path) -> None:
    """An index of indexes, each of which is that index."""
    frames = [(b"00dc", photo) for photo in photos(path.parent)]
    head = struct.pack("<4s4sIHHIIIIIIII4H", b"vids", b"MJPG", *(0,) * 4, 1, 25, 0, 25, *(0,) * 5, 320, 240)

    def with_index(at: int) -> bytes:
        parts = struct.pack("<QII", at, 16_024, 25) * 1000
        index = chunk(b"indx", struct.pack("<HBBI4s12x", 4, 0, 0, 1000, b"00dc"), parts)
        return avi([chunks(b"LIST", b"strl", chunk(b"strh", head), chunk(b"strf", bitmap(b"MJPG")), index)], frames)

    path.write_bytes(with_index(with_index(0).index(b"indx")))


def crowded_index(path: Path) -> None:
    """Two million frames in the same place."""
    content = avi([avi_stream(b"vids", b"MJPG", bitmap(b"MJPG"))], [(b"00dc", photo) for photo in photos(path.parent)])
    path.write_bytes(content + chunk(b"idx1", struct.pack("<4sIII", b"00dc", 16, 4, 10_000) * 2_000_000))


def packed_texts(path: Path) -> None:
    """A film of PNGs with texts and colours that unpack to a thousand times their size."""
    cooked(*picture(), "-frames:v", "1", "-c:v", "png", container="image2pipe")(path)
    photo = path.read_bytes()
    at = photo.index(b"IHDR") + 21
    photo = photo[:at] + _png_chunk(b"zTXt") + _png_chunk(b"iCCP") + photo[at:]
    path.write_bytes(avi([avi_stream(b"vids", b"MPNG", bitmap(b"MPNG"))], [(b"00dc", photo)] * 3))


def _png_chunk(name: bytes) -> bytes:
    body = b"x\0\0" + packed_zeros(256 << 20)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# --- Matroska -----------------------------------------------------------------------------------------------------


def crowded_mkv(table: int, entry: Callable[[int], bytes], count: int) -> Maker:
    """A film with a table of so many entries."""

    def make(path: Path) -> None:
        photo_mkv(mkv_track(), more=element(table, *map(entry, range(count))))(path)

    return make


def chapters(number: int) -> bytes:
    named = element(0x80, element(0x85, b"<script>alert(%d)</script>" % number))
    return element(0x45B9, element(0xB6, element(0x73C4, number + 1), element(0x91, number), named))


def cues(number: int) -> bytes:
    return element(0xBB, element(0xB3, number), element(0xB7, element(0xF7, 1), element(0xF1, number)))


def attachments(size: int) -> Callable[[int], bytes]:
    def attachment(number: int) -> bytes:
        named = element(0x466E, b"../../%d" % number), element(0x4660, b"application/octet-stream")
        return element(0x61A7, *named, element(0x465C, bytes(size)), element(0x46AE, number + 1))

    return attachment


CASES: dict[str, Case] = {
    # --- edits
    "a-million-edits.mp4": slow(bad(edited((40, 0, 1), times=1_000_000), "too_long")),
    "edit-before-the-film.mp4": mute(edited((1000, -2, 1))),
    "edit-behind-the-film.mp4": bad(edited((1000, 1 << 62, 1)), "damaged"),
    "edit-without-end.mp4": bad(edited(((1 << 63) - 1, 0, 1)), "damaged"),
    "edit-of-nothing.mp4": mute(edited((FOR_EVER, -1, 1), (1000, 0, 1))),
    "frozen-edit.mp4": mute(edited((1000, 0, 0))),
    # --- samples and where they are
    "ten-million-in-a-fragment.mp4": bad(changed(FRAGMENTED, promised(10_000_000, 1)), "damaged"),
    "a-billion-in-a-fragment.mp4": bad(changed(FRAGMENTED, promised(1_000_000_000, 0)), "damaged", "too_large"),
    "places-without-end.mp4": bad(changed(film(), in_box(b"stco", 4, b"\x7f\xff\xff\xff")), "damaged", "too_large"),
    "film-at-an-address.mov": bad(written(reference(b"url ", b"http://127.0.0.1:9/bait.mov")), "not_a_video"),
    "film-in-a-secret.mov": bad(written(reference(b"alis", b"/etc/passwd")), "not_a_video"),
    "index-of-itself.avi": mute(index_of_itself),
    "two-million-frames-in-one-place.avi": slow(bad(crowded_index, "damaged")),
    # --- what comes along
    "packed-texts.avi": slow(bad(packed_texts, "too_large", "damaged")),
    "many-chapters.mkv": mute(crowded_mkv(0x1043A770, chapters, 20_000)),
    "many-cues.mkv": mute(crowded_mkv(0x1C53BB6B, cues, 200_000)),
    "many-attachments.mkv": mute(crowded_mkv(0x1941A469, attachments(1), 10_000)),
    "large-attachments.mkv": mute(crowded_mkv(0x1941A469, attachments(4 << 20), 8)),
}
