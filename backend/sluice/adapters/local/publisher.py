"""Puts what ffmpeg has finished where viewers find it, in an order that is always playable."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from sluice import boxes, playlists
from sluice.adapters.cadence import segment_s
from sluice.errors import NotFound
from sluice.ladder import Facts, Order
from sluice.layout import AUDIO, INIT, MASTER, PLAYLIST, media_key

from .durable import disk
from .rests import joined, with_rest

# After a crash a whole film may lie there; its viewers need not wait for the last of it.
_AT_ONCE = 8
# How far the last sample may end from where the playlist ends: a packet of sound and a frame.
_END_S = 0.25
# A film's length is known by about so much before its end has come.
_NEAR_END_S = 1.0


class Media(Protocol):
    """What publishing needs of the media bucket; every call is durable when it returns."""

    def publish(self, source: Path, key: str) -> None:
        """Make a finished file the object of this key, in one step."""

    def share(self, source: Path, key: str) -> None:
        """Make a finished file, which nobody writes to any more, the object of this key as well."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write or replace a small object."""

    def read(self, key: str, *, max_bytes: int = 4 << 20) -> bytes:
        """The whole of a small object. NotFound where there is none."""

    def path(self, key: str) -> Path:
        """Where this key's file lies."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every key below the prefix and its size."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below the prefix."""


class Broken(Exception):
    """What ffmpeg wrote is not whole."""


@dataclass
class _Track:
    """One rung, or the sound: the folders it is written to, one after another, and what of it is published so far."""

    folder: str
    parts: Sequence[Path]
    part: int = 0
    of_part: int = 0
    published: list[playlists.Segment] = field(default_factory=list)
    ticks: int = 0
    samples: int = 0
    timescale: int = 0
    init: bytes = b""
    version: tuple[int, ...] = ()
    written: playlists.MediaPlaylist | None = None

    @property
    def ended(self) -> bool:
        """Whether all of it is published."""
        return self.part == len(self.parts)


