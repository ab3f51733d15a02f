"""Why a file is refused: one code and one sentence for its owner each, and how ffmpeg's complaints map to them."""

import re

from sluice.errors import Unplayable

MAX_PIXELS = 4096 * 2304
MAX_STREAMS = 64
# HEIF and AVIF: pictures, still or moving, in the boxes of MP4.
PICTURE_BRANDS = frozenset(("avif", "avis", "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"))

_PICTURES = re.compile(r".*_pipe|gif|apng|ico|image2")
_SOUNDS = re.compile(
    "aac|ac3|aiff|amr|amrnb|amrwb|ape|au|caf|dsf|dts|dtshd|eac3|flac|loas|mp3|mpc|mpc8|tta|truehd|w64|wav|wv"
)
_OTHER_VIDEOS = re.compile(
    "asf|av1|bink|dirac|dv|flic|gxf|h264|hevc|ivf|m4v|mjpeg|mpegvideo|mxf|nut|obu|ogg|rm|roq|smk|swf|wtv|yuv4mpegpipe"
)
_MP4_BOXES = frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot"))
_NOT_ALLOWED = re.compile(r"^\[([^ @\]]+)[^]]*] Format not on whitelist", re.MULTILINE)


def not_a_video() -> Unplayable:
    return Unplayable("not_a_video", "This is not a video file; upload an MP4, MOV, MKV, WebM, AVI, FLV or MPEG file.")


def no_video_stream() -> Unplayable:
    return Unplayable("no_video_stream", "There is no moving picture in this file; upload one with a video track.")


def encrypted() -> Unplayable:
    return Unplayable("encrypted", "The file is encrypted or copy-protected; upload a version without protection.")


def too_large() -> Unplayable:
    return Unplayable("too_large", "The picture is too large; export it with at most 4096 x 2304 pixels.")


def too_long(max_duration_s: int) -> Unplayable:
    hours, minutes = divmod(round(max_duration_s / 60), 60)
    most = f"{hours} h {minutes} min" if max_duration_s >= 60 else f"{max_duration_s} s"
    return Unplayable("too_long", f"The video is longer than {most}; cut it into shorter parts.")


def damaged() -> Unplayable:
    return Unplayable("damaged", "The file is damaged or incomplete; export it again, or upload it again in full.")


def picture() -> Unplayable:
    return Unplayable("unsupported", "This is a picture, not a video; upload a video file.")


def other_format() -> Unplayable:
    return Unplayable("unsupported", "Videos in this file format are not supported; convert it to MP4.")


def codec(name: str | None) -> Unplayable:
    called = f"The video codec {name}" if name else "The video's codec"
    return Unplayable("unsupported", f"{called} is not supported; convert the video to H.264 in an MP4 file.")


def too_many_streams() -> Unplayable:
    return Unplayable("unsupported", f"The file has more than {MAX_STREAMS} streams; export it with one video track.")


def of_complaint(stderr: str, head: bytes | None) -> Unplayable:
    """The refusal that fits a file whose streams could not even be listed; `head` is its beginning, where known."""
    if stranger := _NOT_ALLOWED.search(stderr):
        return _of_format(stranger[1].split(",")[0])
    if "exceeds max_streams" in stderr:
        return too_many_streams()
    if "Cannot allocate memory" in stderr or exceeds_pixels(stderr):
        return too_large()
    if head is not None and head[4:8] == b"ftyp" and head[8:12].decode("ascii", "replace") in PICTURE_BRANDS:
        return picture()
    # By its name alone ffmpeg takes anything for an MP4 file, so its complaint about one proves nothing.
    headless = "moov atom not found" in stderr and (head is None or head[4:8] in _MP4_BOXES)
    return damaged() if headless else not_a_video()


def exceeds_pixels(stderr: str) -> bool:
    """Whether ffmpeg stopped at our limit on the size of a picture, or at its own."""
    return "exceeds specified max pixel count" in stderr or bool(re.search(r"Picture size \d+x\d+ is invalid", stderr))


def _of_format(name: str) -> Unplayable:
    if _PICTURES.fullmatch(name):
        return picture()
    if _SOUNDS.fullmatch(name):
        return no_video_stream()
    return other_format() if _OTHER_VIDEOS.fullmatch(name) else not_a_video()
