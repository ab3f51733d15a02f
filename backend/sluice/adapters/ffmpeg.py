"""The ffmpeg commands that turn a source into a ladder of HLS, as plain text; running them is another's part."""

from fractions import Fraction
from typing import Any

import ffmpeg

from sluice.ladder import Facts, Order, Rendition
from sluice.layout import AUDIO, INIT, PLAYLIST
from sluice.playlists import AUDIO_BITRATE

from . import colours, filters, likeness, thumbnail
from .cadence import keyframe_frames, segment_s, sound_segment_s
from .chunks import Chunk
from .entrance import Entrance
from .probe_argv import guards

PRESET = "veryfast"
CRF = 23
SEGMENT_FILES = "%05d.m4s"

# More than one undecodable frame in twenty is damage that a viewer would see.
_MAX_ERROR_RATE = 0.05
# What a file claims about its end may be a little short, never by more than this.
_OVERRUN_S = 1
# How much of the source beyond its end a chunk may look at.
_MARGIN_S = Fraction(35, 100)
# The longest packet of sound there is in what is taken over: the one that begins last is to be in.
_PACKET_S = 1024 / 44_100
# A first look waits to be told of the first segment; the progress of a chunk is only read by people.
_TOLD_EVERY_S, _FIRST_TOLD_EVERY_S = 0.25, 0.02
# Each has frames of its own in memory.
_DECODING_MORE, _DECODING_AT_MOST = 2, 16
_HLS_FLAGS = "temp_file+independent_segments"
# Longer than any segment: where a chunk is a single one, that is not cut, whatever its keyframes.
_NEVER_S = 3600

_AAC = {"c:a": "aac", "b:a": AUDIO_BITRATE, "ac": 2, "ar": filters.SOUND_HZ}
# What is said beside the pictures: by encoders of themselves, by cameras of their owners.
_WITHOUT_SEI = "filter_units=remove_types=6"


# --- commands ---------------------------------------------------------------------------------------------------


def encode_argv(
    program: str, source_path: str, order: Order, *, hold_s: float = 0.0, tonemap: bool = True
) -> list[str]:
    """One process that decodes once and writes every rung and the sound below the folder it runs in.

    `hold_s` is how long the last picture stays while the sound goes on; `tonemap` needs the zscale filter.
    """
    source, facts = order.source, order.facts
    file = _opened(source_path, order)
    picture = filters.paced(file[str(source.video_index)], source, facts.rate)
    if hold_s > 0:
        picture = picture.filter("tpad", stop_mode="clone", stop_duration=f"{hold_s:.6f}")
    pictures = filters.cascade(picture, source, facts.renditions, tonemap=tonemap)
    # A stray timestamp hours ahead must not make hours of repeated frames.
    limit = {"t": f"{facts.duration_s + _OVERRUN_S:.6f}"}
    pictures, looks = _looked_at(pictures, facts, limit)
    outputs = [
        _output(picture, rendition.name, {**limit, **_x264(rendition, facts.rate)}, facts)
        for picture, rendition in zip(pictures, facts.renditions, strict=True)
    ]
    if source.audio_index is not None and facts.has_audio:
        outputs.append(_sound(file, order))
    return _compile(program, [*outputs, looks])


def sound_argv(program: str, source_path: str, order: Order, *, copied: bool = False) -> list[str]:
    """One process that writes the sound alone, as `encode_argv` does or as it is in the source.

    What is copied is decoded as well, and at the first packet that can't be it ends badly.
    """
    file = _opened(source_path, order)
    if not copied:
        return _compile(program, [_sound(file, order)], told_every_s=_FIRST_TOLD_EVERY_S)
    cut, heard = _sound_cut(order, _PACKET_S), file[str(order.source.audio_index)]
    decoded = ffmpeg.output(heard, "-", f="null", t=cut["t"])
    as_it_is = _output(heard, AUDIO, {"c": "copy", **cut}, order.facts)
    return _compile(program, [decoded, as_it_is], "-xerror", told_every_s=_FIRST_TOLD_EVERY_S)


