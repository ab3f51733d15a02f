"""What the core needs of the outside, as Protocols; the docstrings are the contract that every adapter keeps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from .ladder import Facts, Order, Source
from .messages import EncodeFailed, EncodeLost, EncodeSucceeded, Message
from .records import dataclass
from .settings import Settings
from .video import Progress, Video


@dataclass(frozen=True)
class Held:
    """What an owner's videos take up: uploads under way and when the first of them runs out, film and bytes kept."""

    uploads: int = 0
    first_until: datetime | None = None
    seconds: float = 0.0
    bytes: int = 0


class Videos(Protocol):
    """The rows, one a video. Every write is durable when it returns. Unavailable when the store does not answer.

    `progress` and `playable` are the store's to fill in: `note` writes them, `add` and `save` leave them alone."""

    def add(self, video: Video) -> Video:
        """The video as stored, at version 1. Conflict if the id is taken."""

    def get(self, video_id: str) -> Video:
        """The stored video. NotFound if there is none."""

    def save(self, video: Video) -> Video:
        """The video at its next version. Conflict unless `video.version` is stored, so also if the row is gone."""

    def note(self, video_id: str, attempt: int, progress: Progress, *, playable: bool) -> None:
        """Keep the progress, and `playable` once it is true; the version stays.

        The percent of an attempt never goes back. Nothing happens unless that attempt is being processed."""

    def delete(self, video_id: str) -> None:
        """Remove the row; removing what is not there is fine."""

    def owned(self, owner: str, *, before: str | None, limit: int) -> Sequence[Video]:
        """Up to `limit` videos of this owner with ids below `before`, newest first, deleted ones left out."""

    def held(self, owner: str, now: datetime) -> Held:
        """What the owner's videos take up, deleted ones left out; may be a moment behind."""

    def public(self, *, before: str | None, limit: int) -> Sequence[Video]:
        """Up to `limit` `listed` videos with ids below `before`, newest first; as quick at any depth."""

    def due(self, now: datetime) -> Iterator[Video]:
        """The videos, deleted ones too, whose `due_at` has passed, longest overdue first.

        Read as they are asked for, each once, whether or not the caller meanwhile puts them off."""


@dataclass(frozen=True)
class Form:
    """A presigned POST: where to send the form and the fields that must be in it, before the file."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it; metadata keys are lower case, without the x-amz-meta- prefix.

    The stamp is another one once other bytes have taken its place."""

    size: int
    metadata: Mapping[str, str]
    modified_at: datetime
    stamp: str


class Objects(Protocol):
    """One bucket. Writes are durable and whole, or did not happen. Unavailable when the storage does not answer."""

    def upload_form(self, key: str, metadata: Mapping[str, str], *, max_bytes: int, expires_at: datetime) -> Form:
        """A form that lets its holder upload this key, with this metadata, until it expires.

        Signed here, without asking the storage."""

    def download_url(self, key: str, file_name: str, *, valid_for: timedelta) -> str:
        """An address at which its holder can fetch the object, as a file of that name, for that long.

        Signed here, without asking the storage."""

    def require_room(self, size: int) -> None:
        """Unavailable(no_space) while an upload of this size would take the room of work that is under way."""

    def head(self, key: str) -> Head | None:
        """What is known of the object, or None where there is none."""

    def location(self, key: str) -> AbstractContextManager[str]:
        """Something ffprobe can open (a path or URL), valid inside the `with`."""

    def read(self, key: str, *, max_bytes: int = 4 << 20) -> bytes:
        """The whole of a small object. NotFound where there is none or it is larger."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write or replace a small object."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every key below the prefix, which ends in a slash, and its size."""

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is fine."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below the prefix, which ends in a slash."""


class Queue(Protocol):
    """Lanes of messages: at least once, in any order, a few times again on failure, then set aside as dead letters."""

    def send(self, message: Message) -> None:
        """Durable when it returns. Unavailable when the queue does not take it."""


EncodeEnd = EncodeSucceeded | EncodeFailed | EncodeLost


