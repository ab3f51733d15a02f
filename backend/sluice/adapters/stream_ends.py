"""When picture and sound of a file really end, from its last packets: headers lie, and some have no durations."""

from collections import defaultdict

from ffmpeg._utils import convert_kwargs_to_cmd_line_args

from sluice.errors import Unavailable
from sluice.ladder import Source

from . import child
from .probe_argv import guards

# Muxing alone lets the two end this far apart; nobody sees a picture that ends so early.
_TOGETHER_S = 0.25
# Where to begin to read; ffprobe goes back from there to a keyframe.
_TAIL_S = 5.0
_WALL_S = 60
_LIMITS = child.Limits(memory_bytes=1 << 30, cpu_s=60)
_STDOUT_BYTES = 16 << 20


def hold_s(program: str, path: str, source: Source) -> float:
    """How long the last picture must be held for the sound to be heard to its end; 0 where it can't be told.

    Unavailable if the look itself was cut short."""
    if source.audio_index is None:
        return 0.0
    url = f"file:{path}"
    tail = f"{max(0.0, min(source.video_start_s, source.audio_start_s) + source.duration_s - _TAIL_S):.3f}%"
    shown = ["-show_entries", "packet=stream_index,pts_time,duration_time", "-of", "csv=p=0"]
    argv = [program, "-v", "error", *convert_kwargs_to_cmd_line_args(guards(url)), "-read_intervals", tail, *shown, url]
    finished = child.run(argv, _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=_STDOUT_BYTES)
    if finished.killed:
        raise Unavailable(f"{program} was killed; it will be run again")
    if finished.returncode != 0 or finished.overflowed:
        return 0.0
    return between(ends(finished.stdout.decode()), source)


def ends(packets: str) -> dict[int, float]:
    """When the last packet of each stream ends, by the stream's index."""
    latest: dict[int, float] = defaultdict(float)
    for line in packets.splitlines():
        index, time, length, *_ = [*line.split(","), "", ""]
        if index.isdigit() and _is_number(time):
            end = float(time) + (float(length) if _is_number(length) else 0.0)
            latest[int(index)] = max(latest[int(index)], end)
    return dict(latest)


def between(ends_s: dict[int, float], source: Source) -> float:
    """How much later the sound ends than the picture, if anybody could notice."""
    picture, sound = ends_s.get(source.video_index), ends_s.get(source.audio_index or 0)
    if picture is None or sound is None or source.audio_index is None:
        return 0.0
    return sound - picture if sound - picture > _TOGETHER_S else 0.0


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
