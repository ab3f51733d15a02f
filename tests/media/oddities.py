"""More films that are odd but honest: of every kind that people have in their drawers."""

from pathlib import Path

from tests.media.craft import in_box, mkv_track, one_by_one, photo_mkv
from tests.media.make import AAC, H264, Maker, changed, cooked, copied, film, joined, picture, placed, tone
from tests.media.verdicts import Case, good, mute

SUBTITLES = b"1\n00:00:00,100 --> 00:00:00,900\nHello\n"
MJPEG = ("-c:v", "mjpeg", "-huffman", "0")


def with_file(name: str, content: bytes, *options: str, container: str) -> Maker:
    """A film made with options that speak of another file, as {name}."""

    def make(path: Path) -> None:
        other = path.parent / name
        other.write_bytes(content)
        cooked(*(option.format(name=other) for option in options), container=container)(path)
        other.unlink()

    return make


def h264(pixels: str) -> tuple[str, ...]:
    return ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", pixels)


NAMES = {
    "concat:bait.mp4|bait.mp4": mute(film()),
    "data:video,mp4;base64": mute(film()),
    "pipe:0": mute(film()),
    "кино 🎬 电影.mp4": mute(film()),
    "'; rm -rf $HOME #.mp4": mute(film()),
    "line\nfeed.mp4": mute(film()),
}

CODECS = {
    "av1.mp4": mute(cooked(*picture(), "-c:v", "libsvtav1", "-preset", "12")),
    "av1.webm": mute(cooked(*picture(), "-c:v", "libaom-av1", "-cpu-used", "8", container="webm")),
    "vp9-see-through.webm": mute(
        cooked(*picture(), "-vf", "format=yuva420p", "-c:v", "libvpx-vp9", "-deadline", "realtime", container="webm")
    ),
    "see-through.mov": mute(cooked(*picture(), "-c:v", "qtrle", "-pix_fmt", "argb", container="mov")),
    "raw.mov": mute(cooked(*picture(), "-c:v", "rawvideo", "-pix_fmt", "uyvy422", container="mov")),
    "animation.mov": mute(cooked(*picture(), "-c:v", "qtrle", container="mov")),
    "dnxhr.mov": mute(
        cooked(*picture(), "-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p", container="mov")
    ),
    "pictures.mkv": mute(photo_mkv(mkv_track())),
    "pngs.mov": mute(cooked(*picture(), "-c:v", "png", container="mov")),
    "few-colours.mov": mute(cooked(*picture(), "-c:v", "png", "-pix_fmt", "pal8", container="mov")),
    "grey.mp4": mute(cooked(*picture(), *h264("gray"))),
    "full-range.mp4": mute(cooked(*picture(), *h264("yuvj420p"))),
    "sharp-colours.mp4": mute(cooked(*picture(), *h264("yuv444p"))),
    "rgb.mkv": mute(cooked(*picture(), "-c:v", "libx264rgb", "-preset", "ultrafast", container="matroska")),
    "lossless.avi": mute(cooked(*picture(), "-c:v", "huffyuv", container="avi")),
    "xvid.avi": mute(cooked(*picture(), "-c:v", "libxvid", "-bf", "2", container="avi"), "variable_frame_rate"),
    "divx3.avi": mute(cooked(*picture(), "-c:v", "msmpeg4", container="avi")),
    "photos.avi": mute(cooked(*picture(), *MJPEG, container="avi")),
    "dv.avi": mute(
        cooked(*picture("720x576"), "-c:v", "dvvideo", "-pix_fmt", "yuv420p", container="avi"),
        rungs=("480", "360", "240"),
    ),
}

SHAPES = {
    "mirrored.mp4": mute(placed(film(), -1, 0, 0, 1), "rotated"),
    "upside-down.mp4": mute(placed(film(), 1, 0, 0, -1)),
    "transposed.mp4": mute(placed(film(), 0, 1, 1, 0), "rotated"),
    "nowhere.mp4": mute(placed(film(), 0, 0, 0, 0)),
    "one-pixel.mkv": mute(
        cooked(
            *(*picture("16x16"), "-vf", "crop=1:1:exact=1,format=yuv444p", "-c:v", "ffv1"),
            container="matroska",
        ),
        "odd_size",
        rungs=("2",),
    ),
    "ribbon.mp4": mute(film(size="4096x4"), rungs=("4",)),
    "too-wide-to-be-wide.mp4": mute(film(size="8192x64"), rungs=("32",)),
    "mad-pixels.mp4": mute(film(also=("-vf", "setsar=1/200"))),
}

