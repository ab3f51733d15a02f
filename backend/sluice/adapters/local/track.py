"""One rung, or the sound, as ffmpeg writes it: what of it is finished, and whether that is whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sluice import boxes, playlists
from sluice.layout import AUDIO, INIT, PLAYLIST

from .rests import with_rest

# How far the last sample may end from where the playlist ends: a packet of sound and a frame.
_END_S = 0.25
# A film's length is known by about so much before its end has come.
_NEAR_END_S = 1.0


class Broken(Exception):
    """What ffmpeg wrote is not whole."""


@dataclass
class Track:
    """The folders it is written to, one after another, and what of it is published so far.

    A short rest at the end becomes part of the segment before it, unless the track is `uncut`.
    """

    folder: str
    parts: Sequence[Path]
    film_s: float
    uncut: bool
    published: list[playlists.Segment] = field(default_factory=list)
    samples: int = 0
    _part: int = 0
    _of_part: int = 0
    _ticks: int = 0
    _timescale: int = 0
    _init: bytes = b""
    _version: tuple[int, ...] = ()
    _written: playlists.MediaPlaylist | None = None

    @property
    def ended(self) -> bool:
        """Whether all of it is published."""
        return self._part == len(self.parts)

    @property
    def length_s(self) -> float:
        """How much of it is published."""
        return sum(segment.duration_s for segment in self.published)

    @property
    def is_sound(self) -> bool:
        """Whether it is the sound."""
        return self.folder == AUDIO

    @property
    def begun(self) -> bool:
        """Whether there is a beginning of it."""
        return bool(self.published or self.fresh())

    @property
    def place(self) -> Path:
        """The folder that is read now."""
        return self.parts[self._part]

    def fresh(self) -> list[list[playlists.Segment]]:
        """What can be published next; not the last segment before it is known for the last: a short rest may follow."""
        written = None if self.ended else self._read()
        if written is None:
            return []
        fresh = written.segments[self._of_part :]
        length_s = self.length_s + sum(segment.duration_s for segment in fresh)
        near_end = written.ended or length_s > self.film_s - _NEAR_END_S
        if near_end and not self.uncut:
            return with_rest(fresh, ended=written.ended)
        return [[segment] for segment in fresh]

    def take_init(self) -> Path | None:
        """The init segment of what comes next, if it is not published yet; Broken if that needs a different one."""
        file, known = self.place / INIT, self._init
        if self._of_part:
            return None
        try:
            self._init = file.read_bytes()
            self._timescale = boxes.timescale(self._init)
        except (OSError, ValueError) as error:
            raise Broken(f"{file}: {error}") from error
        if known not in (b"", self._init):
            raise Broken(f"{file} differs from that of the segments before it")
        return None if known else file

    def require_next(self, file: Path) -> None:
        """Broken unless this segment is whole, begins where the last one ended, and can be played from its start."""
        try:
            fragments = boxes.fragments(file.read_bytes())
        except (OSError, ValueError) as error:
            raise Broken(f"{file}: {error}") from error
        late = fragments[0].start - self._ticks
        # Sound may drift from its packets by a tick at a time where gaps were filled; a picture in parts may not.
        if not fragments[0].starts_with_keyframe or late < 0 or (late > 0 and len(self.parts) > 1):
            raise Broken(f"{file} does not follow on the segment before it")
        self._ticks = fragments[-1].end
        self.samples += sum(fragment.samples for fragment in fragments)

    def note_published(self, segments: Sequence[playlists.Segment]) -> None:
        """These are one segment to viewers now."""
        self.published.append(playlists.Segment(segments[0].uri, sum(one.duration_s for one in segments)))
        self._of_part += len(segments)

    def turn(self) -> bool:
        """Go on in the next folder once all of this one is published; whether it was."""
        if self._written is None or not self._written.ended or self._of_part < len(self._written.segments):
            return False
        self._part, self._of_part, self._version = self._part + 1, 0, ()
        return True

    def require_end(self) -> None:
        """Broken unless it ends where its playlist says."""
        if abs(self._ticks / self._timescale - self.length_s) > _END_S:
            raise Broken(f"{self.folder} ends elsewhere than its playlist says")

    def _read(self) -> playlists.MediaPlaylist | None:
        """ffmpeg's own playlist, which it replaces as a whole; in a long film it is read only when it is new."""
        path = self.place / PLAYLIST
        try:
            stat = path.stat()
            version = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if version != self._version:
                self._version, self._written = version, playlists.parse(path.read_text())
        except (FileNotFoundError, ValueError):
            self._written = None
        return self._written
