"""Films that lost something on the way: cut off, overwritten, encrypted."""

import random

from tests.media.craft import AES_LOCKED, FTYP, Change, after, box, mkv_track, photo_mkv, scrambled
from tests.media.make import (
    CENC,
    H264,
    blank_frames,
    changed,
    cooked,
    copied,
    cut_within_index,
    film,
    first_part,
    picture,
    renamed,
    tone,
    written,
)
from tests.media.verdicts import Case, bad, good, mute, rotten

FAST_START = ("-movflags", "+faststart")
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")
LONG = film(seconds=4, sound=True, also=FAST_START)
MPG = cooked(*picture(seconds=4), "-c:v", "mpeg2video", container="mpeg")
LONG_TS = copied(film(seconds=4, also=("-g", "25")), container="mpegts")
AVI = cooked(*picture(), *tone(), "-c:v", "mpeg4", "-c:a", "libmp3lame", container="avi")


def noise(length: int) -> bytes:
    return random.Random(7).randbytes(length)


def spoiled(share: float, beginning: float = 0.2) -> Change:
    """Change single bytes here and there behind the beginning, the same ones every time."""

    def change(content: bytes) -> bytes:
        chance, spoilt = random.Random(7), bytearray(content)
        for _ in range(max(1, int(len(content) * share))):
            spoilt[chance.randrange(int(len(content) * beginning), len(content))] = chance.randrange(256)
        return bytes(spoilt)

    return change


def zeroed(start: float, end: float) -> Change:
    """Fill a stretch with zeros, as a disk that lost some blocks does."""

    def change(content: bytes) -> bytes:
        first, last = int(len(content) * start), int(len(content) * end)
        return content[:first] + bytes(last - first) + content[last:]

    return change


def without(start: float, end: float) -> Change:
    return lambda content: content[: int(len(content) * start)] + content[int(len(content) * end) :]


def half_scrambled(content: bytes) -> bytes:
    half = len(content) // 376 * 188
    return content[:half] + scrambled(content[half:])


CUT_OFF = {
    "only-a-head.mp4": bad(changed(film(), lambda film: film[:40]), "damaged"),
    "no-index.mp4": bad(changed(film(sound=True), first_part(0.5)), "damaged"),
    "half-an-index.mp4": bad(changed(film(), cut_within_index), "damaged"),
    "cut-off.mp4": bad(changed(LONG, first_part(0.5)), "damaged"),
    "nearly-whole.mp4": good(changed(LONG, first_part(0.995)), seconds=4),
    "cut-off.mkv": bad(changed(copied(film(seconds=4), container="matroska"), first_part(0.5)), "damaged"),
    "cut-off.webm": bad(
        changed(cooked(*picture(seconds=4), "-c:v", "libvpx", container="webm"), first_part(0.5)), "damaged"
    ),
    "cut-off.avi": bad(
        changed(cooked(*picture(seconds=4), "-c:v", "mpeg4", container="avi"), first_part(0.5)), "damaged"
    ),
    "cut-off.mov": bad(changed(cooked(*picture(), *H264, container="mov"), first_part(0.9)), "damaged"),
    "cut-off-fragments.mp4": bad(changed(film(seconds=4, also=(*FRAGMENTED, "-g", "25")), first_part(0.52)), "damaged"),
    "cut-off.ts": mute(changed(copied(film(seconds=4), container="mpegts"), first_part(0.5)), seconds=2),
    "cut-off.flv": mute(changed(copied(film(seconds=4), container="flv"), first_part(0.5)), seconds=2),
    "cut-off.mpg": mute(changed(MPG, first_part(0.5)), seconds=1.32),
    "from-the-middle.ts": mute(changed(LONG_TS, without(0, 0.4)), seconds=2.32),
    "without-a-middle.ts": mute(changed(LONG_TS, without(0.3, 0.6)), "variable_frame_rate", seconds=4),
    "one-byte.mp4": bad(written(b"\0"), "not_a_video"),
    "a-head-alone.mkv": bad(
        changed(copied(film(), container="matroska"), lambda film: film[:200]), "not_a_video", "damaged"
    ),
    "a-head-alone.ts": bad(
        changed(copied(film(), container="mpegts"), lambda film: film[:564]), "damaged", "not_a_video"
    ),
    "a-head-alone.flv": bad(changed(copied(film(), container="flv"), lambda film: film[:13]), "not_a_video", "damaged"),
}

