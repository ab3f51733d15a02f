"""What cutting a film into chunks costs its looks and its bytes, beside one process with the same settings."""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sluice.ladder import Order, Rendition
from sluice.layout import PLAYLIST
from sluice.settings import load

from . import films, ours
from .table import Row, at_most, loses
from .turns import ROUNDS

# A program that has libvmaf, which few systems' own do.
MEASURING = "packages/imageio_ffmpeg/binaries/ffmpeg-*"
SECONDS = 20
_EVERY = 3
# Where there is no VMAF, a point is a thousandth of SSIM, which is stricter: on our film, a point of VMAF is about two.
_VMAF, _SSIM = "VMAF", "x 0.001 SSIM"
_SCORES = {_VMAF: re.compile(r"VMAF score: ([0-9.]+)"), _SSIM: re.compile(r"SSIM .*All:([0-9.]+)")}


def quality() -> Iterator[Row]:
    """Each rung of the natural film, from its first frame through a few cuts; and all bytes."""
    film = films.film(films.NATURAL)
    order, (program, unit) = ours.order_of(film), _measure()
    take = partial(_figures, program, unit, film, order)
    # How many threads a chunk is encoded in, which its bytes hang on, is another matter each time.
    rounds = [(take(whole=False), take(whole=True)) for _ in range(ROUNDS)]
    (*cut, cut_mb), (*one, one_mb) = (map(median, zip(*taken, strict=True)) for taken in zip(*rounds, strict=True))
    for rung, mine, theirs in zip(order.facts.renditions, cut, one, strict=True):
        goal = loses(0.5 if rung is order.facts.renditions[0] else 1)
        yield Row(f"{rung.name}p: quality", mine, "one process", theirs, goal, unit)
    yield Row(f"{films.label(order)}: segments", cut_mb, "one process", one_mb, at_most(1.02), "MB")


def _figures(program: str, unit: str, film: Path, order: Order, *, whole: bool) -> list[float]:
    """What one encode comes to: how like the film each rung is, and the megabytes of all."""
    films.CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=films.CACHE) as folder:
        ours.encode(film, Path(folder), whole=whole)
        scores = [_score(program, unit, film, order, rung, Path(folder)) for rung in order.facts.renditions]
        return [*scores, _megabytes(ours.media_of(Path(folder)))]


def _measure() -> tuple[str, str]:
    """The program to measure with, and what it tells: VMAF where any has it."""
    programs = [load().ffmpeg, *map(str, films.CACHE.glob(MEASURING))]
    return next(((one, _VMAF) for one in programs if _has_vmaf(one)), (programs[0], _SSIM))


def _has_vmaf(program: str) -> bool:
    listed = subprocess.run([program, "-v", "quiet", "-filters"], capture_output=True, text=True, timeout=30)
    return " libvmaf " in listed.stdout


def _score(program: str, unit: str, film: Path, order: Order, rung: Rendition, folder: Path) -> float:
    """How like the film this rung is once it fills the same screen."""
    playlist = ours.media_of(folder) / rung.name / PLAYLIST
    argv = score_argv(program, unit, order, playlist, film)
    told = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300).stderr
    score = float(_SCORES[unit].findall(told)[-1])
    return score if unit == _VMAF else 1000 * score


def score_argv(program: str, unit: str, order: Order, playlist: Path, film: Path) -> list[str]:
    """Compare the playlist's frames with the film's, by their numbers."""
    rate, size = order.facts.rate, f"{order.facts.width}:{order.facts.height}"
    counted = f"trim=end_frame={int(SECONDS * rate)},settb=1/({rate}),setpts=N"
    shown = f"scale={size}:flags=bicubic,setsar=1,format=yuv420p"
    compared = f"libvmaf=n_threads={os.cpu_count() or 1}:n_subsample={_EVERY}" if unit == _VMAF else "ssim"
    graph = f"[0:v]{counted},{shown}[a];[1:v:0]fps={rate}:start_time=0,{counted},{shown}[b];[a][b]{compared}"
    words = [program, "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-i", str(playlist), "-i", str(film)]
    return [*words, "-filter_complex", graph, "-f", "null", "-"]


def _megabytes(folder: Path) -> float:
    return sum(segment.stat().st_size for segment in folder.rglob("*.m4s")) / 1e6
