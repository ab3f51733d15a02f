"""argv for looking into a file, as text, and what keeps every ffmpeg and ffprobe to that one file."""

from collections.abc import Iterable
from typing import Any

import ffmpeg
from ffmpeg._utils import convert_kwargs_to_cmd_line_args

from . import refusals

_FORMATS = "mov,matroska,webm,avi,mpegts,flv,mpeg"
# Enough to see whether packets are encrypted.
_FIRST_PACKETS = "%+#64"
# ffmpeg's muxers lift what is decoded earlier than the packet before it, and when it is shown as well. With these, all
# pictures are decoded long before any is shown, one after another.
_AS_SHOWN = {"bsf:v": f"setts=pts=PTS:dts=N-{1 << 40}"}


def guards(url: str) -> dict[str, Any]:
    """What keeps ffmpeg to this one file and to sane sizes, as input options; the encode uses the same."""
    return {
        "protocol_whitelist": "file" if url.startswith("file:") else "http,tcp",
        # Protocols alone don't stop playlists; formats do.
        "format_whitelist": _FORMATS,
        "max_streams": refusals.MAX_STREAMS,
        "max_pixels": refusals.MAX_PIXELS,
        "probesize": 20_000_000,
        "analyzeduration": 10_000_000,
    }


def report_argv(ffprobe: str, url: str) -> list[str]:
    """ffprobe, told to report in JSON on the file, its streams and its first packets."""
    # ffmpeg.probe() would build this too, but it waits forever and has no limits.
    wanted = {
        "v": "error",
        "threads": 1,
        "of": "json",
        "show_format": None,
        "show_streams": None,
        "show_entries": "packet=stream_index:packet_side_data=side_data_type",
        "read_intervals": _FIRST_PACKETS,
    }
    return [ffprobe, *convert_kwargs_to_cmd_line_args({**guards(url), **wanted}), url]


def decode_argv(ffmpeg_path: str, url: str, stream: str) -> list[str]:
    """ffmpeg, told to decode one frame of the stream and report what came of it."""
    source = ffmpeg.input(url, threads=1, **guards(url))
    return _compile(ffmpeg_path, source[stream].output("pipe:", format="null", frames=1))


def listing_argv(ffmpeg_path: str, url: str, streams_taken: Iterable[str], *, as_shown: bool = False) -> list[str]:
    """ffmpeg, told to list every packet of the streams; they are numbered in this order.

    `as_shown`, each has the very time when it is shown, but when it is decoded is not told.
    """
    source = ffmpeg.input(url, **guards(url))
    taken = [source[stream] for stream in streams_taken]
    copied = {"codec": "copy", "copyinkf": None, **(_AS_SHOWN if as_shown else {})}
    return _compile(ffmpeg_path, ffmpeg.output(*taken, "pipe:", format="framecrc", **copied))


def _compile(ffmpeg_path: str, outputs: Any) -> list[str]:
    # Threads for filters would be as many as the machine has cores, and each reserves address space.
    quiet = ("-v", "error", "-nostdin", "-nostats", "-progress", "pipe:2", "-filter_threads", "1")
    argv: list[str] = outputs.global_args(*quiet).compile(cmd=ffmpeg_path)
    return argv
