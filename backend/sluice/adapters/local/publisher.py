"""Moves what ffmpeg has finished from its work folder to where viewers find it, in an order that is always playable."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sluice import boxes, playlists
from sluice.adapters.cadence import segment_s
from sluice.errors import NotFound
from sluice.ladder import Order
from sluice.layout import AUDIO, INIT, MASTER, PLAYLIST, media_key

# How far the last sample may end from where the playlist ends: a packet of sound and a frame.
_END_S = 0.25


class Media(Protocol):
    """What publishing needs of the media bucket; every call is durable when it returns."""

    def publish(self, source: Path, key: str) -> None:
        """Make a finished file the object of this key, in one step."""

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
    """One rung, or the sound: what of it is published so far."""

    folder: str
    published: list[playlists.Segment] = field(default_factory=list)
    ticks: int = 0
    samples: int = 0
    timescale: int = 0
    version: tuple[int, ...] = ()
    written: playlists.MediaPlaylist | None = None


class Publisher:
    """Publishes one attempt of one order, segment by segment as they get finished."""

    def __init__(self, order: Order, work: Path, media: Media) -> None:
        self.playable = False
        self._order = order
        self._work = work
        self._media = media
        self._sizes: dict[str, int] = {}
        self._tracks = [_Track(name) for name in playlists.folders(order.facts)]
        self._target_s = playlists.target_s(float(segment_s(order.facts.rate)))

    def advance(self) -> None:
        """Publish what was finished since the last call; nothing before every track has its first segment.

        A playlist never names what is not there yet. Broken if a finished segment is not whole.
        """
        fresh = {track.folder: self._finished(track)[len(track.published) :] for track in self._tracks}
        if not self.playable and not all(fresh.values()):
            return
        for track in self._tracks:
            self._publish_segments(track, fresh[track.folder])
        for track in self._tracks:
            if fresh[track.folder]:
                self._put_playlist(track.folder, self._playlist(track, ended=False))
        if not self.playable:
            self._put(MASTER, playlists.master(playlists.with_codecs(self._order.facts, self._read)))
            self.playable = True

    def finish(self) -> None:
        """Publish the rest, and end the playlists once all of it was found whole; Broken or Unplayable if it is not."""
        if not all(self._has_ended(track) for track in self._tracks):
            raise Broken("ffmpeg did not end every playlist")
        self.advance()
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

    @property
    def segments(self) -> int:
        """How many segments of each rung are published."""
        return len(self._tracks[0].published)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _written(self, track: _Track) -> playlists.MediaPlaylist | None:
        """ffmpeg's own playlist, which it replaces as a whole; in a long film it is read only when it is new."""
        path = self._work / track.folder / PLAYLIST
        try:
            stat = path.stat()
            version = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if version != track.version:
                track.version, track.written = version, playlists.parse(path.read_text())
        except (FileNotFoundError, ValueError):
            track.written = None
        return track.written

    def _finished(self, track: _Track) -> tuple[playlists.Segment, ...]:
        """The segments that ffmpeg itself lists: it does so after it has closed and renamed them."""
        written = self._written(track)
        return written.segments if written else ()

    def _has_ended(self, track: _Track) -> bool:
        written = self._written(track)
        return written is not None and written.ended and bool(written.segments)

    def _publish_segments(self, track: _Track, fresh: tuple[playlists.Segment, ...]) -> None:
        for segment in fresh:
            if not track.published:
                self._publish_init(track)
            self._check(track, segment)
            self._publish(f"{track.folder}/{segment.uri}")
            track.published.append(segment)

    def _publish_init(self, track: _Track) -> None:
        try:
            track.timescale = boxes.timescale((self._work / track.folder / INIT).read_bytes())
        except (OSError, ValueError) as error:
            raise Broken(f"{track.folder}/{INIT}: {error}") from error
        self._publish(f"{track.folder}/{INIT}")

    def _check(self, track: _Track, segment: playlists.Segment) -> None:
        """Raise unless the segment is whole, begins where the last one ended, and can be played from its start."""
        path = self._work / track.folder / segment.uri
        try:
            fragments = boxes.fragments(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Broken(f"{track.folder}/{segment.uri}: {error}") from error
        # Sound may drift from its packets by a tick at a time where gaps were filled; a picture may not.
        if not fragments[0].starts_with_keyframe or fragments[0].start < track.ticks:
            raise Broken(f"{track.folder}/{segment.uri} does not follow on the segment before it")
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

    def _publish(self, path: str) -> None:
        file = self._work / path
        self._sizes[path] = file.stat().st_size
        self._media.publish(file, self._key(path))

    def _read(self, path: str) -> bytes:
        if path not in self._sizes:
            raise NotFound(f"{path} was not published")
        return self._media.read(self._key(path))

    def _key(self, path: str) -> str:
        return media_key(self._order.video_id, self._order.attempt, path)
