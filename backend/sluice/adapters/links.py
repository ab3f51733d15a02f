"""Addresses of media; those of videos that are not open carry a pass that can't be guessed and expires."""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Rounded up to the hour, or to the day, so that the address, and with it an answer's ETag, stays the same for as long.
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_VALID_FOR, _OPEN_FOR = timedelta(hours=6), timedelta(hours=24)

_PASS = re.compile(r"([1-9][0-9]{0,11})-([0-9a-f]{64})")


class SignedLinks:
    """Gives out media addresses and knows its own passes again."""

    def __init__(self, key: bytes, now: Callable[[], datetime], *, open_ones_too: bool = False) -> None:
        self._key = key
        self._now = now
        self._open_ones_too = open_ones_too

    def media_base(self, video_id: str, *, open: bool) -> str:  # noqa: A002
        """The address below which this video's media lies.

        With a pass for 6 to 7 hours, or for 24 to 48 where the video is open and even those need one."""
        if not open:
            return self._passing(video_id, _VALID_FOR, _HOUR)
        # A CDN can't ask whether a video is open; it can check a pass.
        return self._passing(video_id, _OPEN_FOR, _DAY) if self._open_ones_too else f"/media/{video_id}/"

    def _passing(self, video_id: str, valid_for: timedelta, step: timedelta) -> str:
        expires = int(_rounded_up(self._now() + valid_for, step).timestamp())
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


def _rounded_up(moment: datetime, step: timedelta) -> datetime:
    """The next whole hour or day, by UTC; a whole one is followed by the next."""
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % step + step
