"""Puts what ffmpeg has finished where viewers find it, in an order that is always playable."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from sluice import playlists
from sluice.adapters.cadence import segment_s
from sluice.errors import NotFound
from sluice.ladder import Facts, Order
from sluice.layout import INIT, MASTER, PLAYLIST, media_key

from .durable import disk
from .rests import joined
from .track import Broken, Track

# After a crash a whole film may lie there; its viewers need not wait for the last of it.
_AT_ONCE = 8
# A segment of sound begins about where one of the pictures does.
_BESIDE_S = 0.25


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


class Publisher:
    """Publishes one attempt of one order, segment by segment as they get finished; what it publishes, it leaves there.

    `parts` says for each track to which folders it is written, in the order of time. With `first`, the video is
    playable when these tracks have begun, and the others join them; else when all have. Segments may be longer than
    usual by `longer_s`. A short rest at the end becomes part of the segment before it, but in the `uncut` track.

    That one is there long before the others: it ends as soon as it can, and no other joins it before it has its end. A
    player that was moved to what is not there yet would stand still.
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
        film_s = order.facts.duration_s
        self._tracks = [Track(name, parts[name], film_s, name == uncut) for name in playlists.folders(order.facts)]
        self._first = first or playlists.folders(order.facts)
        self._shown: list[str] = []
        self._target_s = playlists.target_s(float(segment_s(order.facts.rate)) + longer_s)

    def advance(self) -> bool:
        """Publish what was finished, nothing before the first tracks have begun; whether anything was published.

        A playlist never names what is not there yet. Broken if a finished segment is not whole.
        """
        first = [track for track in self._tracks if track.folder in self._first]
        if not self.playable and not all(track.begun for track in first):
            return False
        grown = [track for track in self._tracks if self._publish_finished(track)]
        for track in grown:
            self._put_playlist(track.folder, self._playlist(track, ended=self._ends_early(track)))
        shown = [track.folder for track in self._tracks if self._joins(track)]
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
        return min(len(track.published) for track in self._tracks if not track.is_sound)

    @property
    def lengths_s(self) -> list[float]:
        """How long each of these is."""
        return [segment.duration_s for segment in self._tracks[0].published[: self.segments]]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _ends_early(self, track: Track) -> bool:
        """Whether its end is shown before all of the film is there; Broken if it is none."""
        if not self._uncut or not track.ended:
            return False
        track.require_end()
        return True

    def _joins(self, track: Track) -> bool:
        return bool(track.published) and (track.folder in self._first or not self._uncut or track.ended)

    def _facts_of(self, shown: Collection[str]) -> Facts:
        """The facts with no more rungs than these."""
        facts = self._order.facts
        return replace(facts, renditions=tuple(one for one in facts.renditions if one.name in shown))

    def _publish_finished(self, track: Track) -> bool:
        """Publish some of the segments that ffmpeg itself lists: it does so after it has closed and renamed them."""
        # Nothing that is not needed for a first look goes before it.
        left = most = _AT_ONCE if self.playable else 1
        while left and not track.ended:
            due = self._due(track)[:left]
            for segments in due:
                self._publish_segment(track, segments)
            left -= len(due)
            if not track.turn():
                break
            if track.ended:
                return True
        return left < most

    def _due(self, track: Track) -> list[list[playlists.Segment]]:
        """What of it is next. Where pictures end, players would go on with sound alone: it is never ahead of them."""
        fresh = track.fresh()
        beside = [
            other for other in self._tracks if not other.is_sound and other.folder in {*self._first, *self._shown}
        ]
        if not track.is_sound or all(other.ended for other in beside):
            return fresh
        upto_s = min(other.length_s for other in beside) - _BESIDE_S
        lengths_s = (sum(one.duration_s for one in segments) for segments in fresh)
        starts_s = accumulate(lengths_s, initial=track.length_s)
        return [segments for segments, start_s in zip(fresh, starts_s, strict=False) if start_s < upto_s]

    def _publish_segment(self, track: Track, segments: Sequence[playlists.Segment]) -> None:
        """Publish what is one segment to viewers, though it may have been written as two."""
        if init := track.take_init():
            self._publish(init, f"{track.folder}/{INIT}")
        with disk():
            file = joined([track.place / one.uri for one in segments])
        track.require_next(file)
        self._publish(file, f"{track.folder}/{segments[0].uri}")
        track.note_published(segments)

    def _require_whole(self) -> None:
        """Raise unless the rungs have the same frames, and every track ends where its playlist says."""
        frames = {track.samples for track in self._tracks if not track.is_sound}
        if len(frames) != 1:
            raise Broken(f"the rungs differ in their number of frames: {sorted(frames)}")
        for track in self._tracks:
            track.require_end()

    def _playlist(self, track: Track, *, ended: bool) -> playlists.MediaPlaylist:
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
