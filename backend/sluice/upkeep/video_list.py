"""Everybody's videos, as an operator looks at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sluice.video import Status, Video
from sluice.wiring import utc_now

from .place import Place
from .stuck import reason

_PAGE = 500


@dataclass(frozen=True)
class Entry:
    """One video, its owner's address where it is known and, if the video does not get on, why."""

    video: Video
    mail: str | None
    stuck: str | None

    def plain(self) -> dict[str, Any]:
        """For programs."""
        video = self.video
        return {
            "id": video.id,
            "owner": video.owner,
            "mail": self.mail,
            "title": video.title,
            "state": _state(video),
            "attempt": video.attempt,
            "createdAt": video.created_at.isoformat(),
            "error": video.failure.code if video.failure else None,
            "stuck": self.stuck,
        }

    def line(self) -> str:
        """For people."""
        video = self.video
        why = self.stuck or (f"{video.failure.code}: {video.failure.detail}" if video.failure else "")
        owner, named = self.mail or video.owner, video.title or video.filename or ""
        return f"{video.id}  {_state(video):<10} {video.attempt:>3}  {owner}  {named!r}  {why}".rstrip()


def entries(place: Place, state: str | None, *, stuck: bool, limit: int) -> Iterator[Entry]:
    """Up to `limit` (0: all) videos, newest first; deleted ones that are still remembered only if they are stuck."""
    now, dead = utc_now(), {letter.video_id: letter for letter in place.queue.dead()}
    videos = _videos(place, Status(state) if state else None)
    found = (Entry(video, place.mail_of(video.owner), reason(video, now, dead.get(video.id))) for video in videos)
    chosen = (entry for entry in found if (entry.stuck if stuck else not entry.video.gone))
    return islice(chosen, limit or None)


def _videos(place: Place, status: Status | None) -> Iterator[Video]:
    before = None
    while page := place.videos.every(status=status, before=before, limit=_PAGE):
        yield from page
        before = page[-1].id


def _state(video: Video) -> str:
    return "gone" if video.gone else video.status.value