SOUNDS = {
    "sixteen-channels.mov": good(
        cooked(
            *(*picture(), *tone(), *H264, "-af", "pan=16c|" + "|".join(f"c{place}=c0" for place in range(16))),
            *("-c:a", "pcm_s16le"),
            container="mov",
        ),
        "downmixed",
    ),
    "changing-sound.ts": good(
        joined(*(copied(film(sound=True, also=("-ac", channels)), container="mpegts") for channels in "261")), seconds=3
    ),
    "no-packets-of-sound.mp4": mute(
        changed(film(sound=True), one_by_one(*(in_box(name, 4, bytes(4)) for name in (b"stts", b"stsc", b"stco")))),
        "audio_dropped",
    ),
    "pcm.mov": good(cooked(*picture(), *tone(), *H264, "-c:a", "pcm_s16le", container="mov")),
    "8-bit.avi": good(cooked(*picture(), *tone(), *H264, "-c:a", "pcm_u8", "-ar", "8000", container="avi")),
    "vorbis.mkv": good(cooked(*picture(), *tone(), *H264, "-c:a", "libvorbis", container="matroska")),
    "flac.mkv": good(cooked(*picture(), *tone(), *H264, "-c:a", "flac", "-ar", "192000", container="matroska")),
    "opus.mp4": good(cooked(*picture(), *tone(), *H264, "-c:a", "libopus")),
    "ac3.ts": good(cooked(*picture(), *tone(), *H264, "-c:a", "ac3", container="mpegts")),
    "eight-channels.mkv": good(
        cooked(*picture(), *tone(), *H264, "-c:a", "flac", "-ac", "8", container="matroska"), "downmixed"
    ),
    "slow-sound.mp4": good(cooked(*picture(), *tone(), *H264, *AAC, "-ar", "8000", "-ac", "1")),
    "three-sounds.mkv": good(
        cooked(
            *(*picture(), *tone(), *tone(), *tone(), "-map", "0", "-map", "1", "-map", "2", "-map", "3", *H264, *AAC),
            container="matroska",
        )
    ),
}

COMPANY = {
    "subtitles.mkv": mute(
        with_file(
            *("words.srt", SUBTITLES, *picture(), "-i", "{name}", "-map", "0", "-map", "1", *H264), container="matroska"
        )
    ),
    "subtitles.mp4": mute(
        with_file(
            *("words.srt", SUBTITLES, *picture(), "-i", "{name}", "-map", "0", "-map", "1", *H264, "-c:s", "mov_text"),
            container="mp4",
        )
    ),
    "font.mkv": mute(
        with_file(
            *("font.ttf", bytes(5000), *picture(), *H264, "-attach", "file:{name}"),
            *("-metadata:s:t", "mimetype=application/x-truetype-font"),
            container="matroska",
        )
    ),
    "chapters.mp4": mute(
        with_file(
            "chapters",
            b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle=<script>alert(1)</script>\n",
            *(*picture(), "-f", "ffmetadata", "-i", "{name}", "-map_metadata", "1", *H264),
            container="mp4",
        )
    ),
    "time-code.mov": mute(cooked(*picture(), *H264, "-timecode", "01:00:00:00", container="mov")),
    "two-programmes.ts": mute(
        cooked(
            *(*picture(), *picture("640x360"), "-map", "0", "-map", "1", *H264),
            *("-program", "title=one:st=0", "-program", "title=two:st=1"),
            container="mpegts",
        )
    ),
    "blu-ray.m2ts": good(copied(film(sound=True), after=("-mpegts_m2ts_mode", "1"), container="mpegts")),
    "dvd.vob": good(cooked(*picture(), *tone(), "-c:v", "mpeg2video", "-c:a", "ac3", container="vob")),
    "titled.mp4": mute(
        film(also=("-metadata", 'title="><img src=x onerror=alert(1)>', "-metadata", "comment=" + "x" * 9999))
    ),
    "one-keyframe.mp4": mute(film(seconds=4, also=("-g", "9999")), seconds=4),
    "only-keyframes.mp4": mute(film(also=("-g", "1"))),
    "index-in-front.mp4": good(film(sound=True, also=("-movflags", "+faststart"))),
    "index-at-the-end-of-fragments.mp4": good(film(sound=True, also=("-movflags", "frag_keyframe+delay_moov"))),
    "smooth.ismv": good(cooked(*picture(), *tone(), *H264, *AAC, container="ismv")),
    "long-packets.ts": good(
        changed(
            copied(film(sound=True), container="mpegts"),
            lambda packets: b"".join(packets[at : at + 188] + bytes(16) for at in range(0, len(packets), 188)),
        )
    ),
    "zeros-behind.mp4": good(changed(film(sound=True), lambda content: content + bytes(10_000))),
}

MORE: dict[str, Case] = {**NAMES, **CODECS, **SHAPES, **SOUNDS, **COMPANY}
