"""Whether ffmpeg and ffprobe can be run here."""

from pathlib import Path

from .child import Limits, ToolUnusable, run

_LIMITS = Limits(memory_bytes=1 << 30, cpu_s=5)
_WALL_S = 5.0
_VERSION_BYTES = 1 << 16


def answers(tool: str) -> bool:
    """Whether it tells its version; one that was cut short while it began to may be a good one."""
    try:
        ended = run([tool, "-version"], _LIMITS, wall_s=_WALL_S, stdout_cap_bytes=_VERSION_BYTES, folder=Path("/"))
    except ToolUnusable:
        return False
    return ended.returncode == 0 or ended.timed_out or ended.killed
