"""How many minutes of video are encoded for an owner in a day, where the operator set a limit (DAILY_MINUTES).

A day is one of UTC. What was begun counts on the day of its probe, whatever becomes of it: deleting a video
gives nothing back."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from .errors import Refused, Unplayable
from .ladder import Facts
from .messages import EncodeSucceeded
from .ports import App
from .video import Video

OVER = "daily_limit"
_TENTH_S = 6
# No film that was looked into becomes so much longer by its encode.
_ANOTHER_FILM_S = 5


def require_left(app: App, owner: str) -> None:
    """Refused(daily_limit) where nothing is left of the owner's day."""
    limit_s, now = app.settings.daily_minutes * 60, app.now()
    if limit_s and app.ledger.booked(owner, _day(now)) >= limit_s:
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
    seconds, day = billed_seconds(facts.duration_s), _day(now)
    if seconds > limit_s:
        most = f"no more than {_minutes(limit_s)} minutes are encoded for you in a day."
        raise Unplayable("too_long", f"{_length(seconds)} and {most}")
    if not app.ledger.book(video.owner, day, video.id, video.attempt + 1, seconds, limit_s=limit_s):
        left_s = max(0, limit_s - app.ledger.booked(video.owner, day))
        left = f"of the {_minutes(limit_s)} minutes that are encoded for you in a day {_minutes(left_s)} are left."
        raise Unplayable(OVER, f"{_length(seconds)} and {left} Try again from {_written(_next_day(now))} on.")


def book_whole(app: App, end: EncodeSucceeded) -> None:
    """Count an encode at its full length, beyond any limit, where it can't have been of the film that was booked.

    On the day of its end, once however often that is told, and whatever became of the video. NotFound without a row."""
    from .quote import billed_seconds

    if not app.settings.daily_minutes or end.seconds is None:
        return
    video = app.videos.get(end.video_id)
    booked_s = video.facts.duration_s if video.facts and video.attempt == end.attempt else end.seconds
    if end.seconds > booked_s + _ANOTHER_FILM_S:
        seconds = billed_seconds(end.seconds)
        app.ledger.book(video.owner, _day(app.now()), video.id, end.attempt, seconds, limit_s=sys.maxsize)


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _length(seconds: int) -> str:
    # Rounded up, so that what is a second too long doesn't look as if it fitted.
    return f"The video is {_minutes(seconds + _TENTH_S - 1)} minutes long,"


def _minutes(seconds: int) -> str:
    return f"{seconds // _TENTH_S / 10:g}"


def _next_day(now: datetime) -> datetime:
    return datetime.combine(_day(now) + timedelta(days=1), time(), UTC)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
