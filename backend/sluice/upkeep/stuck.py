"""Which videos don't get on, and why one would think so."""

from datetime import datetime, timedelta

from sluice.operations import Letter
from sluice.video import Status, Video

# The sweep looks four times a minute; twelve missed are a sign that none runs.
_UNSWEPT_AFTER = timedelta(minutes=3)
_LONG = timedelta(hours=6)


def reason(video: Video, now: datetime, dead: Letter | None = None) -> str | None:
    """Why this video seems stuck, by its dead letter if there is one; None if it does not."""
    words = _words(video, now)
    if words and dead:
        return f"{dead.kind} is dead letter {dead.number}: {dead.error}"
    return words


def _words(video: Video, now: datetime) -> str | None:
    if video.due_at is not None and now - video.due_at > _UNSWEPT_AFTER:
        return "overdue for the sweep; is a worker for the lane `tasks` running?"
    if video.gone or video.status not in (Status.PENDING, Status.PROCESSING):
        return None
    # Both counts are kept once it gets on again.
    if video.losses and not _is_being_encoded(video):
        return f"its encode was lost {video.losses} times"
    if video.nudges > 1 and video.status is Status.PENDING:
        return f"announced {video.nudges} times, and nobody took it up"
    if video.started_at is not None and video.status is Status.PROCESSING and now - video.started_at > _LONG:
        return f"its encode has been running since {video.started_at:%Y-%m-%d %H:%M} UTC"
    return None


def _is_being_encoded(video: Video) -> bool:
    return video.job is not None and video.progress is not None
