"""Whether ffmpeg and ffprobe can be run here, and do what encodes ask of them."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sluice.errors import Unavailable, Unplayable
from sluice.settings import Settings

from .child import Finished, Limits, ToolUnusable, run
from .ffprobe import Ffprobe

_VERSION_LIMITS = Limits(memory_bytes=1 << 30, cpu_s=5)
_VERSION_WALL_S = 5.0
_FILM_LIMITS = Limits(memory_bytes=3 << 30, cpu_s=20, file_bytes=1 << 20)
_FILM_WALL_S = 60.0
_OUTPUT_BYTES = 1 << 16
_FILM = "film.mp4"


@dataclass(frozen=True)
class Fault:
    """What `tool`, ffmpeg or ffprobe, can't do here."""

    tool: str
    words: str


def answers(tool: str) -> bool:
    """Whether it tells its version; one that was cut short while it began to may be a good one."""
    argv = [tool, "-version"]
    try:
        ended = run(argv, _VERSION_LIMITS, wall_s=_VERSION_WALL_S, stdout_cap_bytes=_OUTPUT_BYTES, folder=Path("/"))
    except ToolUnusable:
        return False
    return ended.returncode == 0 or ended.timed_out or ended.killed


def fault(settings: Settings) -> Fault | None:
    """What is wrong, seen at a film of a few frames, made and looked into as all are; None where nothing is."""
    work = settings.data / "work"
    there = next(path for path in (work, *work.parents) if path.exists())
    # A disk that can't be written to is told of elsewhere.
    with suppress(OSError), TemporaryDirectory(dir=there, prefix="trial-") as folder:
        film = Path(folder) / _FILM
        return _fault_of_ffmpeg(settings.ffmpeg, film) or _fault_of_ffprobe(settings, film)
    return None


def film_argv(ffmpeg: str) -> list[str]:
    """Make a film of five frames with what every encode needs."""
    quietly = ["-v", "error", "-nostdin", "-filter_threads", "1"]
    # Inputs, though filters alone would do: who wraps ffmpeg may put options of an input before ours.
    made = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=0.2", "-f", "lavfi", "-i", "sine=r=48000:d=0.2"]
    picture = ["-c:v", "libx264", "-threads", "1", "-pix_fmt", "yuv420p"]
    return [ffmpeg, *quietly, *made, *picture, "-c:a", "aac", _FILM]


def _fault_of_ffmpeg(ffmpeg: str, film: Path) -> Fault | None:
    argv = film_argv(ffmpeg)
    try:
        ended = run(argv, _FILM_LIMITS, wall_s=_FILM_WALL_S, stdout_cap_bytes=_OUTPUT_BYTES, folder=film.parent)
    except ToolUnusable as error:
        return Fault("ffmpeg", error.trouble)
    if _is_well(ended, film) or ended.killed or os.strerror(errno.ENOSPC) in ended.stderr:
        return None
    return Fault("ffmpeg", f"{ffmpeg} can't encode ({_last_words(ended)})")


def _is_well(ended: Finished, film: Path) -> bool:
    return ended.returncode == 0 and film.exists()


def _last_words(ended: Finished) -> str:
    said = ended.stderr.strip().splitlines()
    return said[-1] if said else f"exit code {ended.returncode}"


def _fault_of_ffprobe(settings: Settings, film: Path) -> Fault | None:
    if not film.exists():
        return None
    try:
        Ffprobe(settings)(str(film))
    except ToolUnusable as error:
        return Fault("ffprobe", error.trouble)
    except Unavailable:
        return None
    except (Unplayable, ValueError):
        return Fault("ffprobe", f"{settings.ffprobe} can't read what {settings.ffmpeg} has encoded")
    return None
