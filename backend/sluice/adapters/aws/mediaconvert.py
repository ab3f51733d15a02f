"""MediaConvert as our encoder: jobs are bought once, asked for, cancelled, and their outputs put in place."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.errors import Unavailable
from sluice.ladder import Facts, Order
from sluice.messages import EncodeLost
from sluice.ports import EncodeEnd, Objects

from . import mediaconvert_ends
from .clients import asking, code_of
from .mediaconvert_claims import Claim, Claims
from .table import Table

_PAGE = 20
_CLOCKS_DIFFER = timedelta(minutes=1)
# Not refused for what it asks, but for how much goes on at the moment.
_LATER = ("ConflictException", "ServiceQuotaExceededException")
# A job that has ended, or never was.
_NOTHING_TO_CANCEL = ("BadRequestException", "ConflictException", "NotFoundException")


class MediaConvertEncoder:
    """ports.Encoder; its jobs announce their ends through EventBridge."""

    def __init__(
        self,
        clients: Callable[[str], Any],
        table: Table,
        *,
        role: str,
        queue: str,
        sources_bucket: str,
        media_bucket: str,
        media: Objects,
        now: Callable[[], datetime],
    ) -> None:
        self._clients = clients
        self._claims = Claims(table, now)
        self._queue = queue
        self._places = {
            "role": role,
            "queue": queue,
            "sources_bucket": sources_bucket,
            "media_bucket": media_bucket,
        }
        self._media = media

    def submit(self, order: Order) -> str:
        """The job's id. Unavailable while another call may be buying it. Unplayable for too small a picture."""
        # Imported by the function that orders; the API and the sweep start without it.
        from .mediaconvert_order import request

        wanted = request(order, **self._places)
        claim = self._claims.take(order)
        if claim.job:
            return claim.job
        job = self._bought_before(order.video_id, order.attempt, claim) if claim.renewed else None
        if job is None:
            if claim.renewed:
                self._claims.renew(claim)
            job = self._buy(wanted, claim)
        self._claims.fulfil(claim, job)
        return job

    def cancel(self, job: str) -> None:
        """Stop it; what it announces then is old news."""
        from botocore.exceptions import ClientError

        try:
            with asking("mediaconvert"):
                self._client.cancel_job(Id=job)
        except ClientError as error:
            if code_of(error) not in _NOTHING_TO_CANCEL:
                raise

    def cancel_order(self, video_id: str, attempt: int) -> None:
        """Stop the job of a call that died before it could keep the id; who still lives does that itself."""
        claim = self._claims.find(video_id, attempt)
        if claim is None:
            return
        job = claim.job or self._bought_before(video_id, attempt, claim)
        if job:
            self.cancel(job)
        if job or self._claims.is_left(claim):
            # Whoever looks again need not ask the service, whose calls are few.
            self._claims.forget(claim)

    def end_of(self, video_id: str, attempt: int, job: str) -> EncodeEnd | None:
        """How the job ended; None while it waits or runs."""
        from botocore.exceptions import ClientError

        try:
            with asking("mediaconvert"):
                found = self._client.get_job(Id=job)["Job"]
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return EncodeLost(video_id, attempt)
        words, seconds = found.get("ErrorMessage", ""), mediaconvert_ends.length_s(found)
        return mediaconvert_ends.end(video_id, attempt, found["Status"], found.get("ErrorCode"), words, seconds)

    def waits(self, job: str) -> bool:
        """False: whether it will ever begin is not ours to know, nor to bring about."""
        return False

    def arrange(self, video_id: str, attempt: int, facts: Facts) -> None:
        """Playlists where every home has them, and the best of the captured pictures as the thumbnail."""
        from . import mediaconvert_outcome

        mediaconvert_outcome.arrange(self._media, video_id, attempt, facts)

    def _buy(self, wanted: dict[str, Any], claim: Claim) -> str:
        from botocore.exceptions import ClientError

        with asking("mediaconvert"):
            try:
                return str(self._client.create_job(**wanted)["Job"]["Id"])
            except ClientError as error:
                told = error.response["ResponseMetadata"]
                if told["HTTPStatusCode"] < 500 and not told.get("RetryAttempts"):
                    # It said no, and nobody asked before: whoever comes next need not wait to be sure.
                    self._claims.release(claim)
                if code_of(error) in _LATER:
                    raise Unavailable(f"mediaconvert: {code_of(error)}") from error
                raise

    def _bought_before(self, video_id: str, attempt: int, claim: Claim) -> str | None:
        """The job of a call that died before it could keep the id; the service forgets its token after a minute."""
        ours = {"id": video_id, "attempt": str(attempt)}
        since = datetime.fromtimestamp(claim.at, UTC) - _CLOCKS_DIFFER
        pages = self._client.get_paginator("list_jobs").paginate(
            Queue=self._queue, Order="DESCENDING", MaxResults=_PAGE
        )
        with asking("mediaconvert"):
            for page in pages:
                for job in page["Jobs"]:
                    if job.get("UserMetadata") == ours:
                        return str(job["Id"])
                    if job["CreatedAt"] < since:
                        return None
        return None

    @property
    def _client(self) -> Any:
        return self._clients("mediaconvert")
