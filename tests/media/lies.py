"""Headers that are wrong about what follows, and clocks that begin where no film begins."""

from pathlib import Path

from tests.media.avi import avi, avi_stream, bitmap, photos
from tests.media.craft import in_box, in_first_box, one_by_one
from tests.media.make import (
    AAC,
    H264,
    Maker,
    changed,
    cooked,
    copied,
    film,
    lie_about_length,
    picture,
    renamed,
    tone,
)
from tests.media.verdicts import Case, bad, good, mute

MOST = b"\xff\xff\xff\xff"
MKV = copied(film(sound=True), container="matroska")
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")


def paced_avi(scale: int, rate: int) -> Maker:
    """A film in an AVI file that says that so many frames are shown in so many seconds."""

    def make(path: Path) -> None:
        streams = [avi_stream(b"vids", b"MJPG", bitmap(b"MJPG"), scale=scale, rate=rate)]
        path.write_bytes(avi(streams, [(b"00dc", photo) for photo in photos(path.parent)]))

    return make


HEADERS = {
    "lying-length.mp4": good(changed(film(sound=True), lie_about_length)),
    "lying-length.mkv": bad(changed(MKV, in_first_box(b"\x44\x89\x88", 0, b"\x41\x86\x6a\0\0\0\0\0")), "damaged"),
    "lying-length.flv": good(
        changed(copied(film(sound=True), container="flv"), in_box(b"duration", 1, b"\x40\xe5\x18\0\0\0\0\0"))
    ),
    "no-length.mp4": good(changed(film(sound=True), one_by_one(in_box(b"mvhd", 16, bytes(4))))),
    "unknown-codec.mp4": bad(changed(film(), renamed(b"avc1", b"zzz1")), "unsupported"),
    "unknown-codec.mkv": bad(
        changed(copied(film(), container="matroska"), renamed(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ")), "unsupported"
    ),
    "wrong-codec.mp4": bad(changed(film(), renamed(b"avc1", b"hev1")), "damaged", "not_a_video"),
    "wrong-size.mp4": mute(changed(film(), in_box(b"avc1", 24, b"\x10\0\x09\0"))),
    "no-size.mp4": mute(changed(film(), in_box(b"avc1", 24, bytes(4)))),
    "wrong-shown-size.mp4": mute(changed(film(), in_box(b"tkhd", 76, b"\x7f\xff\0\0\x7f\xff\0\0"))),
    "odd-turn.mp4": mute(changed(film(), in_box(b"tkhd", 40, b"\x12\x34\x56\x78" * 9))),
    "no-matrix.mp4": mute(changed(film(), in_box(b"tkhd", 40, bytes(36)))),
    "samples-too-large.mp4": bad(changed(film(), in_box(b"stsz", 12, b"\x7f\xff\xff\xff" * 25)), "damaged"),
    "one-sample-too-large.mp4": bad(changed(film(), in_box(b"stsz", 12, b"\x7f\xff\xff\xff")), "damaged"),
    "samples-behind-the-end.mp4": bad(changed(film(), in_box(b"stco", 8, b"\x7f\xff\xff\xff")), "damaged"),
    "samples-at-the-start.mp4": bad(changed(film(), in_box(b"stco", 8, bytes(4))), "damaged"),
    "more-samples-than-there-are.mp4": bad(changed(film(), in_box(b"stsz", 8, MOST)), "damaged", "too_large"),
    "more-times-than-there-are.mp4": bad(
        changed(film(), in_box(b"stts", 4, b"\x0f\xff\xff\xff")), "too_large", "damaged"
    ),
    "no-times.mp4": bad(changed(film(), in_box(b"stts", 4, bytes(4))), "damaged"),
    "no-time-passes.mp4": bad(changed(film(), in_box(b"stts", 12, bytes(4))), "damaged"),
    "time-flies.mp4": mute(changed(film(), in_box(b"stts", 12, b"\x7f\xff\xff\xff"))),
    "no-clock.mp4": mute(changed(film(), in_first_box(b"mdhd", 12, bytes(4)))),
    "fastest-clock.mp4": mute(changed(film(), in_first_box(b"mdhd", 12, MOST))),
    "box-without-end.mp4": mute(changed(film(), in_box(b"trak", -8, MOST))),
    "empty-box.mp4": mute(changed(film(), in_box(b"trak", -8, bytes(4)))),
    "no-rate.avi": mute(paced_avi(0, 0)),
    "slow.avi": mute(paced_avi(1, 1), seconds=25),
    "mad-rate.avi": bad(paced_avi(1, 4_000_000_000), "damaged"),
    "no-sound-rate.mp4": good(changed(film(sound=True), in_box(b"mp4a", 24, bytes(4)))),
    "mad-sound-rate.mp4": good(changed(film(sound=True), in_box(b"mp4a", 24, MOST))),
    "mad-channels.mp4": good(changed(film(sound=True), in_box(b"mp4a", 16, b"\xff\xff"))),
    "mkv-called.mp4": good(MKV),
    "avi-called.mp4": good(cooked(*picture(), *tone(), "-c:v", "mpeg4", "-c:a", "libmp3lame", container="avi")),
}

TIMES = {
    "late-start.mkv": good(copied(film(sound=True), after=("-output_ts_offset", "3600"), container="matroska")),
    "late-start.ts": good(copied(film(sound=True), after=("-output_ts_offset", "3600"), container="mpegts")),
    "late-start.flv": good(copied(film(sound=True), after=("-output_ts_offset", "3600"), container="flv")),
    "late-start.mp4": good(copied(film(sound=True), after=("-output_ts_offset", "3600"))),
    "clock-runs-over.ts": good(
        copied(film(sound=True, seconds=2), after=("-output_ts_offset", "95442.7"), container="mpegts"), seconds=2
    ),
    "clock-set-back.ts": good(changed(copied(film(sound=True), container="mpegts"), lambda film: film * 3), seconds=3),
    "negative-start.mp4": good(copied(film(sound=True, seconds=2, also=("-g", "12")), "-ss", "0.7"), seconds=1.3),
    "negative-start.ts": good(
        copied(
            film(sound=True, seconds=2),
            after=("-output_ts_offset", "-5", "-avoid_negative_ts", "disabled", "-muxdelay", "0"),
            container="mpegts",
        ),
        seconds=2,
    ),
    "live.webm": mute(cooked(*picture(), "-c:v", "libvpx", "-live", "1", container="webm")),
    "no-length.mkv": good(copied(film(sound=True), after=("-live", "1"), container="matroska")),
    "no-length.flv": good(copied(film(sound=True), after=("-flvflags", "no_duration_filesize"), container="flv")),
    "no-length-fragments.mp4": good(film(sound=True, also=FRAGMENTED)),
    "sound-much-later.mp4": good(
        cooked(*picture(), "-itsoffset", "60", *tone(), *H264, *AAC), "late_audio", seconds=61
    ),
    "picture-much-later.mp4": good(
        cooked("-itsoffset", "60", *picture(), *tone(), "-fps_mode", "passthrough", *H264, *AAC),
        "late_video",
        seconds=61,
    ),
}

CASES: dict[str, Case] = {**HEADERS, **TIMES}
