"""How much of the picture an encoder has kept: the SSIM of a few frames against what it was given of the source."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sluice.ladder import Rendition
from sluice.layout import INIT

from . import child

# Beside the segments of a rung: these frames as they came from the source, and what they are like once encoded.
REFERENCE = "reference.yuv"
_ENCODED = "encoded.mp4"
_FOUND = "ssim"

# They take some room while they are there.
_FRAMES = 3
_LIMITS = child.Limits(memory_bytes=6 << 30, cpu_s=120, file_bytes=1 << 20, niceness=14)
_WALL_S = 120
_ALL = re.compile(r" All:([0-9.]+)")


def first_frames(picture: Any) -> Any:
    """Those that will be compared."""
    return picture.filter("trim", end_frame=_FRAMES)


def ssim_argv(program: str, rungs: Sequence[Rendition]) -> list[str]:
    """Compare encoded frames with their reference, in the folder of each rung, and write down there what is found."""
    inputs, graph, maps = [], [], []
    # What was written raw bears no tags, and must not be converted for those of the other.
    counted = f"trim=end_frame={_FRAMES},settb=1/25,setpts=N,setparams=range=tv:colorspace=bt709"
    for place, rung in enumerate(rungs):
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{rung.width}x{rung.height}"]
        inputs += ["-threads", "1", "-i", f"file:{rung.name}/{_ENCODED}", *raw, "-i", f"file:{rung.name}/{REFERENCE}"]
        graph += [f"[{2 * place}:0]{counted}[e{place}]", f"[{2 * place + 1}:0]{counted}[r{place}]"]
        graph += [f"[e{place}][r{place}]ssim=stats_file={rung.name}/{_FOUND}[s{place}]"]
        maps += ["-map", f"[s{place}]", "-f", "null", "-"]
    quietly = ["-nostdin", "-hide_banner", "-v", "error", "-filter_complex_threads", "1"]
    return [program, *quietly, *inputs, "-filter_complex", ";".join(graph), *maps]


def compare(program: str, folder: Path, rungs: Sequence[Rendition], segment: str) -> None:
    """Find out how like its reference, which then goes, this segment of each rung is, where that can be told."""
    rung_folders = [folder / rung.name for rung in rungs]
    for one in rung_folders:
        (one / _ENCODED).write_bytes((one / INIT).read_bytes() + (one / segment).read_bytes())
    ended = child.run(ssim_argv(program, rungs), _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=1 << 16, folder=folder)
    left = (REFERENCE, _ENCODED) if ended.returncode == 0 else (REFERENCE, _ENCODED, _FOUND)
    for one in rung_folders:
        for name in left:
            (one / name).unlink(missing_ok=True)


def found(rung_folder: Path) -> float | None:
    """The mean of what was found for each frame; None where it could not be told."""
    try:
        values = [float(value) for value in _ALL.findall((rung_folder / _FOUND).read_text())]
    except OSError:
        return None
    return round(sum(values) / len(values), 4) if values else None
