"""The clips that are uploaded in `make bench`: made on the spot."""

import subprocess
from pathlib import Path

_PICTURE = "mandelbrot=s=1280x720:r=25,noise=alls=4:allf=t,format=yuv420p"
_X264 = ("-c:v", "libx264", "-preset", "veryfast")
# Keyframes where encoders put them by default: nobody can take it over as a rung.
_NATURAL = (*_X264, "-crf", "20")
_CONFORMANT = (*_X264, "-crf", "20", "-maxrate", "3000k", "-bufsize", "3000k", "-g", "50")
# An hour of it still goes through a form.
_SMALL = (*_X264, "-crf", "40", "-maxrate", "400k", "-bufsize", "400k")
_LOOP_S = 30


def clip(folder: Path, seconds: int, *, conformant: bool = False) -> Path:
    """A clip of so many seconds at 720p25, with sound; one that is conformant can be its own top rung."""
    return _made(folder / f"{seconds}-{conformant}.mp4", seconds, *(_CONFORMANT if conformant else _NATURAL))


def long_film(folder: Path, seconds: int) -> Path:
    """A film of so many seconds at 720p25, with sound: a short one over and over."""
    loop, film = _made(folder / "loop.mp4", _LOOP_S, *_SMALL), folder / "long.mp4"
    over_and_over = ("-stream_loop", "-1", "-i")
    # Each by itself: sound ends a little later than picture, which would be moved by that each time.
    for kind in ("v", "a"):
        _ffmpeg("-i", loop, "-map", f"0:{kind}", "-c", "copy", folder / f"{kind}.mp4")
    both = (*over_and_over, folder / "v.mp4", *over_and_over, folder / "a.mp4")
    _ffmpeg(*both, "-map", "0", "-map", "1", "-c", "copy", "-t", seconds, film)
    return film


def _made(target: Path, seconds: int, *coded: str) -> Path:
    picture = ("-f", "lavfi", "-i", f"{_PICTURE},trim=duration={seconds}")
    sound = ("-f", "lavfi", "-i", f"sine=d={seconds}:r=48000,volume=0.3")
    _ffmpeg(*picture, *sound, *coded, "-c:a", "aac", "-ac", "2", target)
    return target


def _ffmpeg(*words: object) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True, timeout=600)
