"""A video and its life: every transition is here, as a pure function from one frozen value to the next."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import Refused
from .ladder import Facts
from .records import dataclass

SWEEP_AFTER = timedelta(seconds=60)
# Of the time that an encode has been running, where asking costs a call of the encoder's quota, or that a ticket has
# been over, when hardly anything can still come.
LOOK_AFTER_SHARE = 0.25
# An upload that began in time may end after its ticket: by a line of a megabit a second.
_SLOWEST_BYTES_PER_S = 125_000
_GRACE_AT_LEAST = timedelta(hours=1)
DRAFT_KEPT = timedelta(days=7)
ENCODE_AT_MOST = timedelta(hours=48)
# Where a sweep comes that late, the machine was off or asleep, or its clock was set ahead.
ASLEEP_AFTER = timedelta(minutes=5)
# Of the time in which an encode has not come to its turn; looked at every quarter of it.
WAIT_COUNTS_AT_MOST = timedelta(hours=1)
# Before an encode is given up it is looked at every minute: an end that nobody told comes first.
LAST_LOOKS = timedelta(minutes=5)
MAX_LOSSES = 5
# With pauses that double, a video waits a bit over four hours for its start before it fails.
MAX_NUDGES = 8


class Status(StrEnum):
    """Where a video stands; DONE and FAILED are its ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


