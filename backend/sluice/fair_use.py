"""What a user may hold, and how often a user or an address may call, where the operator set bounds (settings.FairUse).

The calls that count are those that cost: tickets, publishing, retries, new names; and, by
address, all that sign in or up."""

from datetime import timedelta
from math import ceil

from .errors import Refused, Unplayable
from .ladder import Facts
from .ports import App, Held
from .video import Video

CALLS = "calls_limit"
UPLOADS = "uploads_limit"
MINUTES = "stored_minutes_limit"
BYTES = "stored_bytes_limit"
_MINUTE_S = 60
_KEPT = "Delete videos to make room for others."


def count_call(app: App, owner: str) -> None:
    """One more costly call of this user. Refused(calls_limit) beyond what a minute has."""
    most, now = app.settings.fair_use.user_calls_per_minute, app.now()
    if most and not app.rates.take(f"user {owner}", now, most=most):
        wait_s = seconds_to_next_minute(now.timestamp())
        detail = f"You made all {most} calls that you have in a minute. Try again in {wait_s} s."
        raise Refused(CALLS, detail, retry_after_s=wait_s)


def admits(app: App, address: str) -> bool:
    """Whether this address still has calls in this minute; this one counts."""
    most = app.settings.fair_use.address_calls_per_minute
    return not most or app.rates.take(f"address {address}", app.now(), most=most)


def seconds_to_next_minute(timestamp: float) -> int:
    """How long to wait until calls are counted anew, rounded up."""
    return ceil(_MINUTE_S - timestamp % _MINUTE_S)


def require_room(app: App, owner: str, size: int | None) -> None:
    """Refused(uploads_limit, stored_minutes_limit, stored_bytes_limit) where another upload is one too many."""
    bounds, now = app.settings.fair_use, app.now()
    if not (bounds.uploads_at_once or bounds.stored_minutes or bounds.stored_bytes):
        return
    held = app.videos.held(owner, now)
    if bounds.uploads_at_once and held.uploads >= bounds.uploads_at_once:
        raise _too_many_uploads(bounds.uploads_at_once, held, now.timestamp())
    if bounds.stored_minutes and held.seconds >= bounds.stored_minutes * _MINUTE_S:
        raise Refused(MINUTES, f"All {bounds.stored_minutes} minutes that are kept for you are used. {_KEPT}")
    if bounds.stored_bytes and held.bytes + (size or 1) > bounds.stored_bytes:
        left = max(0, bounds.stored_bytes - held.bytes)
        raise Refused(BYTES, f"Of the {bounds.stored_bytes} bytes that are kept for you {left} are left. {_KEPT}")


def _too_many_uploads(most: int, held: Held, now: float) -> Refused:
    first = held.first_until
    wait_s = max(1, ceil(first.timestamp() - now)) if first else _MINUTE_S
    until = f"{first + timedelta(seconds=1):%Y-%m-%d %H:%M:%S} UTC" if first else "a minute later"
    detail = f"You have {most} uploads under way, as many as you may. Finish one or delete it, or wait until {until}."
    return Refused(UPLOADS, detail, retry_after_s=wait_s)


def require_minutes(app: App, video: Video, facts: Facts) -> None:
    """Unplayable(stored_minutes_limit) where the film doesn't fit beside what is kept for its owner."""
    most_s = app.settings.fair_use.stored_minutes * _MINUTE_S
    if not most_s:
        return
    left_s = most_s - app.videos.held(video.owner, app.now()).seconds
    if facts.duration_s > left_s:
        left = f"of the {most_s // _MINUTE_S} that are kept for you {max(0, int(left_s // _MINUTE_S))} are left"
        length = ceil(facts.duration_s / _MINUTE_S)
        raise Unplayable(MINUTES, f"The video is {length} minutes long, and {left}. {_KEPT} Then try again.")
