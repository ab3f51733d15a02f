"""How much of the picture an encode has kept: the SSIM of a few frames of each rung against the source at that size."""

import re
from collections.abc import Mapping
from pathlib import Path

from ffmpeg._utils import convert_kwargs_to_cmd_line_args

from sluice.ladder import Order

from . import child, filters
from .entrance import lead_s
from .ffprobe import guards

_FRAMES = 24
_LIMITS = child.Limits(memory_bytes=6 << 30, cpu_s=120, file_bytes=1 << 20, niceness=14)
_WALL_S = 120
_ALL = re.compile(r" All:([0-9.]+)")


def ssim_argv(program: str, source: str, order: Order, first: int, segments: Mapping[str, Path]) -> list[str]:
    """Compare a segment from its first frame on, in one file for each rung, with the source.

    What is found for each frame is written to a file named after its rung, in the folder this runs in.
    """
    url, rate = f"file:{source}", order.facts.rate
    start, lead = first / rate, lead_s(rate, first)
    entered = {"ss": f"{float(start - lead):.6f}"} if lead else {}
    options = {**guards(url), **filters.on_grid(order.source, rate), **entered, "t": f"{float(lead + 2):.6f}"}
    inputs = ["-threads", "1", *convert_kwargs_to_cmd_line_args(options), "-i", url]
    for segment in segments.values():
        inputs += ["-threads", "1", "-i", f"file:{segment}"]
    graph = _graph(order, f"fps=fps={rate}:start_time={float(start):.6f}")
    maps = [word for place in range(len(segments)) for word in ("-map", f"[s{place}]", "-f", "null", "-")]
    quietly = ["-nostdin", "-hide_banner", "-v", "error", "-copyts", "-start_at_zero", "-filter_complex_threads", "1"]
    return [program, *quietly, *inputs, "-filter_complex", graph, *maps]


def _graph(order: Order, paced: str) -> str:
    rungs, rate = order.facts.renditions, order.facts.rate
    counted = f"trim=end_frame={_FRAMES},settb=1/({rate}),setpts=N"
    parts = [f"[0:{order.source.video_index}]{paced},{counted},split={len(rungs)}"]
    parts[0] += "".join(f"[p{place}]" for place in range(len(rungs)))
    for place, rung in enumerate(rungs):
        scaled = f"scale={rung.width}:{rung.height}:flags=lanczos:out_range=tv,setsar=1,format=yuv420p"
        parts.append(f"[p{place}]{scaled}[r{place}]")
        parts.append(f"[{place + 1}:0]{counted}[d{place}]")
        parts.append(f"[d{place}][r{place}]ssim=stats_file={rung.name}.ssim[s{place}]")
    return ";".join(parts)


def ssim(
    program: str, source: str, order: Order, first: int, segments: Mapping[str, Path], folder: Path
) -> dict[str, float]:
    """The mean SSIM of each rung by its name; empty where it can't be told."""
    argv = ssim_argv(program, source, order, first, segments)
    ended = child.run(argv, _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=1 << 16, folder=folder)
    if ended.returncode != 0:
        return {}
    return {name: read(file.read_text()) for name in segments if (file := folder / f"{name}.ssim").exists()}


def read(lines: str) -> float:
    """The mean of what was found for each frame."""
    values = [float(found) for found in _ALL.findall(lines)]
    return round(sum(values) / len(values), 4) if values else 0.0