class Encoder(Protocol):
    """Turns an order into objects below its attempt's prefix, and says so by a message when it has ended."""

    def submit(self, order: Order) -> str:
        """The job's handle, at once. A second order of the same video and attempt gets the first one's job.

        Unplayable, with code and sentence, for what this encoder can't make a stream of."""

    def cancel(self, job: str) -> None:
        """Stop it soon; nothing more is announced. Fine for a job that has ended or never was."""

    def cancel_order(self, video_id: str, attempt: int) -> None:
        """Stop whatever was ordered for this attempt, where nobody could keep the job's handle; fine for nothing."""

    def end_of(self, video_id: str, attempt: int, job: str) -> EncodeEnd | None:
        """How the job ended, for when its message got lost; None while it waits or runs."""

    def waits(self, job: str) -> bool:
        """Whether it is sure to begin, but has not come to its turn."""

    def arrange(self, video_id: str, attempt: int, facts: Facts) -> None:
        """Bring what a job left to where layout.py has it: playlists by rendition, a thumbnail.

        Safe to repeat; what is missing stays missing, for whoever measures to find."""


class Probe(Protocol):
    """Looks into an uploaded file."""

    def __call__(self, location: str) -> Source:
        """What the file holds.

        Unplayable, with code and sentence, if it can't become a stream; Unavailable if the look itself failed."""


class Links(Protocol):
    """Addresses at which viewers find media."""

    def media_base(self, video_id: str, *, open: bool) -> str:  # noqa: A002
        """The address below which this video's media lies, ending in a slash.

        Where the video is not open it can't be guessed, and expires after some hours."""


# The claims in which people say what to call them, the most wanted first.
SHOWN_NAMES = ("name", "preferred_username", "nickname")


class People(Protocol):
    """What to call a user in public."""

    def name_of(self, user_id: str) -> str | None:
        """The name this user chose to be shown under, or None. NotFound for who is known to have left."""


@dataclass(frozen=True)
class Reply:
    """An answer that was given to a creating call, kept for its repetition."""

    fingerprint: str
    status: int
    body: str
    location: str | None


class Replies(Protocol):
    """Answers by Idempotency-Key, one per owner and key, kept for `KEEP_REPLIES` at most."""

    def claim(self, owner: str, key: str, *, now: datetime) -> Reply | None:
        """The kept answer, or None and the key is the caller's to answer.

        Conflict while another call with this key is under way (for a minute at most)."""

    def keep(self, owner: str, key: str, reply: Reply, *, until: datetime) -> None:
        """Keep the answer so long; durable when it returns."""

    def release(self, owner: str, key: str) -> None:
        """Give up a claim that got no answer worth keeping."""


KEEP_REPLIES = timedelta(hours=24)


class Ledger(Protocol):
    """The seconds of video that were begun for each owner on each UTC day; a day is forgotten after `KEEP_DAYS`.

    Unavailable when the store does not answer."""

    def booked(self, owner: str, day: date) -> int:
        """All that was booked for the owner on that day, up to the newest booking."""

    def book(self, owner: str, day: date, video_id: str, attempt: int, seconds: int, *, limit_s: int) -> bool:
        """Whether this attempt stands booked on that day with so many seconds now; once, however many ask for it.

        A booking grows to the most that was asked for. What would take the day beyond the limit is not booked."""


KEEP_DAYS = timedelta(days=7)


class Rates(Protocol):
    """How often somebody called, minute by minute. Forgetful: a crash may lose the minute that runs.

    Unavailable when the store does not answer."""

    def take(self, caller: str, now: datetime, *, most: int) -> bool:
        """Count another call in the minute of `now`; whether all counted for this caller are within `most`."""


@dataclass(frozen=True)
class App:
    """Everything a use case may touch. Time, ids and randomness come in here, so that a test can hold them still."""

    settings: Settings
    videos: Videos
    sources: Objects
    media: Objects
    queue: Queue
    encoder: Encoder
    probe: Probe
    links: Links
    people: People
    replies: Replies
    ledger: Ledger
    rates: Rates
    now: Callable[[], datetime]
    new_id: Callable[[], str]
