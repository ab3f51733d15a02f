"""How many minutes of video are encoded for an owner in a day, where the operator set a limit (DAILY_MINUTES).

A day is one of UTC. What was begun counts on the day of its probe, whatever becomes of it: deleting a video
gives nothing back."""

from datetime import UTC, datetime, time, timedelta
from math import ceil

from .errors import Refused, Unplayable
from .ladder import Facts
from .ports import App
from .video import Video

OVER = "daily_limit"
_TENTH_S = 6


def require_left(app: App, owner: str) -> None:
    """Refused(daily_limit) where nothing is left of the owner's day."""
    limit_s, now = app.settings.daily_minutes * 60, app.now()
    if limit_s and app.ledger.booked(owner, now.astimezone(UTC).date()) >= limit_s:
        detail = f"You had all {_minutes(limit_s)} minutes of video that are encoded for you in a day; 0 are left."
        wait_s = ceil((_next_day(now) - now).total_seconds())
        raise Refused(OVER, f"{detail} Upload more from {_written(_next_day(now))} on.", retry_after_s=wait_s)


def book(app: App, video: Video, facts: Facts) -> None:
    """Count the video's length on its owner's day, once for the attempt that is to begin.

    Unplayable(daily_limit) where less is left, Unplayable(too_long) where no day has room for it."""
    # What an encode costs is nothing that whoever asks for a ticket has to import.
    from .quote import billed_seconds

    limit_s, now = app.settings.daily_minutes * 60, app.now()
    if not limit_s:
        return
    seconds, day = billed_seconds(facts.duration_s), now.astimezone(UTC).date()
    if seconds > limit_s:
        most = f"no more than {_minutes(limit_s)} minutes are encoded for you in a day."
        raise Unplayable("too_long", f"{_length(seconds)} and {most}")
    if not app.ledger.book(video.owner, day, video.id, video.attempt + 1, seconds, limit_s=limit_s):
        left_s = max(0, limit_s - app.ledger.booked(video.owner, day))
        left = f"of the {_minutes(limit_s)} minutes that are encoded for you in a day {_minutes(left_s)} are left."
        raise Unplayable(OVER, f"{_length(seconds)} and {left} Try it again from {_written(_next_day(now))} on.")


def _length(seconds: int) -> str:
    # Rounded up, so that what is a second too long doesn't look as if it fitted.
    return f"The video is {_minutes(seconds + _TENTH_S - 1)} minutes long,"


def _minutes(seconds: int) -> str:
    return f"{seconds // _TENTH_S / 10:g}"


def _next_day(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
