"""Load, decide, save: the one way in which a stored video changes."""

import logging
from collections.abc import Callable

from .errors import Conflict
from .ports import App
from .video import Video

TRIES = 5

log = logging.getLogger(__name__)


def change(app: App, video_id: str, decide: Callable[[Video], Video]) -> Video:
    """The video as `decide` made it, stored. Where somebody else wrote first, it decides again. NotFound, Conflict."""
    for _ in range(TRIES - 1):
        try:
            return _once(app, video_id, decide)
        except Conflict:
            continue
    return _once(app, video_id, decide)


def _once(app: App, video_id: str, decide: Callable[[Video], Video]) -> Video:
    video = app.videos.get(video_id)
    decided = decide(video)
    return video if decided == video else save(app, video, decided)


def save(app: App, before: Video, after: Video) -> Video:
    """The stored form of `after`, logged if its state moved. Conflict if `before` is no longer the newest."""
    stored = app.videos.save(after)
    if (before.status, before.attempt, before.gone) != (after.status, after.attempt, after.gone):
        end = "gone" if after.gone else after.status
        code = f" code={stored.failure.code}" if stored.failure and not stored.gone else ""
        words = "video=%s request=%s %s->%s attempt=%d%s"
        log.info(words, stored.id, stored.request or "-", before.status, end, stored.attempt, code)
    return stored
