"""The picture that stands for a video: taken from what was encoded, and not black where the film is not."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from ffmpeg._utils import convert_kwargs_to_cmd_line_args

from sluice.ladder import Facts

from . import child
from .cadence import keyframe_frames
from .probe_argv import guards

# What is found while a rung is encoded lies beside its segments, by this name.
LOOKS = "looks"

_LIMITS = child.Limits(memory_bytes=4 << 30, cpu_s=120, file_bytes=16 << 20)
_WALL_S = 120
_FRAME = re.compile(r"^lavfi\.signalstats\.(YLOW|YAVG|YHIGH)=([0-9.]+)", re.MULTILINE)
# Even a short film has so many frames to choose among.
_FEWEST = 20
_AHEAD_S = 360_000
# Brighter than this is bright enough; from there on contrast decides.
_BRIGHT = 70.0


def spacing(facts: Facts) -> int:
    """How many frames lie between two that are looked at."""
    return max(1, min(keyframe_frames(facts.rate), round(facts.duration_s * facts.rate) // _FEWEST))


def looked_at(picture: Any, facts: Facts, folder: str) -> Any:
    """The frames to choose among, of which a file in the folder tells how bright they and their parts are."""
    chosen = picture.filter("select", f"not(mod(n,{spacing(facts)}))").filter("signalstats")
    told = chosen.filter("metadata", mode="print", file=f"{folder}/{LOOKS}")
    # ffmpeg asks first for what is furthest behind. Were it these few frames, all that comes between would pile up.
    return told.filter("setpts", f"PTS+{_AHEAD_S}/TB")


def scores(printed: str) -> list[float]:
    """How well each of these frames would stand for the video, in order."""
    values = [float(match[2]) for match in _FRAME.finditer(printed)]
    frames = zip(values[::3], values[1::3], values[2::3], strict=False)
    return [min(average, _BRIGHT) * 2 + (high - low) for low, average, high in frames]


def extract_argv(program: str, segment: str, at: Fraction, target: str) -> list[str]:
    """Write the frame of a segment that is shown at this time after its beginning as a JPEG."""
    url = f"file:{segment}"
    # Rounded down: a frame that begins before the time that is sought is left out.
    sought = ["-threads", "1", "-ss", f"{int(at * 1_000_000) / 1_000_000:.6f}"]
    opened = [*sought, *convert_kwargs_to_cmd_line_args(guards(url)), "-i", url, "-an"]
    quietly = ["-nostdin", "-hide_banner", "-v", "error"]
    # There is one matrix for all JPEGs.
    opened += ["-vf", "scale=out_color_matrix=bt601:out_range=pc"]
    return [program, *quietly, *opened, "-frames:v", "1", "-q:v", "4", "-f", "image2", "-update", "1", "-y", target]


def extract(program: str, segment: Path, at: Fraction, target: Path) -> bool:
    """Whether the frame at this time could be written as a JPEG."""
    argv = extract_argv(program, str(segment.absolute()), at, target.name)
    finished = child.run(argv, _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=1 << 16, folder=target.parent)
    return finished.returncode == 0 and target.exists() and target.stat().st_size > 0
