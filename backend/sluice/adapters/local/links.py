"""Addresses of local media; those of videos that are not open carry a pass that can't be guessed and expires."""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Rounded up to the hour, so that the address, and with it an answer's ETag, stays the same for an hour.
_HOUR = timedelta(hours=1)
_VALID_FOR = timedelta(hours=6)

_PASS = re.compile(r"([1-9][0-9]{0,11})-([0-9a-f]{64})")


class LocalLinks:
    """Gives out media addresses and knows its own passes again."""

    def __init__(self, key: bytes, now: Callable[[], datetime]) -> None:
        self._key = key
        self._now = now

    def media_base(self, video_id: str, *, open: bool) -> str:  # noqa: A002
        """The address below which this video's media lies; with a pass for 6 to 7 hours unless it is open."""
        if open:
            return f"/media/{video_id}/"
        expires = int(_next_hour(self._now() + _VALID_FOR).timestamp())
        return f"/media/~{expires}-{self._signature(video_id, expires)}/{video_id}/"

    def admits(self, pass_: str | None, video_id: str) -> bool:
        """Whether this is a pass for this video, given out here and not expired."""
        match = _PASS.fullmatch(pass_ or "")
        if match is None:
            return False
        expires = int(match[1])
        genuine = hmac.compare_digest(match[2], self._signature(video_id, expires))
        return genuine and self._now().timestamp() < expires

    def _signature(self, video_id: str, expires: int) -> str:
        return hmac.new(self._key, f"media:{video_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def _next_hour(moment: datetime) -> datetime:
    start = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return start + _HOUR
