"""Odd but honest films by name, and what must become of them."""

from tests.media.make import AAC, H264, changed, cooked, copied, film, picture, renamed, tone, turned
from tests.media.oddities import MORE
from tests.media.verdicts import Case, good, mute

QUIET_265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
UNEVEN = "select='if(lt(t,1),not(mod(n,2)),if(lt(t,2),not(mod(n,5)),1))'"
SHAKY = "settb=1/90000,setpts='N*3000+mod(N*7919,500)'"
BT2020 = "setparams=color_primaries=bt2020:colorspace=bt2020nc:color_trc"

CONTAINERS = {
    "plain.mp4": good(film(sound=True)),
    "no-extension": good(film(sound=True)),
    "-i %d: odd name?.mp4": good(film(sound=True)),
    "film.mov": good(film(sound=True, also=("-movflags", "+faststart"))),
    "film.mkv": good(copied(film(sound=True), container="matroska")),
    "film.ts": good(copied(film(sound=True), container="mpegts")),
    "film.flv": good(copied(film(sound=True), container="flv")),
    "old.flv": good(cooked(*picture(), *tone(), "-c:v", "flv1", "-c:a", "libmp3lame", container="flv")),
    "film.webm": good(cooked(*picture(), *tone(), "-c:v", "libvpx", "-c:a", "libopus", container="webm")),
    "vp9.webm": mute(cooked(*picture(), "-c:v", "libvpx-vp9", "-deadline", "realtime", container="webm")),
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
    "slides.mp4": mute(film(rate="1/2", seconds=8), "frame_rate_raised", seconds=8),
    "one-frame.mp4": mute(film(also=("-frames:v", "1")), seconds=0.04),
    "one-frame.mkv": mute(copied(film(also=("-frames:v", "1")), container="matroska"), seconds=0.04),
    "shaky-clock.mp4": mute(
        film(rate="30", seconds=4, also=("-vf", SHAKY, "-fps_mode", "vfr", "-video_track_timescale", "90000")),
        seconds=4,
    ),
    "uneven.mp4": mute(
        film(rate="60", seconds=3, also=("-vf", UNEVEN, "-fps_mode", "vfr")), "variable_frame_rate", seconds=3
    ),
    "uneven.mkv": mute(
        copied(film(rate="60", seconds=3, also=("-vf", UNEVEN, "-fps_mode", "vfr")), container="matroska"),
        "variable_frame_rate",
        seconds=3,
    ),
    "paused.mp4": mute(
        film(rate="30000/1001", seconds=4, also=("-vf", "select='not(between(n,40,79))'", "-fps_mode", "vfr")),
        "variable_frame_rate",
        seconds=4,
    ),
    "interlaced.mp4": mute(
        film(rate="50", also=("-vf", "tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme")), "deinterlaced"
    ),
}

COLOURS = {
    "deep.mp4": mute(cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le"), "bit_depth"),
    "pq.mp4": mute(
        cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le", "-vf", f"{BT2020}=smpte2084"), "hdr_to_sdr"
    ),
    "hlg.mp4": mute(
        cooked(*picture(), *QUIET_265, "-pix_fmt", "yuv420p10le", "-vf", f"{BT2020}=arib-std-b67"), "hdr_to_sdr"
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

CASES: dict[str, Case] = {**CONTAINERS, **SIZES, **RATES, **COLOURS, **SOUNDS, **MORE}