OVERWRITTEN = {
    "blank.mp4": bad(changed(film(also=FAST_START), blank_frames), "damaged"),
    "blank-beginning.mp4": bad(changed(film(), zeroed(0, 0.1)), "not_a_video", "damaged"),
    "blank-middle.mp4": rotten(changed(LONG, zeroed(0.3, 0.7)), seconds=4),
    "blank-middle.ts": mute(changed(LONG_TS, zeroed(0.3, 0.7)), "variable_frame_rate", seconds=4),
    "blank-middle.mkv": bad(changed(copied(film(seconds=4), container="matroska"), zeroed(0.3, 0.7)), "damaged"),
    "blank-end.mp4": bad(changed(film(), zeroed(0.98, 1)), "damaged"),
    "scratched.mp4": good(changed(LONG, spoiled(0.00002)), seconds=4),
    "spoilt.mp4": rotten(changed(LONG, spoiled(0.02)), seconds=4),
    "spoilt.mkv": bad(changed(copied(film(seconds=4), container="matroska"), spoiled(0.02)), "damaged"),
    "spoilt.ts": mute(changed(copied(film(seconds=4), container="mpegts"), spoiled(0.001)), seconds=4),
    "spoilt.avi": good(changed(AVI, spoiled(0.001))),
    "spoilt.flv": mute(changed(copied(film(), container="flv"), spoiled(0.001))),
    "spoilt-index.mp4": bad(changed(film(), spoiled(0.02, beginning=0.985)), "damaged", "not_a_video"),
    "noise.mp4": bad(written(noise(200_000)), "not_a_video"),
    "noise-behind-a-head.mp4": bad(written(FTYP + box(b"mdat", noise(200_000))), "damaged"),
    "noise-behind-a-head.mkv": bad(written(b"\x1a\x45\xdf\xa3" + noise(200_000)), "not_a_video", "damaged"),
    "noise-behind-a-head.flv": bad(written(b"FLV\1\5\0\0\0\x09\0\0\0\0" + noise(200_000)), "not_a_video", "damaged"),
    "noise-behind-a-head.avi": bad(written(b"RIFF\0\0\x10\0AVI LIST" + noise(200_000)), "not_a_video", "damaged"),
    "noise-in-packets.ts": bad(
        written(b"".join(b"\x47" + noise(188 * 500)[at + 1 : at + 188] for at in range(0, 94_000, 188))),
        *("not_a_video", "damaged", "no_video_stream"),
    ),
    "film-then-noise.mp4": good(changed(film(sound=True), after(noise(50_000)))),
}

ENCRYPTED = {
    "encrypted.mp4": bad(copied(film(sound=True), after=CENC), "encrypted"),
    "encrypted-fragments.mp4": bad(copied(film(sound=True), after=(*CENC, *FRAGMENTED)), "encrypted", "damaged"),
    "encrypted-tag.mp4": bad(changed(film(), renamed(b"avc1", b"encv")), "encrypted"),
    "encrypted-sound.mp4": bad(changed(film(sound=True), renamed(b"mp4a", b"enca")), "encrypted"),
    "bought-sound.mp4": bad(changed(film(sound=True), renamed(b"mp4a", b"drms")), "encrypted"),
    "bought-film.mp4": bad(changed(film(), renamed(b"avc1", b"drmi")), "encrypted"),
    "encrypted.mkv": bad(photo_mkv(mkv_track(AES_LOCKED)), "encrypted", "damaged"),
    "scrambled.ts": bad(changed(copied(film(sound=True), container="mpegts"), scrambled), "encrypted", "damaged"),
    "half-scrambled.ts": mute(changed(copied(film(seconds=2), container="mpegts"), half_scrambled), seconds=0.96),
}

CASES: dict[str, Case] = {**CUT_OFF, **OVERWRITTEN, **ENCRYPTED}
