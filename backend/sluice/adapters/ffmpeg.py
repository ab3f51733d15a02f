"""The ffmpeg command that turns a source into a whole ladder of HLS, as plain text; running it is another's part."""

from fractions import Fraction
from typing import Any

import ffmpeg

from sluice.ladder import Facts, Order, Rendition, Source
from sluice.layout import AUDIO, INIT, PLAYLIST
from sluice.playlists import AUDIO_BITRATE

from .cadence import keyframe_frames, segment_s
from .ffprobe import guards

SEGMENT_FILES = "%05d.m4s"

# More than one undecodable frame in twenty is damage that a viewer would see.
_MAX_ERROR_RATE = 0.05

_SOUND_HZ = 48_000
# Gaps and jumps in the sound beyond this are filled or cut; a viewer notices 40 ms.
_SOUND_SLIP_S = 0.03
# A starting time this close to a frame's own needs no shift.
_ON_GRID_S = 0.0001
# A picture that begins this little after its sound does so for its encoder's delay, as in fragmented MP4: to hold it
# back would show it twice, and nothing is heard before it.
_CODEC_DELAY_S = 0.1
# What a file claims about its end may be a little short, never by more than this.
_OVERRUN_S = 1

_FLOAT_RGB = "gbrpf32le"
# The output takes its primaries from the file's tags, and without those there is no way from one to the other.
_HDR_IN = {"min": "bt2020nc", "pin": "bt2020", "p": "bt2020"}
_SDR_TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}


def encode_argv(
    program: str, source_path: str, order: Order, *, hold_s: float = 0.0, tonemap: bool = True
) -> list[str]:
    """One process that decodes once and writes every rung and the sound below the folder it runs in.

    `hold_s` is how long the last picture stays while the sound goes on; `tonemap` needs the zscale filter.
    """
    source, facts = order.source, order.facts
    url = f"file:{source_path}"
    file = ffmpeg.input(url, **guards(url), **_on_grid(source, facts.rate))
    pictures = _cascade(_repaired(file[str(source.video_index)], order, hold_s), order, tonemap)
    outputs = [
        _output(picture, rendition.name, facts, {**_x264(rendition, facts.rate), **_tags(source, tonemap)})
        for picture, rendition in zip(pictures, facts.renditions, strict=True)
    ]
    if source.audio_index is not None and facts.has_audio:
        sound_s = facts.duration_s + min(0.0, _shift_s(source, facts.rate))
        sound = {**_AAC, "filter:a": _sound_filters(source, facts.rate), "t": f"{sound_s:.6f}"}
        outputs.append(_output(file[str(source.audio_index)], AUDIO, facts, sound))
    argv: list[str] = _run_quietly(ffmpeg.merge_outputs(*outputs)).compile(cmd=program, overwrite_output=True)
    return argv


def _run_quietly(outputs: Any) -> Any:
    return outputs.global_args(
        *("-nostdin", "-hide_banner", "-v", "error", "-max_error_rate", str(_MAX_ERROR_RATE)),
        *("-nostats", "-progress", "pipe:1", "-stats_period", "0.1"),
    )


def _on_grid(source: Source, rate: Fraction) -> dict[str, str]:
    """Move sound and picture together so that the first picture falls on a frame's time.

    Off the grid, a picture half-way between two frames would jump to either, and frames be lost or doubled.
    """
    shift_s = _shift_s(source, rate)
    return {"itsoffset": f"{shift_s:.6f}"} if abs(shift_s) > _ON_GRID_S else {}


def _shift_s(source: Source, rate: Fraction) -> float:
    late_s = source.video_start_s - _first_s(source)
    if late_s < _CODEC_DELAY_S:
        return -late_s
    return float(round(Fraction(late_s) * rate) / rate) - late_s


def _first_s(source: Source) -> float:
    """When the first of picture and sound begins; ffmpeg makes that time zero."""
    return source.video_start_s if source.audio_index is None else min(source.video_start_s, source.audio_start_s)


# --- picture ----------------------------------------------------------------------------------------------------


def _repaired(picture: Any, order: Order, hold_s: float) -> Any:
    """Progressive, at a constant rate from time zero on; ffmpeg itself has turned it upright before."""
    if order.source.interlaced:
        picture = picture.filter("bwdif", mode="send_frame", parity="auto", deint="interlaced")
    if order.source.format == "avi":
        # It knows no time of presentation: B-frames would seem to make the picture late.
        picture = picture.filter("setpts", "PTS-STARTPTS")
    # Before any scaling: a thousand frames a second are thinned out while that is cheap.
    picture = picture.filter("fps", fps=str(order.facts.rate), start_time=0)
    return picture.filter("tpad", stop_mode="clone", stop_duration=f"{hold_s:.6f}") if hold_s > 0 else picture


