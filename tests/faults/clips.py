"""What is uploaded: small films, and a file that is none."""

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.encoding import AAC, X264, make, picture, tone

# Like what cameras and editors write: good enough to be its own top rung.
_CONFORMANT = ("-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Clip:
    """A file, and how long it plays; None for what can't be played."""

    path: Path
    duration_s: float | None


def make_clips(folder):
    """Each kind once: `short`, `chunks` of which there are a few, `long` enough to be killed amid, and `text`."""

    def clip(name, seconds, size, codec):
        return Clip(make(folder / f"{name}.mp4", *picture(seconds, size), *tone(seconds), *codec, *AAC), float(seconds))

    text = folder / "text.mp4"
    text.write_text("This is no film.\n" * 100)
    return {
        "short": clip("short", 2, "320x180", X264),
        "chunks": clip("chunks", 5, "320x180", X264),
        "long": clip("long", 12, "640x360", X264),
        "conformant": clip("conformant", 12, "640x360", _CONFORMANT),
        "text": Clip(text, None),
    }
