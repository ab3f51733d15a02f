"""What is uploaded: small films, and a file that is none."""

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.encoding import AAC, X264, make, picture, tone


@dataclass(frozen=True)
class Clip:
    """A file, and how long it plays; None for what can't be played."""

    path: Path
    duration_s: float | None


def make_clips(folder):
    """Each kind once: `short`, `chunks` of which there are a few, `long` enough to be killed amid, and `text`."""
    chunks = make(folder / "chunks.mp4", *picture(5, "320x180"), *tone(5), *X264, *AAC)
    short = make(folder / "short.mp4", *picture(2, "320x180"), *tone(2), *X264, *AAC)
    long = make(folder / "long.mp4", *picture(12, "640x360"), *tone(12), *X264, *AAC)
    text = folder / "text.mp4"
    text.write_text("This is no film.\n" * 100)
    return {"short": Clip(short, 2.0), "chunks": Clip(chunks, 5.0), "long": Clip(long, 12.0), "text": Clip(text, None)}
