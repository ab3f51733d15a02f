"""The store of videos, with an eye on what becomes of them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sluice import layout
from sluice.ports import Held, Objects, Videos
from sluice.video import Progress, Status, Video
from sluice.wiring.local import LocalHome

from .counted import Counting, observe

_ENDS = (Status.DONE, Status.FAILED)
# More than are ever encoded at once.
_REMEMBERED = 1000


class ObservedVideos:
    """ports.Videos that counts ends, and the time it took to get there."""

    def __init__(self, videos: Videos, sources: Objects, counters: Counting, now: Callable[[], datetime]) -> None:
        self._videos = videos
        self._sources = sources
        self._counters = counters
        self._now = now
        self._playable: deque[tuple[str, int]] = deque(maxlen=_REMEMBERED)

    def add(self, video: Video) -> Video:
        return self._videos.add(video)

    def get(self, video_id: str) -> Video:
        return self._videos.get(video_id)

    def save(self, video: Video) -> Video:
        # Only who saves over the newest version gets through, so this is what it was before.
        before = self._videos.get(video.id).status if video.status in _ENDS else video.status
        stored = self._videos.save(video)
        if before != stored.status:
            self._count(stored)
        return stored

    def note(self, video_id: str, attempt: int, progress: Progress, *, playable: bool) -> None:
        self._videos.note(video_id, attempt, progress, playable=playable)
        if playable and (video_id, attempt) not in self._playable:
            self._playable.append((video_id, attempt))
            self._since_arrival("sluice_playable_after_seconds", video_id)

    def delete(self, video_id: str) -> None:
        self._videos.delete(video_id)

    def owned(self, owner: str, *, before: str | None, limit: int) -> Sequence[Video]:
        return self._videos.owned(owner, before=before, limit=limit)

    def held(self, owner: str, now: datetime) -> Held:
        return self._videos.held(owner, now)

    def public(self, *, before: str | None, limit: int) -> Sequence[Video]:
        return self._videos.public(before=before, limit=limit)

    def due(self, now: datetime) -> Iterator[Video]:
        return self._videos.due(now)

    def _count(self, video: Video) -> None:
        code = video.failure.code if video.failure else ""
        self._counters.add("sluice_videos_ended_total", status=video.status.value, code=code)
        if video.status is not Status.DONE:
            return
        self._since_arrival("sluice_done_after_seconds", video.id)
        self._counters.add("sluice_encoded_media_seconds_total", video.facts.duration_s if video.facts else 0.0)
        if video.started_at is not None:
            self._counters.add("sluice_encode_seconds_total", (self._now() - video.started_at).total_seconds())

    def _since_arrival(self, name: str, video_id: str) -> None:
        source = self._sources.head(layout.source_key(video_id))
        if source is not None:
            observe(self._counters, name, (self._now() - source.modified_at).total_seconds())


def observed(home: LocalHome, counters: Counting) -> LocalHome:
    """The same home, counting what becomes of its videos."""
    app = home.app
    videos = ObservedVideos(app.videos, app.sources, counters, app.now)
    return replace(home, app=replace(app, videos=videos))
