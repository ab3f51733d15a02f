"""No segment is a sliver: a short rest at a film's end becomes part of the segment before it."""

from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from sluice.adapters.cadence import REST_S
from sluice.playlists import Segment


def with_rest(segments: Sequence[Segment], *, ended: bool) -> list[list[Segment]]:
    """What is known to be one segment each: the last one not before the end, for a short rest belongs to it."""
    fresh = [[segment] for segment in segments]
    short = bool(fresh) and fresh[-1][0].duration_s < REST_S
    if not ended:
        # The rest may be listed a moment before the end is.
        return fresh[: -2 if short else -1]
    if len(fresh) > 1 and short:
        rest = fresh.pop()
        fresh[-1] += rest
    return fresh


def joined(files: Sequence[Path]) -> Path:
    """A file with what is in these, one after another."""
    if len(files) == 1:
        return files[0]
    # Another attempt may have joined and published the same: nobody writes to that.
    whole = files[0].with_suffix(f".{token_hex(4)}.joined")
    whole.write_bytes(b"".join(file.read_bytes() for file in files))
    return whole