class Publisher:
    """Publishes one attempt of one order, segment by segment as they get finished; what it publishes, it leaves there.

    `parts` says for each track to which folders it is written, in the order of time. With `first`, the video is
    playable when these tracks have begun, and the others join them; else when all have. Segments may be longer than
    usual by `longer_s`. A short rest at the end becomes part of the segment before it, but in the `uncut` track.
    """

    def __init__(
        self,
        order: Order,
        parts: Mapping[str, Sequence[Path]],
        media: Media,
        first: Collection[str] = (),
        longer_s: float = 0.0,
        uncut: str | None = None,
    ) -> None:
        self.playable = False
        self._uncut = uncut
        self._order = order
        self._media = media
        self._sizes: dict[str, int] = {}
        self._tracks = [_Track(name, parts[name]) for name in playlists.folders(order.facts)]
        self._first = first or playlists.folders(order.facts)
        self._shown: list[str] = []
        self._target_s = playlists.target_s(float(segment_s(order.facts.rate)) + longer_s)

    def advance(self) -> bool:
        """Publish what was finished, nothing before the first tracks have begun; whether anything was published.

        A playlist never names what is not there yet. Broken if a finished segment is not whole.
        """
        first = [track for track in self._tracks if track.folder in self._first]
        if not self.playable and not all(self._has_begun(track) for track in first):
            return False
        grown = [track for track in self._tracks if self._publish_finished(track)]
        for track in grown:
            self._put_playlist(track.folder, self._playlist(track, ended=False))
        shown = [track.folder for track in self._tracks if track.published]
        if shown != self._shown:
            self._put(MASTER, playlists.master(playlists.with_codecs(self._facts_of(shown), self._read)))
            self.playable, self._shown = True, shown
        return bool(grown)

    def finish(self) -> None:
        """Publish the rest, and end the playlists once all of it was found whole; Broken or Unplayable if it is not."""
        while self.advance():
            pass
        if not all(track.ended and track.published for track in self._tracks):
            raise Broken("ffmpeg did not end every playlist")
        self._require_whole()
        ended = {track.folder: self._playlist(track, ended=True) for track in self._tracks}
        texts = {f"{folder}/{PLAYLIST}": playlists.write(playlist).encode() for folder, playlist in ended.items()}
        playlists.measure(self._order.facts, lambda path: texts.get(path) or self._read(path), self._sizes)
        for folder, playlist in ended.items():
            self._put_playlist(folder, playlist)

    def segment(self, folder: str, number: int) -> bytes:
        """A published segment with its init segment before it: a file that can be decoded by itself."""
        files = (INIT, self._tracks[0].published[number].uri)
        return b"".join(self._media.path(self._key(f"{folder}/{name}")).read_bytes() for name in files)

    def bytes_of(self, folder: str) -> int:
        """How much of a track is published."""
        return sum(size for path, size in self._sizes.items() if path.startswith(f"{folder}/"))

    @property
    def segments(self) -> int:
        """How many segments of every rung are published."""
        return min(len(track.published) for track in self._tracks if track.folder != AUDIO)

    @property
    def lengths_s(self) -> list[float]:
        """How long each of these is."""
        return [segment.duration_s for segment in self._tracks[0].published[: self.segments]]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _facts_of(self, shown: Collection[str]) -> Facts:
        """The facts with no more rungs than these."""
        facts = self._order.facts
        return replace(facts, renditions=tuple(one for one in facts.renditions if one.name in shown))

    def _written(self, track: _Track) -> playlists.MediaPlaylist | None:
        """ffmpeg's own playlist, which it replaces as a whole; in a long film it is read only when it is new."""
        path = track.parts[track.part] / PLAYLIST
        try:
            stat = path.stat()
            version = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if version != track.version:
                track.version, track.written = version, playlists.parse(path.read_text())
        except (FileNotFoundError, ValueError):
            track.written = None
        return track.written

    def _has_begun(self, track: _Track) -> bool:
        written = None if track.ended else self._written(track)
        return bool(track.published) or (written is not None and bool(self._fresh(track, written)))

    def _fresh(self, track: _Track, written: playlists.MediaPlaylist) -> list[list[playlists.Segment]]:
        """What can be published next; not the last segment before it is known for the last: a short rest may follow."""
        fresh = written.segments[track.of_part :]
        length_s = sum(segment.duration_s for segment in (*track.published, *fresh))
        near_end = written.ended or length_s > self._order.facts.duration_s - _NEAR_END_S
        if near_end and track.folder != self._uncut:
            return with_rest(fresh, ended=written.ended)
        return [[segment] for segment in fresh]

    def _publish_finished(self, track: _Track) -> bool:
        """Publish some of the segments that ffmpeg itself lists: it does so after it has closed and renamed them."""
        # Nothing that is not needed for a first look goes before it.
        left = most = _AT_ONCE if self.playable else 1
        while left and not track.ended and (written := self._written(track)) is not None:
            fresh = self._fresh(track, written)[:left]
            for segments in fresh:
                self._publish_segment(track, segments)
            left -= len(fresh)
            if not written.ended or track.of_part < len(written.segments):
                break
            track.part, track.of_part, track.version = track.part + 1, 0, ()
        return left < most

    def _publish_segment(self, track: _Track, segments: Sequence[playlists.Segment]) -> None:
        """Publish what is one segment to viewers, though it may have been written as two."""
        folder, uri = track.parts[track.part], segments[0].uri
        if track.of_part == 0:
            self._take_init(track, folder / INIT)
        with disk():
            file = joined([folder / one.uri for one in segments])
        self._check(track, file)
        self._publish(file, f"{track.folder}/{uri}")
        track.published.append(playlists.Segment(uri, sum(one.duration_s for one in segments)))
        track.of_part += len(segments)

    def _take_init(self, track: _Track, file: Path) -> None:
        """Publish the track's only init segment; Broken if another part of it would need a different one."""
        try:
            init = file.read_bytes()
            track.timescale = boxes.timescale(init)
        except (OSError, ValueError) as error:
            raise Broken(f"{file}: {error}") from error
        if track.init not in (b"", init):
            raise Broken(f"{file} differs from that of the segments before it")
        if not track.init:
            self._publish(file, f"{track.folder}/{INIT}")
        track.init = init

    def _check(self, track: _Track, path: Path) -> None:
        """Raise unless the segment is whole, begins where the last one ended, and can be played from its start."""
        try:
            fragments = boxes.fragments(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Broken(f"{path}: {error}") from error
        late = fragments[0].start - track.ticks
        # Sound may drift from its packets by a tick at a time where gaps were filled; a picture in parts may not.
        if not fragments[0].starts_with_keyframe or late < 0 or (late > 0 and len(track.parts) > 1):
            raise Broken(f"{path} does not follow on the segment before it")
        track.ticks = fragments[-1].end
        track.samples += sum(fragment.samples for fragment in fragments)

    def _require_whole(self) -> None:
        """Raise unless the rungs have the same frames, and every track ends where its playlist says."""
        frames = {track.samples for track in self._tracks if track.folder != AUDIO}
        if len(frames) != 1:
            raise Broken(f"the rungs differ in their number of frames: {sorted(frames)}")
        for track in self._tracks:
            listed_s = sum(segment.duration_s for segment in track.published)
            if abs(track.ticks / track.timescale - listed_s) > _END_S:
                raise Broken(f"{track.folder} ends elsewhere than its playlist says")

    def _playlist(self, track: _Track, *, ended: bool) -> playlists.MediaPlaylist:
        return playlists.MediaPlaylist(self._target_s, INIT, tuple(track.published), ended)

    def _put_playlist(self, folder: str, playlist: playlists.MediaPlaylist) -> None:
        self._put(f"{folder}/{PLAYLIST}", playlists.write(playlist))

    def _put(self, path: str, text: str) -> None:
        self._media.put(self._key(path), text.encode(), playlists.CONTENT_TYPE)

    def _publish(self, file: Path, path: str) -> None:
        self._sizes[path] = file.stat().st_size
        self._media.share(file, self._key(path))

    def _read(self, path: str) -> bytes:
        if path not in self._sizes:
            raise NotFound(f"{path} was not published")
        return self._media.read(self._key(path))

    def _key(self, path: str) -> str:
        return media_key(self._order.video_id, self._order.attempt, path)