class Visibility(StrEnum):
    """Who may see a published video: all and in the list, all who have the link, its owner alone."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True)
class Failure:
    """Why a video failed: a code for programs, a sentence its owner can act on."""

    code: str
    detail: str


@dataclass(frozen=True)
class Progress:
    """How far a running encode is."""

    percent: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class Video:
    """One video, from its upload ticket on. `version` is the store's, for compare-and-set; `request` is the id of the
    request that asked for the ticket, and stands in every line of the log that tells of a transition."""

    id: str
    owner: str
    owner_name: str
    created_at: datetime
    expires_at: datetime
    request: str | None = None
    filename: str | None = None
    title: str | None = None
    description: str = ""
    visibility: Visibility = Visibility.PUBLIC
    settled: bool = False
    arrived: bool = False
    status: Status = Status.PENDING
    attempt: int = 0
    losses: int = 0
    nudges: int = 0
    job: str | None = None
    started_at: datetime | None = None
    playable: bool = False
    progress: Progress | None = None
    facts: Facts | None = None
    failure: Failure | None = None
    stored_bytes: int = 0
    # Of the file that its encode began with; None for what an earlier release began.
    source_stamp: str | None = None
    # None for what an earlier release finished.
    source_kept: bool | None = None
    due_at: datetime | None = None
    gone: bool = False
    version: int = 0

    @property
    def published(self) -> bool:
        """Whether its owner gave it a title, at the ticket or after the upload."""
        return self.title is not None

    @property
    def listed(self) -> bool:
        """Whether it stands in the public list."""
        return self.open and self.visibility is Visibility.PUBLIC and self.status is Status.DONE

    @property
    def open(self) -> bool:
        """Whether anybody who has its address may watch it."""
        has_come = self.arrived or self.status is not Status.PENDING
        return self.published and has_come and self.visibility is not Visibility.PRIVATE and not self.gone

    def hidden(self, now: datetime) -> bool:
        """Whether it is as good as gone: deleted, or its ticket ran out with nothing uploaded."""
        never_came = self.status is Status.PENDING and not self.arrived
        return self.gone or (never_came and now > self.expires_at)

    @property
    def uploading_until(self) -> datetime | None:
        """When its ticket runs out, while its file is awaited."""
        waits = self.status is Status.PENDING and not self.arrived and not self.gone
        return self.expires_at if waits else None

    @property
    def stored_s(self) -> float:
        """How many seconds of film are kept for it, or about to be."""
        kept = self.status in (Status.PROCESSING, Status.DONE) and self.facts is not None
        return self.facts.duration_s if kept and self.facts else 0.0

    def keeps_source(self, *, usually: bool) -> bool:
        """Whether the uploaded file is meant to be there; `usually` is for what an earlier release finished."""
        if self.status is not Status.DONE:
            return self.arrived
        return usually if self.source_kept is None else self.source_kept

    # --- what happens to it -------------------------------------------------------------------------------------

    def found(self, source_bytes: int, source_stamp: str | None) -> "Video":
        """Its source is the file of that stamp, and has that many bytes."""
        waits = self.status in (Status.PENDING, Status.FAILED) and not self.gone
        return replace(self, stored_bytes=source_bytes, source_stamp=source_stamp) if waits else self

    def without_source(self, stored_bytes: int) -> "Video":
        """Finished, and its source is no longer there: so many bytes of media are all that is kept."""
        return replace(self, source_kept=False, stored_bytes=stored_bytes)

    def began_with(self, source_stamp: str) -> bool:
        """Whether its encode is, as far as is known, that of the file of this stamp."""
        return self.source_stamp in (None, source_stamp)

    def start(self, facts: Facts, now: datetime) -> "Video":
        """Its source arrived and is playable: the next attempt begins, its job still to be submitted."""
        if self.status is not Status.PENDING or self.gone:
            return self
        return replace(self._next_attempt(now), facts=facts)

    def submitted(self, job: str) -> "Video":
        """The encoder took the order of the current attempt."""
        return replace(self, job=job) if self.awaits_job else self

    @property
    def awaits_job(self) -> bool:
        """Whether an encode was decided on, but no encoder has been heard to take it."""
        return self.status is Status.PROCESSING and self.job is None and not self.gone

    def is_current(self, attempt: int) -> bool:
        """Whether news of this attempt can still change anything."""
        return self.status is Status.PROCESSING and attempt == self.attempt and not self.gone

    def keeps_attempt(self, attempt: int) -> bool:
        """Whether what this attempt published may still be watched: a lost one is, while the next is under way."""
        if self.gone or self.status is Status.FAILED:
            return False
        return attempt == self.attempt or (self.status is Status.PROCESSING and attempt == self.attempt - 1)

    def finish(
        self, attempt: int, facts: Facts, now: datetime, stored_bytes: int = 0, *, source_kept: bool = False
    ) -> "Video":
        """The encode of this attempt succeeded; unchanged if that is old news."""
        if not self.is_current(attempt):
            return self
        ended = self._ended(Status.DONE, now)
        done = replace(ended, facts=facts, failure=None, playable=True)
        return replace(done, stored_bytes=stored_bytes, source_kept=source_kept)

    def fail(self, failure: Failure, now: datetime, attempt: int | None = None) -> "Video":
        """It can't be played, or the encode of this attempt failed; unchanged if that is old news."""
        if self.status not in (Status.PENDING, Status.PROCESSING) or self.gone:
            return self
        if attempt is not None and not self.is_current(attempt):
            return self
        return replace(self._ended(Status.FAILED, now), failure=failure, playable=False)

    def lose(self, attempt: int, now: datetime, *, planned: bool) -> "Video":
        """The machine lost the encode of this attempt: another attempt begins, or it fails after too many."""
        if not self.is_current(attempt):
            return self
        if not planned and self.losses + 1 >= MAX_LOSSES:
            return self.fail(Failure("encode_lost", "The encode was interrupted again and again; try again."), now)
        return replace(self._next_attempt(now), losses=self.losses + (not planned))

    def retry(self, now: datetime) -> "Video":
        """Its owner wants another try after a failure."""
        if self.status is not Status.FAILED or self.gone:
            raise Refused("not_failed", "Only a video that failed can be tried again.")
        return replace(
            self,
            status=Status.PENDING,
            arrived=True,
            failure=None,
            losses=0,
            nudges=0,
            job=None,
            due_at=now + SWEEP_AFTER,
        )

    def publish(self, title: str, description: str, visibility: Visibility) -> "Video":
        """Its file is there and its owner names it; what they decided before stays."""
        there = replace(self, arrived=True)
        if self.settled:
            return there
        named = replace(there, title=title, description=description, visibility=visibility, settled=True)
        return named._kept_if_published()

    def edit(self, title: str | None, description: str | None, visibility: Visibility | None) -> "Video":
        """Its owner changed what is not None; a title publishes a draft. No upload that ends later undoes it."""
        changed = replace(
            self,
            title=self.title if title is None else title,
            description=self.description if description is None else description,
            visibility=visibility or self.visibility,
        )
        return replace(changed, settled=changed.published)._kept_if_published()

    def _kept_if_published(self) -> "Video":
        ended = self.status in (Status.DONE, Status.FAILED)
        return replace(self, due_at=None) if ended and self.published and not self.gone else self

    def delete(self, now: datetime) -> "Video":
        """Its owner wants it gone: nobody sees it from now on, the rest is cleaning up."""
        return self if self.gone else replace(self, gone=True, due_at=now + SWEEP_AFTER)

    # --- what the sweep does --------------------------------------------------------------------------------------

    def look_again(self, now: datetime) -> "Video":
        """Nothing to do yet; the sweep comes back in a minute, or ever more rarely to what takes its time anyway."""
        return replace(self, due_at=now + max(SWEEP_AFTER, self._pause(now)))

    def _pause(self, now: datetime) -> timedelta:
        if self.gone or self.status is Status.PENDING:
            return (now - self.expires_at) * LOOK_AFTER_SHARE
        if self.job is None or self.started_at is None:
            return SWEEP_AFTER
        running = now - self.started_at
        return min(running * LOOK_AFTER_SHARE, ENCODE_AT_MOST - LAST_LOOKS - running)

    def nudge(self, now: datetime) -> "Video":
        """Its source is there but nobody started it: it is announced again, ever more rarely, and fails in the end."""
        if self.nudges >= MAX_NUDGES:
            failure = Failure("not_processed", "We could not start working on this video; try again.")
            return self.fail(failure, now)
        return replace(self, arrived=True, nudges=self.nudges + 1, due_at=now + SWEEP_AFTER * 2**self.nudges)

    def forgettable(self, now: datetime, max_bytes: int) -> bool:
        """Whether nothing can arrive for it any more: its ticket is over, and no upload of that size still runs."""
        grace = max(_GRACE_AT_LEAST, timedelta(seconds=max_bytes / _SLOWEST_BYTES_PER_S))
        return now > self.expires_at + grace

    def awake(self, now: datetime) -> "Video":
        """Its encode is no older for the time in which nobody swept: nothing can have been encoded then, either."""
        if self.started_at is None or self.due_at is None:
            return self
        late = now - self.due_at
        slept = late if late >= ASLEEP_AFTER else timedelta()
        # What lies ahead is from before the clock was set back.
        return replace(self, started_at=min(self.started_at + slept, now))

    def still_waits(self, now: datetime) -> "Video":
        """Its encode has not begun: others came first."""
        if self.started_at is None:
            return self
        return replace(self, started_at=max(self.started_at, now - WAIT_COUNTS_AT_MOST))

    def overdue(self, now: datetime) -> bool:
        """Whether its encode has been running for longer than any encode may."""
        return self.started_at is not None and now > self.started_at + ENCODE_AT_MOST

    def _next_attempt(self, now: datetime) -> "Video":
        return replace(
            self,
            arrived=True,
            status=Status.PROCESSING,
            attempt=self.attempt + 1,
            job=None,
            started_at=now,
            playable=False,
            progress=None,
            failure=None,
            due_at=now + SWEEP_AFTER,
        )

    def _ended(self, status: Status, now: datetime) -> "Video":
        draft_until = None if self.published else now + DRAFT_KEPT
        return replace(self, status=status, job=None, progress=None, due_at=draft_until)
