"""Files that are something else: sound alone, pictures, texts, programs, and films that are not taken."""

from pathlib import Path

from tests.media.avi import large_png
from tests.media.make import AAC, H264, Maker, changed, cooked, picture, tone, written, zipped
from tests.media.verdicts import Case, bad, mute

COVER = ("-f", "lavfi", "-i", "color=red:s=64x64:r=1:d=1")
ATTACHED = ("-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v:0", "attached_pic")


def still(codec: str, container: str = "image2pipe", *options: str) -> Maker:
    """One picture in its own format."""
    return cooked(*picture(), "-frames:v", "1", "-c:v", codec, *options, container=container)


AVIF = still("libaom-av1", "avif", "-cpu-used", "8", "-still-picture", "1")


def covered_mkv(path: Path) -> None:
    """Sound with a cover among its attachments."""
    cover = path.parent / "cover.jpg"
    still("mjpeg")(cover)
    attached = ("-attach", f"file:{cover}", "-metadata:s:t", "mimetype=image/jpeg")
    cooked(*tone(), *AAC, *attached, container="matroska")(path)
    cover.unlink()


SOUND = {
    "two-pictures.mp4": mute(cooked(*picture(), *picture("640x360"), "-map", "0", "-map", "1", *H264)),
    "with-cover.mp4": mute(cooked(*COVER, *picture(), *ATTACHED, "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p")),
    "cover-only.m4a": bad(cooked(*COVER, *tone(), *ATTACHED, *AAC), "no_video_stream"),
    "cover-only.mp3": bad(cooked(*COVER, *tone(), *ATTACHED, container="mp3"), "no_video_stream"),
    "cover-only.flac": bad(cooked(*COVER, *tone(), *ATTACHED, container="flac"), "no_video_stream"),
    "cover-only.mkv": bad(covered_mkv, "no_video_stream"),
    "sound.mp3": bad(cooked(*tone(), container="mp3"), "no_video_stream"),
    "sound.wav": bad(cooked(*tone(), container="wav"), "no_video_stream"),
    "sound.mp4": bad(cooked(*tone(), *AAC), "no_video_stream"),
    "sound.webm": bad(cooked(*tone(), "-c:a", "libopus", container="webm"), "no_video_stream"),
    "sound.ts": bad(cooked(*tone(), *AAC, container="mpegts"), "no_video_stream"),
    "sound.aac": bad(cooked(*tone(), *AAC, container="adts"), "no_video_stream"),
}

PICTURES = {
    "picture.mp4": bad(still("png"), "unsupported"),
    "photo.mp4": bad(still("mjpeg"), "unsupported"),
    "animation.mp4": bad(cooked(*picture(), container="gif"), "unsupported"),
    "animation.png": bad(cooked(*picture(), container="apng"), "unsupported"),
    "huge-picture.mp4": bad(written(large_png(10_000)), "unsupported"),
    "picture.webp": bad(still("libwebp"), "unsupported"),
    "picture.bmp": bad(still("bmp"), "unsupported"),
    "picture.tiff": bad(still("tiff"), "unsupported"),
    "picture.tga": bad(still("targa"), "unsupported", "not_a_video"),
    "picture.jp2": bad(still("jpeg2000"), "unsupported"),
    "picture.ppm": bad(still("ppm"), "unsupported"),
    "picture.exr": bad(still("exr"), "unsupported", "not_a_video"),
    "picture.dpx": bad(still("dpx"), "unsupported"),
    "picture.avif": bad(AVIF, "unsupported"),
    "picture.heic": bad(changed(AVIF, lambda picture: picture.replace(b"ftypavif", b"ftypheic")), "unsupported"),
    "picture.ico": bad(
        written(b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0" + bytes(1128)), "unsupported", "not_a_video"
    ),
    "vector.mp4": bad(
        written(b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>"),
        "not_a_video",
        "unsupported",
    ),
}

TEXTS = {
    "empty.mp4": bad(written(b""), "not_a_video"),
    "zeros.mp4": bad(written(bytes(100_000)), "not_a_video"),
    "text.mp4": bad(written(b"This is not a film.\n" * 200), "not_a_video"),
    "page.mp4": bad(written(b"<!DOCTYPE html><html><video src='x.mp4'></video></html>"), "not_a_video"),
    "archive.mp4": bad(written(zipped()), "not_a_video"),
    "document.mp4": bad(
        written(b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"), "not_a_video"
    ),
    "program.mp4": bad(written(b"\x7fELF\2\1\1" + bytes(5000)), "not_a_video"),
    "script.mp4": bad(written(b"#!/bin/sh\nrm -rf /\n"), "not_a_video"),
    "subtitles.mp4": bad(written(b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20), "not_a_video"),
    "letters.mp4": bad(written(b"\x1b[31mred\x1b[0m " * 500), "not_a_video"),
}

FILMS = {
    "film.ogv": bad(cooked(*picture(), "-c:v", "libtheora", container="ogg"), "unsupported"),
    "film.wmv": bad(cooked(*picture(), "-c:v", "wmv2", container="asf"), "unsupported"),
    "film.mxf": bad(cooked(*picture(), "-c:v", "mpeg2video", container="mxf"), "unsupported"),
    "film.h264": bad(cooked(*picture(), *H264, container="h264"), "unsupported"),
    "film.y4m": bad(cooked(*picture(seconds=0.1), container="yuv4mpegpipe"), "unsupported"),
    "film.wtv": bad(cooked(*picture(), "-c:v", "mpeg2video", container="wtv"), "unsupported"),
    "film.swf": bad(cooked(*picture(), "-c:v", "flv1", container="swf"), "unsupported"),
    "film.rm": bad(cooked(*picture("176x144"), "-c:v", "rv10", container="rm"), "unsupported"),
    "film.gxf": bad(
        cooked(*picture("720x576"), "-c:v", "mpeg2video", "-pix_fmt", "yuv422p", container="gxf"), "unsupported"
    ),
    "film.dv": bad(
        cooked(*picture("720x576"), "-c:v", "dvvideo", "-pix_fmt", "yuv420p", container="dv"), "unsupported"
    ),
    "film.nut": bad(cooked(*picture(), *H264, container="nut"), "unsupported"),
    "film.ivf": bad(cooked(*picture(), "-c:v", "libvpx", container="ivf"), "unsupported"),
}

CASES: dict[str, Case] = {**SOUND, **PICTURES, **TEXTS, **FILMS}