def chunk_argv(
    program: str,
    source_path: str,
    order: Order,
    chunk: Chunk,
    *,
    threads: int = 1,
    tonemap: bool = True,
    strict: bool = False,
) -> list[str]:
    """One process that writes a chunk's segments, with the times they have in the whole film.

    A `strict` one ends badly at the first frame that can't be decoded.
    """
    source, rate = order.source, order.facts.rate
    entrance = Entrance(source, rate, chunk.start)
    length_s = chunk.frames / rate + (_OVERRUN_S if chunk.last else _MARGIN_S)
    # Of frames that are decoded beside one another, some are passed on before their damage is known.
    decoding = 1 if strict else _decoding(chunk, threads)
    file = _opened(source_path, order, threads=decoding, **entrance.options(length_s))
    picture = entrance.paced(file[str(source.video_index)], length_s)
    if not chunk.last:
        # A hole in the source must not make a segment short.
        picture = picture.filter("tpad", stop=-1, stop_mode="clone").filter("trim", end_frame=chunk.frames)
    pictures = filters.cascade(picture, source, chunk.renditions, tonemap=tonemap)
    beside: list[Any] = []
    if chunk.renditions[-1] == order.facts.renditions[-1]:
        pictures, looks = _looked_at(pictures, order.facts, {})
        beside = [looks]
    if chunk.sampled:
        pictures, references = _referred_to(pictures, chunk)
        beside += references
    outputs = [
        _output(one, rendition.name, {**_x264(rendition, rate), **_of_chunk(chunk, threads)}, order.facts)
        for one, rendition in zip(pictures, chunk.renditions, strict=True)
    ]
    # Without `copyts` the times of each chunk would begin at zero; with it, they are those of `encode_argv`.
    # Filters that share out each frame wait for one another longer than they gain.
    also = ("-copyts", "-start_at_zero", "-filter_complex_threads", "1", *(["-xerror"] if strict else []))
    return _compile(program, [*outputs, *beside], *also)


def copy_argv(program: str, source_path: str, order: Order) -> list[str]:
    """One process that writes the top rung as it is in the source, in segments of about the same length."""
    source, facts = order.source, order.facts
    file = _opened(source_path, order)
    named, naming = colours.taken_over(source)
    # By some clocks, as QuickTime's, ffmpeg takes each frame to last for a tick alone, and would have the next segment
    # begin so early.
    lasting = r"setts=pts=PTS:dts=DTS:duration=max(DURATION\,if(N\,DTS-PREV_INDTS\,0))"
    as_it_is = {"c": "copy", **named, "bsf:v": ",".join([_WITHOUT_SEI, *naming, lasting])}
    top = _output(file[str(source.video_index)], facts.renditions[0].name, as_it_is, facts)
    return _compile(program, [top], told_every_s=_FIRST_TOLD_EVERY_S)


def _opened(source_path: str, order: Order, **options: Any) -> Any:
    url = f"file:{source_path}"
    moved = filters.on_grid(order.source, order.facts.rate)
    return ffmpeg.input(url, **guards(url), **filters.unbroken(order.source), **moved, **options)


def _compile(program: str, outputs: list[Any], *also: str, told_every_s: float = _TOLD_EVERY_S) -> list[str]:
    quietly = ffmpeg.merge_outputs(*outputs).global_args(
        *("-nostdin", "-hide_banner", "-v", "error", "-max_error_rate", str(_MAX_ERROR_RATE)),
        *("-nostats", "-progress", "pipe:1", "-stats_period", str(told_every_s), *also),
    )
    argv: list[str] = quietly.compile(cmd=program, overwrite_output=True)
    return argv


# --- outputs ----------------------------------------------------------------------------------------------------


