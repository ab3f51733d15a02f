"""The picture that stands for a video: taken from what was encoded, and not black where the film is not."""

import re
from dataclasses import dataclass
from pathlib import Path

from ffmpeg._utils import convert_kwargs_to_cmd_line_args

from . import child
from .ffprobe import guards

_LIMITS = child.Limits(memory_bytes=4 << 30, cpu_s=120, file_bytes=16 << 20)
_WALL_S = 120
_STDOUT_BYTES = 4 << 20
_FRAME = re.compile(r"^lavfi\.signalstats\.(YLOW|YAVG|YHIGH)=([0-9.]+)", re.MULTILINE)
# Frames that follow one another are too much alike for each to be worth a look.
_EVERY = 5
# Brighter than this is bright enough; from there on contrast decides.
_BRIGHT = 70.0


@dataclass(frozen=True)
class Look:
    """The best frame of a segment, by its number, and how well it would stand for the video."""

    score: float
    frame: int


def measure_argv(program: str, segment: str) -> list[str]:
    """Print how bright every fifth frame of a segment is, and how dark and bright its parts are at most."""
    shown = f"select=not(mod(n\\,{_EVERY})),signalstats,metadata=mode=print:file=-"
    return [*_start(program, segment), "-vf", shown, "-f", "null", "-"]


def extract_argv(program: str, segment: str, frame: int, target: str) -> list[str]:
    """Write one frame of a segment as a JPEG."""
    picked = ["-vf", f"select=eq(n\\,{frame})", "-frames:v", "1", "-q:v", "4"]
    return [*_start(program, segment), *picked, "-f", "image2", "-update", "1", "-y", target]


def scores(printed: str) -> list[float]:
    """How well each of these frames would stand for the video, in order."""
    values = [float(match[2]) for match in _FRAME.finditer(printed)]
    frames = zip(values[::3], values[1::3], values[2::3], strict=False)
    return [min(average, _BRIGHT) * 2 + (high - low) for low, average, high in frames]


def best_frame(program: str, segment: Path) -> Look:
    """The best of a segment's frames that were looked at; the first one if they can't be measured."""
    finished = child.run(measure_argv(program, str(segment)), _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=_STDOUT_BYTES)
    found = scores(finished.stdout.decode("utf-8", "replace")) or [0.0]
    return Look(max(found), _EVERY * found.index(max(found)))


def extract(program: str, segment: Path, frame: int, target: Path) -> bool:
    """Whether this frame could be written as a JPEG."""
    argv = extract_argv(program, str(segment.absolute()), frame, target.name)
    finished = child.run(argv, _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=1 << 16, folder=target.parent)
    return finished.returncode == 0 and target.exists() and target.stat().st_size > 0


def _start(program: str, segment: str) -> list[str]:
    url = f"file:{segment}"
    guarded = convert_kwargs_to_cmd_line_args(guards(url))
    return [program, "-nostdin", "-hide_banner", "-v", "error", *guarded, "-i", url, "-an"]