def _cascade(picture: Any, order: Order, tonemap: bool) -> list[Any]:
    """Each rung scaled from the next larger one, at the exact size the ladder says."""
    first, *smaller = order.facts.renditions
    picture = _scaled(picture, first, out_range="tv")
    if order.source.hdr and tonemap:
        picture = _to_sdr(picture, order.source)
    picture = picture.filter("setsar", 1).filter("format", "yuv420p")
    pictures = []
    for rendition in smaller:
        parts = picture.filter_multi_output("split", 2)
        pictures.append(parts[0])
        picture = _scaled(parts[1], rendition).filter("setsar", 1)
    return [*pictures, picture]


def _scaled(picture: Any, rendition: Rendition, **options: str) -> Any:
    return picture.filter("scale", rendition.width, rendition.height, flags="lanczos", **options)


def _to_sdr(picture: Any, source: Source) -> Any:
    """HDR brightness brought into the range of ordinary screens; what tags may lack is said outright."""
    linear = picture.filter("zscale", tin=source.color_transfer, **_HDR_IN, t="linear", npl=100)
    mapped = linear.filter("format", _FLOAT_RGB).filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    return mapped.filter("zscale", t="bt709", m="bt709", r="tv")


def _tags(source: Source, tonemap: bool) -> dict[str, str]:
    return _SDR_TAGS if source.hdr and tonemap else {}


def _x264(rendition: Rendition, rate: Fraction) -> dict[str, Any]:
    interval = keyframe_frames(rate)
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "crf": 23,
        "maxrate": rendition.max_bitrate,
        "bufsize": 2 * rendition.max_bitrate,
        # The same frames are keyframes in every rung, and no frame refers across them.
        "g": interval,
        "keyint_min": interval,
        "sc_threshold": 0,
        "flags": "+cgop",
        # The master says CLOSED-CAPTIONS=NONE.
        "a53cc": 0,
    }


# --- sound ------------------------------------------------------------------------------------------------------

# The muxer's edit list makes up for a start that is late by less than the AAC encoder's own delay of 1024 samples.
_AAC_DELAY_S = 0.02
_AAC = {"c:a": "aac", "b:a": AUDIO_BITRATE, "ac": 2, "ar": _SOUND_HZ}


def _sound_filters(source: Source, rate: Fraction) -> str:
    """Sound without gaps, from time zero on, with silence where there was nothing; it ends with `-t`."""
    late_s = source.audio_start_s - _first_s(source) + _shift_s(source, rate)
    # Only where it is needed: a change of channels in the middle starts the filter anew, and it would pad again.
    padding = "" if -_CODEC_DELAY_S <= late_s <= _AAC_DELAY_S else ":first_pts=0"
    # What lies before time zero is the source codec's delay: together with our encoder's, it could be noticed.
    return f"aresample={_SOUND_HZ}:async=1:min_hard_comp={_SOUND_SLIP_S}{padding},atrim=start=0,apad"


# --- HLS --------------------------------------------------------------------------------------------------------


def _output(stream: Any, folder: str, facts: Facts, codec: dict[str, Any]) -> Any:
    # A stray timestamp hours ahead must not make hours of repeated frames.
    limits = {"t": f"{facts.duration_s + _OVERRUN_S:.6f}", "map_metadata": -1, "map_chapters": -1}
    segments = {"hls_segment_filename": f"{folder}/{SEGMENT_FILES}", **_hls(facts.rate)}
    return ffmpeg.output(stream, f"{folder}/{PLAYLIST}", **{**limits, **codec, **segments})


def _hls(rate: Fraction) -> dict[str, Any]:
    # Rounded down: were it above the true length, the keyframe that should begin a segment would come too early.
    microseconds = int(segment_s(rate) * 1_000_000)
    return {
        "f": "hls",
        "hls_time": f"{microseconds / 1_000_000:.6f}",
        "hls_list_size": 0,
        "hls_playlist_type": "event",
        "hls_flags": "temp_file+independent_segments",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT,
        # Otherwise the delay of B-frames and of the AAC encoder moves picture and sound apart by up to 80 ms.
        "avoid_negative_ts": "disabled",
    }