def _sound(file: Any, order: Order) -> Any:
    source, facts = order.source, order.facts
    coded = {**_AAC, "filter:a": filters.sound(source, facts.rate), **_sound_cut(order)}
    return _output(file[str(source.audio_index)], AUDIO, coded, facts)


def _sound_cut(order: Order, more_s: float = 0.0) -> dict[str, str]:
    length_s = order.facts.duration_s + min(0.0, filters.shift_s(order.source, order.facts.rate))
    return {"t": f"{length_s + more_s:.6f}", "hls_time": _seconds(sound_segment_s(order.facts.rate, length_s))}


def _looked_at(pictures: list[Any], facts: Facts, limit: dict[str, str]) -> tuple[list[Any], Any]:
    """The same pictures, and what only looks at some frames of the smallest of them, the film's smallest rung."""
    *larger, smallest = pictures
    parts = smallest.filter_multi_output("split", 2)
    seen = thumbnail.looked_at(parts[1], facts, facts.renditions[-1].name)
    return [*larger, parts[0]], ffmpeg.output(seen, "-", f="null", **limit)


def _referred_to(pictures: list[Any], chunk: Chunk) -> tuple[list[Any], list[Any]]:
    """The same pictures, and an output for each that writes its first frames as they are."""
    parts = [picture.filter_multi_output("split", 2) for picture in pictures]
    raw = [
        ffmpeg.output(likeness.first_frames(part[1]), f"{rendition.name}/{likeness.REFERENCE}", f="rawvideo")
        for part, rendition in zip(parts, chunk.renditions, strict=True)
    ]
    return [part[0] for part in parts], raw


def _x264(rendition: Rendition, rate: Fraction) -> dict[str, Any]:
    interval = keyframe_frames(rate)
    return {
        "c:v": "libx264",
        "preset": PRESET,
        "profile:v": "high",
        "crf": CRF,
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


def _output(stream: Any, folder: str, options: dict[str, Any], facts: Facts) -> Any:
    segments = {"hls_segment_filename": f"{folder}/{SEGMENT_FILES}", **_hls(facts.rate)}
    anonymous = {"map_metadata": -1, "map_chapters": -1}
    return ffmpeg.output(stream, f"{folder}/{PLAYLIST}", **{**anonymous, **segments, **options})


def _hls(rate: Fraction) -> dict[str, Any]:
    return {
        "f": "hls",
        "hls_time": _seconds(segment_s(rate)),
        "hls_list_size": 0,
        "hls_playlist_type": "event",
        "hls_flags": _HLS_FLAGS,
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT,
        # Otherwise the delay of B-frames and of the AAC encoder moves picture and sound apart by up to 80 ms.
        "avoid_negative_ts": "disabled",
    }


def _seconds(length: Fraction) -> str:
    # Rounded down: were it above the true length, the keyframe that should begin a segment would come too early.
    return f"{int(length * 1_000_000) / 1_000_000:.6f}"


def _decoding(chunk: Chunk, threads: int) -> int:
    """How many threads decode for so many that encode: more, as some always wait for others' frames.

    Two are all taken by the encoders of several rungs, and a second one to decode would only cost. But most of what a
    single rung takes is decoding.
    """
    several = len(chunk.renditions) > 1
    return 1 if threads == 1 or (threads == 2 and several) else min(_DECODING_AT_MOST, threads + _DECODING_MORE)


def _of_chunk(chunk: Chunk, threads: int) -> dict[str, Any]:
    # Stopped, ffmpeg would say that its playlist has ended, too: whoever shows segments as they come would believe it.
    unended = {"hls_flags": f"{_HLS_FLAGS}+omit_endlist"}
    return {
        **(unended if chunk.several else {"hls_time": _NEVER_S}),
        "threads": threads,
        "start_number": chunk.number,
        # Otherwise the decode times of every chunk would begin at zero.
        "hls_segment_options": "movflags=+frag_discont",
        # x264 signs its first frame, which each chunk has.
        "bsf:v": _WITHOUT_SEI,
    }
