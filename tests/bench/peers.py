"""What others do with the same film, by their settings and in our words: chains of commands, one after another each."""

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from sluice.adapters.cadence import segment_frames
from sluice.adapters.chunks import Chunk, cut, even, shares
from sluice.adapters.ffmpeg import CRF, PRESET, chunk_argv
from sluice.ladder import RUNGS, Order, Rendition
from sluice.playlists import AUDIO_BITRATE, SEGMENT_S

from .runs import Chain

# MediaCMS: its profiles, and what each aims at in kbit/s; it lets them spend half as much again.
_MEDIACMS_KBITS = {1080: 4500, 720: 2500, 480: 1000, 360: 500, 240: 300, 144: 150}
_MEDIACMS_KEYFRAMES_S = 4
# PeerTube: bits a pixel that it aims at, and those up to which it takes a film as it is.
_PEERTUBE_BITS = {1080: 0.10, 720: 0.11, 480: 0.12, 360: 0.15, 240: 0.17}
_PEERTUBE_AT_MOST = {1080: 0.17, 720: 0.19, 480: 0.22, 360: 0.26, 240: 0.29}
_PEERTUBE_AT_LEAST = 0.02
_PEERTUBE_OVER_SOURCE = 1.3

_CORES = os.cpu_count() or 1
_AAC = ("-c:a", "aac", "-b:a", str(AUDIO_BITRATE), "-ac", "2")


def mediacms(program: str, film: Path, order: Order, folder: Path) -> list[Chain]:
    """A process for each of its profiles, as many at once as there are cores; each is cut into HLS afterwards."""
    heights = [height for height in _MEDIACMS_KBITS if height <= _short(order)]
    return [_mediacms_profile(program, film, order, folder, height) for height in heights]


def _mediacms_profile(program: str, film: Path, order: Order, folder: Path, height: int) -> Chain:
    rate, most = order.facts.rate, f"{_MEDIACMS_KBITS[height] * 3 // 2}k"
    least, file = round(rate * _MEDIACMS_KEYFRAMES_S), folder / f"{height}.mp4"
    width, height = _size(order, height)
    encode = [
        *(*_begin(program, film), "-vf", f"scale={width}:{height}:flags=lanczos,fps={rate}", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "medium", "-profile:v", "main", "-level", "4.2", "-crf", "23"),
        *("-maxrate", most, "-bufsize", most, "-x264-params", f"keyint={2 * least}:keyint_min={least}"),
        *("-force_key_frames", f"expr:gte(t,n_forced*{_MEDIACMS_KEYFRAMES_S})", *_AAC, str(file)),
    ]
    return [encode, [*_begin(program, file), "-c", "copy", *_hls(folder / file.stem, "vod")]]


def peertube(program: str, film: Path, order: Order, folder: Path) -> list[Chain]:
    """The largest rung first, by copying where that will do; then the others from it, one by one, in one thread."""
    top, *others = [height for height in RUNGS if height <= _short(order)]
    web = folder / "web.mp4"
    first = ["-c", "copy"] if _peertube_copies(order, top) else _peertube_coded(order, top)
    commands = [
        [*_begin(program, film), *first, "-map_metadata", "-1", "-movflags", "faststart", str(web)],
        [*_begin(program, web), "-c", "copy", *_one_file_hls(folder / str(top))],
        *([*_begin(program, web), *_peertube_coded(order, one), *_one_file_hls(folder / str(one))] for one in others),
    ]
    return [commands]


def _peertube_copies(order: Order, height: int) -> bool:
    source = order.source
    most = _peertube_pixels(order, height) * _PEERTUBE_AT_MOST[height]
    return (source.video_codec, source.pixel_format) == ("h264", "yuv420p") and (source.bitrate or 0) <= most


def _peertube_coded(order: Order, height: int) -> list[str]:
    pixels = _peertube_pixels(order, height)
    enough = min(int(pixels * _PEERTUBE_BITS[height]), int((order.source.bitrate or 0) * _PEERTUBE_OVER_SOURCE))
    most = max(int(pixels * _PEERTUBE_AT_LEAST), enough)
    width, height = _size(order, height)
    return [
        *("-threads", "1", "-vf", f"scale={width}:{height}", "-pix_fmt", "yuv420p", "-r", str(order.facts.rate)),
        *("-c:v", "libx264", "-preset", "veryfast", "-b_strategy", "1", "-bf", "16"),
        *("-maxrate", str(most), "-bufsize", str(2 * most), "-g", str(round(order.facts.rate * 2))),
        *("-c:a", "aac", "-ac", "2"),
    ]


def _peertube_pixels(order: Order, height: int) -> float:
    width, height = _size(order, height)
    return float(width * height * order.facts.rate)


