"""Media files by name, and the verdict that each must get."""

from dataclasses import dataclass

from tests.media.make import (
    AAC,
    CENC,
    H264,
    Maker,
    blank_frames,
    changed,
    cooked,
    copied,
    crowd,
    cut_within_index,
    film,
    first_part,
    lie_about_length,
    picture,
    renamed,
    tone,
    turned,
    written,
    zipped,
)

SECONDS = 1.0
QUIET_265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
FAST_START = ("-movflags", "+faststart")
COVER = ("-f", "lavfi", "-i", "color=red:s=64x64:r=1:d=1")
ATTACHED = ("-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v:0", "attached_pic")
UNEVEN = "select='if(lt(t,1),not(mod(n,2)),if(lt(t,2),not(mod(n,5)),1))'"
SHAKY = "settb=1/90000,setpts='N*3000+mod(N*7919,500)'"
BT2020 = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")


@dataclass(frozen=True)
class Accepted:
    """It becomes a stream: with these repairs, these rungs, and about this long."""

    repairs: frozenset[str]
    rungs: tuple[str, ...] = ("240",)
    seconds: float = SECONDS


@dataclass(frozen=True)
class Refused:
    """It is turned away with this code, or one of these where it depends on what ffmpeg was built with."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """How to make a file and what must be said of it."""

    make: Maker
    verdict: Accepted | Refused


def good(make: Maker, *repairs: str, rungs: tuple[str, ...] = ("240",), seconds: float = SECONDS) -> Case:
    return Case(make, Accepted(frozenset(repairs), rungs, seconds))


def mute(make: Maker, *repairs: str, rungs: tuple[str, ...] = ("240",), seconds: float = SECONDS) -> Case:
    return good(make, "no_audio", *repairs, rungs=rungs, seconds=seconds)


def bad(make: Maker, *codes: str) -> Case:
    return Case(make, Refused(codes))


CONTAINERS = {
    "plain.mp4": good(film(sound=True)),
    "no-extension": good(film(sound=True)),
    "-i %d: odd name?.mp4": good(film(sound=True)),
    "film.mov": good(film(sound=True, also=("-movflags", "+faststart"))),
    "film.mkv": good(copied(film(sound=True), container="matroska")),
    "film.ts": good(copied(film(sound=True), container="mpegts")),
    "late-start.mkv": good(copied(film(sound=True), after=("-output_ts_offset", "3600"), container="matroska")),
    "film.flv": good(copied(film(sound=True), container="flv")),
    "old.flv": good(cooked(*picture(), *tone(), "-c:v", "flv1", "-c:a", "libmp3lame", container="flv")),
    "film.webm": good(cooked(*picture(), *tone(), "-c:v", "libvpx", "-c:a", "libopus", container="webm")),
    "vp9.webm": mute(cooked(*picture(), "-c:v", "libvpx-vp9", "-deadline", "realtime", container="webm")),
    "live.webm": mute(cooked(*picture(), "-c:v", "libvpx", "-live", "1", container="webm")),
    "film.avi": good(cooked(*picture(), *tone(), "-c:v", "mpeg4", "-c:a", "libmp3lame", container="avi")),
    "film.mpg": good(cooked(*picture(), *tone(), "-c:v", "mpeg2video", "-c:a", "mp2", container="mpeg")),
    "film.3gp": mute(cooked(*picture("176x144"), "-c:v", "h263", container="3gp"), rungs=("144",)),
    "hevc.mp4": mute(cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p")),
    "b-frames.avi": mute(cooked(*picture(), "-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3", container="avi")),
    "studio.mov": mute(cooked(*picture(), "-c:v", "prores_ks", container="mov"), "bit_depth"),
    "fragmented.mp4": good(film(sound=True, also=("-movflags", "frag_keyframe+empty_moov"))),
}

SIZES = {
    "720p.mp4": mute(film(size="1280x720"), rungs=("720", "480", "360", "240")),
    "370p.mp4": mute(film(size="658x370"), rungs=("360", "240")),
    "portrait.mp4": mute(film(size="270x480"), rungs=("240",)),
    "tiny.mp4": mute(film(size="96x64"), rungs=("64",)),
    "narrow.mp4": mute(film(size="64x2000"), rungs=("64",)),
    "odd.mkv": mute(
        cooked(
            *picture("856x484"),
            "-vf",
            "crop=853:481:exact=1",
            "-c:v",
            "ffv1",
            "-pix_fmt",
            "yuv444p",
            container="matroska",
        ),
        "odd_size",
        rungs=("480", "360", "240"),
    ),
    "wide-pixels.mp4": mute(
        film(size="720x576", also=("-vf", "setsar=64/45")), "non_square_pixels", rungs=("480", "360", "240")
    ),
    "turned-90.mp4": mute(turned(film(), 90), "rotated"),
    "turned-180.mp4": mute(turned(film(), 180), "rotated"),
    "turned-270.mp4": mute(turned(film(), 270), "rotated"),
}

RATES = {
    "ntsc.mp4": mute(film(rate="30000/1001", seconds=2), seconds=2),
    "ntsc.mkv": mute(copied(film(rate="30000/1001", seconds=2), container="matroska"), seconds=2),
    "film-rate.ts": mute(copied(film(rate="24000/1001", seconds=2), container="mpegts"), seconds=2),
    "fast.mp4": mute(film(rate="120"), "frame_rate_capped"),
    "absurd.mp4": mute(film(rate="1000", seconds=0.3), "frame_rate_capped", seconds=0.3),
    "slides.mp4": mute(film(rate="1/2", seconds=8), "frame_rate_raised", seconds=8),
    "one-frame.mp4": mute(film(also=("-frames:v", "1")), seconds=0.04),
    "one-frame.mkv": mute(copied(film(also=("-frames:v", "1")), container="matroska"), seconds=0.04),
    "shaky-clock.mp4": mute(
        film(rate="30", seconds=4, also=("-vf", SHAKY, "-fps_mode", "vfr", "-video_track_timescale", "90000")),
        seconds=4,
    ),
    "clock-set-back.ts": good(changed(copied(film(sound=True), container="mpegts"), lambda film: film * 3), seconds=3),
    "uneven.mp4": mute(
        film(rate="60", seconds=3, also=("-vf", UNEVEN, "-fps_mode", "vfr")), "variable_frame_rate", seconds=3
    ),
    "uneven.mkv": mute(
        copied(film(rate="60", seconds=3, also=("-vf", UNEVEN, "-fps_mode", "vfr")), container="matroska"),
        "variable_frame_rate",
        seconds=3,
    ),
    "interlaced.mp4": mute(
        film(rate="50", also=("-vf", "tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme")), "deinterlaced"
    ),
}

COLOURS = {
    "deep.mp4": mute(cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le"), "bit_depth"),
    "pq.mp4": mute(
        cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le", *BT2020, "-color_trc", "smpte2084"), "hdr_to_sdr"
    ),
    "hlg.mp4": mute(
        cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le", *BT2020, "-color_trc", "arib-std-b67"), "hdr_to_sdr"
    ),
}

SOUNDS = {
    "surround.mp4": good(film(sound=True, also=("-ac", "6")), "downmixed"),
    "late-sound.mp4": good(
        cooked(*picture(seconds=2), "-itsoffset", "1", *tone(), *H264, *AAC), "late_audio", seconds=2
    ),
    "late-picture.mp4": good(
        cooked("-itsoffset", "1", *picture(), *tone(2), "-fps_mode", "passthrough", *H264, *AAC),
        "late_video",
        seconds=2,
    ),
    "long-sound.mp4": good(cooked(*picture(), *tone(3), *H264, *AAC), seconds=3),
    "unknown-sound.mkv": mute(
        changed(copied(film(sound=True), container="matroska"), renamed(b"A_AAC", b"A_XYZ")), "audio_dropped"
    ),
}

STREAMS = {
    "two-pictures.mp4": mute(cooked(*picture(), *picture("640x360"), "-map", "0", "-map", "1", *H264)),
    "with-cover.mp4": mute(
        cooked(*COVER, *picture(), *ATTACHED, "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p"),
    ),
    "cover-only.m4a": bad(cooked(*COVER, *tone(), *ATTACHED, *AAC), "no_video_stream"),
    "cover-only.mp3": bad(cooked(*COVER, *tone(), *ATTACHED, container="mp3"), "no_video_stream"),
    "sound.mp3": bad(cooked(*tone(), container="mp3"), "no_video_stream"),
    "sound.wav": bad(cooked(*tone(), container="wav"), "no_video_stream"),
    "sound.mp4": bad(cooked(*tone(), *AAC), "no_video_stream"),
    "crowd.mp4": bad(changed(film(), crowd), "unsupported"),
}

LIES = {
    "lying-length.mp4": good(changed(film(sound=True), lie_about_length)),
    "too-long.mp4": bad(film(rate="1/9000", seconds=27_000), "too_long"),
    "huge.mp4": bad(film(size="4096x4096", seconds=0.1), "too_large"),
    "huge.ts": bad(copied(film(size="4096x4096", seconds=0.1), container="mpegts"), "too_large"),
    "encrypted.mp4": bad(copied(film(sound=True), after=CENC), "encrypted"),
    "encrypted-tag.mp4": bad(changed(film(), renamed(b"avc1", b"encv")), "encrypted"),
    "unknown-codec.mp4": bad(changed(film(), renamed(b"avc1", b"zzz1")), "unsupported"),
}

DAMAGE = {
    "only-a-head.mp4": bad(changed(film(), lambda film: film[:40]), "damaged"),
    "playlist-behind-a-head.mp4": bad(
        written(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"), "damaged"
    ),
    "no-index.mp4": bad(changed(film(sound=True), first_part(0.5)), "damaged"),
    "half-an-index.mp4": bad(changed(film(), cut_within_index), "damaged"),
    "cut-off.mp4": bad(changed(film(seconds=4, sound=True, also=FAST_START), first_part(0.5)), "damaged"),
    "cut-off.mkv": bad(changed(copied(film(seconds=4), container="matroska"), first_part(0.5)), "damaged"),
    "blank.mp4": bad(changed(film(also=FAST_START), blank_frames), "damaged"),
}

STRANGERS = {
    "empty.mp4": bad(written(b""), "not_a_video"),
    "zeros.mp4": bad(written(bytes(100_000)), "not_a_video"),
    "text.mp4": bad(written(b"This is not a film.\n" * 200), "not_a_video"),
    "page.mp4": bad(written(b"<!DOCTYPE html><html><video src='x.mp4'></video></html>"), "not_a_video"),
    "archive.mp4": bad(written(zipped()), "not_a_video"),
    "subtitles.mp4": bad(written(b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20), "not_a_video"),
    "vector.mp4": bad(
        written(b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>"),
        "not_a_video",
        "unsupported",
    ),
    "picture.mp4": bad(cooked(*picture(), "-frames:v", "1", "-c:v", "png", container="image2pipe"), "unsupported"),
    "photo.mp4": bad(cooked(*picture(), "-frames:v", "1", "-c:v", "mjpeg", container="image2pipe"), "unsupported"),
    "animation.mp4": bad(cooked(*picture(), container="gif"), "unsupported"),
    "huge-picture.mp4": bad(
        cooked(*picture("10000x10000", seconds=0.04), "-frames:v", "1", "-c:v", "png", container="image2pipe"),
        "unsupported",
    ),
    "film.ogv": bad(cooked(*picture(), "-c:v", "libtheora", container="ogg"), "unsupported"),
    "film.wmv": bad(cooked(*picture(), "-c:v", "wmv2", container="asf"), "unsupported"),
}

CASES: dict[str, Case] = {
    **CONTAINERS,
    **SIZES,
    **RATES,
    **COLOURS,
    **SOUNDS,
    **STREAMS,
    **LIES,
    **DAMAGE,
    **STRANGERS,
}
