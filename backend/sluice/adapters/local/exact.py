"""Whether a chunk came out as its place in the film asks."""

from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from sluice import boxes, playlists
from sluice.adapters.chunks import Chunk
from sluice.layout import INIT, PLAYLIST

from .durable import disk
from .process import Unsuited


def require_exact(chunk: Chunk, folder: Path, rate: Fraction, *, open_end: bool) -> None:
    """Raise Unsuited unless each segment begins at its time to the tick and, but for an open end, has its frames."""
    try:
        written = playlists.parse((folder / PLAYLIST).read_text())
        scale = boxes.timescale((folder / INIT).read_bytes())
        segments = [boxes.fragments((folder / one.uri).read_bytes()) for one in written.segments]
    except (OSError, ValueError) as error:
        raise Unsuited(f"{chunk.name}: {error}") from error
    lengths = [sum(fragment.samples for fragment in fragments) for fragments in segments]
    starts = [fragments[0].start for fragments in segments]
    # What is left in the end can be a little less than a segment, or more: that is one more.
    places = [*accumulate(chunk.lengths, initial=chunk.start)][: len(starts)]
    exact = starts == [place * scale / rate for place in places]
    as_many = len(starts) >= len(chunk.lengths) if open_end else lengths == [*chunk.lengths]
    if not exact or not as_many:
        raise Unsuited(f"{chunk.name} has {lengths} frames from {starts} on")


def mark_ended(playlist: Path) -> None:
    """Have it say, from one moment to the next, that it has ended."""
    ended = playlist.with_suffix(".ended")
    with disk():
        ended.write_text(f"{playlist.read_text()}#EXT-X-ENDLIST\n")
        ended.rename(playlist)
