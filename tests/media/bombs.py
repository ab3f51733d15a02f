"""Small files that want much: memory, time, or a place for thousands of streams."""

import zlib
from functools import cache
from pathlib import Path

from tests.media.avi import avi, avi_stream, bitmap, claiming, crowded_avi, large_png, photos
from tests.media.craft import (
    FTYP,
    ZLIB_PACKED,
    box,
    compressed_index,
    crowded_ts,
    in_box,
    mkv_track,
    nested,
    one_by_one,
    photo_mkv,
)
from tests.media.make import AAC, H264, Maker, changed, cooked, copied, crowd, film, joined, picture, tone, written
from tests.media.verdicts import Case, bad, good, mute, rotten, slow

MJPEG = ("-c:v", "mjpeg", "-huffman", "0")
LOUSY = ("-qp", "51")
MILLIONS = one_by_one(in_box(b"stsz", 4, b"\0\0\0\1\1\0\0\0"), in_box(b"stsc", 12, b"\1\0\0\0"))
PASSED_ON = ("-fps_mode", "passthrough")


@cache
def packed_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def growing(*sizes: str) -> Maker:
    """Films of these sizes one after another in one transport stream."""
    return joined(
        *(
            copied(film(size=size), after=("-output_ts_offset", str(place)), container="mpegts")
            for place, size in enumerate(sizes)
        )
    )


def growing_photos(*sides: int) -> Maker:
    """A film whose later JPEGs say that they are much larger."""

    def make(path: Path) -> None:
        frames = photos(path.parent)
        grown = [*frames, *(claiming(frames[0], side) for side in sides)]
        path.write_bytes(avi([avi_stream(b"vids", b"MJPG", bitmap(b"MJPG"))], [(b"00dc", frame) for frame in grown]))

    return make


def gap(seconds: int) -> tuple[str, ...]:
    """Let so much time pass in the middle of 25 frames."""
    return ("-vf", f"setpts='if(lt(N,12),PTS,PTS+{seconds}/TB)'", *PASSED_ON, "-enc_time_base", "1/1000")


def sound_gap(seconds: int) -> tuple[str, ...]:
    return ("-af", f"asetpts='if(lt(T,0.5),PTS,PTS+{seconds}/TB)'")


CASES: dict[str, Case] = {
    # --- streams
    "crowd.mp4": bad(changed(film(), crowd), "unsupported"),
    "crowd.mkv": bad(photo_mkv(*(mkv_track(number=place + 1) for place in range(1000))), "unsupported"),
    "crowd.avi": bad(crowded_avi, "unsupported"),
    "crowd.ts": bad(crowded_ts, "unsupported", "damaged"),
    # --- pixels
    "huge.mp4": bad(film(size="4096x4096", seconds=0.1), "too_large"),
    "huge.ts": bad(copied(film(size="4096x4096", seconds=0.1), container="mpegts"), "too_large"),
    "12k.mkv": bad(photo_mkv(mkv_track(codec=b"V_MJPEG", size=(12_000, 12_000))), "too_large"),
    "12k-frames.mkv": bad(photo_mkv(mkv_track(), pack=lambda jpeg: claiming(jpeg, 12_000)), "too_large", "damaged"),
    "12k.png.mp4": bad(written(large_png(12_000)), "unsupported"),
    "first-frame-12k.mov": mute(
        changed(cooked(*picture(), *MJPEG, container="mov"), lambda film: claiming(film, 12_000))
    ),
    "largest.mp4": mute(film(size="4096x2304", seconds=0.2), rungs=("1080", "720", "480", "360", "240"), seconds=0.2),
    # --- growth
    "growing.ts": mute(growing("320x240", "1280x720"), seconds=2),
    "growing-huge.ts": rotten(growing("320x240", "4096x4096"), "no_audio", seconds=2),
    "growing-12k.avi": rotten(growing_photos(*[12_000] * 10), "no_audio", seconds=1.4),
    "restless.ts": mute(growing(*["64x64", "640x360", "128x720"] * 2), rungs=("64",), seconds=6),
    "shrinking.ts": mute(growing("640x360", "64x64"), rungs=("360", "240"), seconds=2),
    # --- time
    "too-long.mp4": slow(bad(film(rate="1/9000", seconds=27_000), "too_long")),
    "12h.mp4": bad(film(size="64x64", rate="1/60", seconds=43_200, also=LOUSY), "too_long"),
    "12h.mkv": bad(
        copied(film(size="64x64", rate="1/60", seconds=43_200, also=LOUSY), container="matroska"), "too_long"
    ),
    "12h.ts": bad(copied(film(size="64x64", rate="1/60", seconds=43_200, also=LOUSY), container="mpegts"), "too_long"),
    "absurd.mp4": mute(film(rate="1000", seconds=0.3), "frame_rate_capped", seconds=0.3),
    "absurd.mkv": mute(copied(film(rate="1000", seconds=2), container="matroska"), "frame_rate_capped", seconds=2),
    "90000-a-second.mp4": mute(
        film(also=("-vf", "settb=1/90000,setpts=N", *PASSED_ON, "-enc_time_base", "1/90000")),
        "frame_rate_capped",
        seconds=0,
    ),
    "gap-of-minutes.mp4": mute(cooked(*picture(), *gap(120), *H264), "variable_frame_rate", seconds=121),
    "gap-of-hours.mp4": slow(mute(cooked(*picture(), *gap(10_800), *H264), "variable_frame_rate", seconds=10_801)),
    "gap-of-a-night.mp4": slow(bad(cooked(*picture(), *gap(30_000), *H264), "too_long")),
    "gap-of-a-night.mkv": slow(bad(cooked(*picture(), *gap(30_000), *H264, container="matroska"), "too_long")),
    "gap-of-hours.ts": mute(cooked(*picture(), *gap(10_800), *H264, container="mpegts")),
    "gap-in-sound.mkv": good(
        cooked(*picture(), *tone(), *H264, *AAC, *sound_gap(150), container="matroska"), seconds=151
    ),
    # --- packing
    "compressed-index.mp4": bad(written(compressed_index(512 << 20)), "damaged", "too_large", "not_a_video"),
    "compressed-frames.mkv": bad(
        photo_mkv(mkv_track(ZLIB_PACKED), pack=lambda _: packed_zeros(256 << 20)), "damaged", "too_large"
    ),
    "nested.mp4": bad(written(FTYP + nested(b"moov", 100_000)), "damaged", "not_a_video"),
    "a-million-boxes.mp4": bad(written(FTYP + box(b"free") * 1_000_000), "damaged", "not_a_video"),
    "a-billion-samples.mp4": bad(
        changed(film(), in_box(b"stsz", 4, b"\0\0\0\1\x3f\xff\xff\xff")), "damaged", "too_large"
    ),
    "many-samples.mp4": bad(
        changed(film(), one_by_one(in_box(b"stsz", 4, b"\0\0\0\1\x08\0\0\0"), in_box(b"stsc", 12, b"\x08\0\0\0"))),
        *("damaged", "too_large"),
    ),
    "tiny-samples.mp4": slow(bad(changed(film(seconds=8), MILLIONS), "damaged", "too_large")),
}