def one_per_rung(program: str, film: Path, order: Order, folder: Path) -> list[Chain]:
    """A process for each of our rungs with our settings, one after another, as tutorials have it."""
    commands = [
        *(
            [
                *(*_begin(program, film), "-vf", f"scale={rung.width}:{rung.height}"),
                *(*_x264(rung, order.facts.rate), *_AAC, *_hls(folder / rung.name, "vod")),
            ]
            for rung in order.facts.renditions
        )
    ]
    return [commands]


def first_look(program: str, film: Path, order: Order, folder: Path) -> list[Chain]:
    """The process of our own first look, on all cores and without anything around it: none can come sooner."""
    return [[_chunk(program, film, order, _chunks(order)[0], folder, threads=_CORES)]]


def chunks_alone(program: str, film: Path, order: Order, folder: Path) -> list[Chain]:
    """The processes of our own, one after another in one thread each: what cutting costs, but nothing for haste."""
    chunks = [_chunk(program, film, order, one, folder / one.name, threads=1) for one in _chunks(order)]
    return [[*chunks, *([_sound(program, film)] if order.facts.has_audio else [])]]


def _chunks(order: Order) -> Sequence[Chunk]:
    length = segment_frames(order.facts.rate)
    starts = even(order, length)
    return cut(order.facts.renditions, starts, length, shares(starts, _CORES, order.source.keyframes))


def _chunk(program: str, film: Path, order: Order, chunk: Chunk, folder: Path, *, threads: int) -> list[str]:
    for name in chunk.names:
        (folder / name).mkdir(parents=True)
    argv = chunk_argv(program, str(film.absolute()), order, chunk, threads=threads)
    # It writes where it is started, and tells of its progress.
    return ["sh", "-c", 'cd "$0" && exec "$@" >progress', str(folder), *argv]


def limit(program: str, parts: Sequence[Path], film: Path, order: Order) -> list[Chain]:
    """The least there is to do: decode once, scale in a cascade, x264 in one thread for each rung; and one sound.

    Parts of the film, cut at keyframes, so that all cores are as busy as they are with us, and nothing is done twice.
    """
    sound = [[_sound(program, film)]] if order.facts.has_audio else []
    return [*([_limit_of_part(program, part, order)] for part in parts), *sound]


def _sound(program: str, film: Path) -> list[str]:
    return [*_begin(program, film), "-vn", *_AAC, "-f", "null", "-"]


def _limit_of_part(program: str, part: Path, order: Order) -> list[str]:
    rungs = order.facts.renditions
    argv = [program, "-nostdin", "-v", "error", "-threads", "1", "-i", str(part), "-filter_complex_threads", "1"]
    argv += ["-filter_complex", _cascade(rungs)]
    for rung in rungs:
        argv += ["-map", f"[{rung.name}]", *_x264(rung, order.facts.rate), "-threads", "1", "-f", "null", "-"]
    return argv


def _cascade(rungs: Sequence[Rendition]) -> str:
    steps, taken = [], "0:v:0"
    for rung, smaller in zip(rungs, [*rungs[1:], None], strict=True):
        scaled = f"[{taken}]scale={rung.width}:{rung.height}:flags=lanczos,format=yuv420p"
        taken = f"over{rung.name}"
        steps.append(f"{scaled},split[{rung.name}][{taken}]" if smaller else f"{scaled}[{rung.name}]")
    return ";".join(steps)


# --- what they have in common -----------------------------------------------------------------------------------


def _begin(program: str, film: Path) -> list[str]:
    return [program, "-nostdin", "-v", "error", "-y", "-i", str(film)]


def _x264(rung: Rendition, rate: Fraction) -> list[str]:
    """As we encode a rung, in all that its bytes and its looks hang on."""
    interval = str(round(rate * 2))
    return [
        *("-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-maxrate", str(rung.max_bitrate), "-bufsize", str(2 * rung.max_bitrate)),
        *("-g", interval, "-keyint_min", interval, "-sc_threshold", "0"),
    ]


def _hls(folder: Path, kind: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    segments = ("-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4")
    named = ("-hls_segment_filename", f"{folder}/%05d.m4s", f"{folder}/index.m3u8")
    return ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", kind, *segments, *named]


def _one_file_hls(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    one = ("-hls_segment_type", "fmp4", "-hls_flags", "single_file", "-hls_segment_filename", f"{folder}/film.mp4")
    return ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", *one, f"{folder}/index.m3u8"]


def _short(order: Order) -> int:
    return min(order.facts.width, order.facts.height)


def _size(order: Order, short: int) -> tuple[int, int]:
    """The film's size with this shorter side, even."""
    scale = Fraction(short, _short(order))
    return 2 * round(order.facts.width * scale / 2), 2 * round(order.facts.height * scale / 2)
