"""Who may buy the job of an attempt: one claim each, written before the job is ordered, then holding its id."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sluice.errors import Unavailable
from sluice.ladder import Order
from sluice.records import dataclass

from .table import Refusal, Table

# Longer than one call can take with all its retries: after that, its caller is dead.
CLAIM_LASTS = timedelta(minutes=3)
# Longer than a job may run and news of it may be under way.
_KEPT = timedelta(days=7)
_UNSOLD = "attribute_not_exists(job_id)"


@dataclass(frozen=True)
class Claim:
    """The right to buy, since when, and the job once it is bought; `renewed` if somebody had it before."""

    key: str
    at: float
    job: str | None = None
    renewed: bool = False


class Claims:
    """Claims in the table of the videos; the table forgets them by itself."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def take(self, order: Order) -> Claim:
        """The claim of this attempt: new, or the one that there is, whoever has it."""
        claim = Claim(_key(order.video_id, order.attempt), self._now().timestamp())
        forget_at = int((self._now() + _KEPT).timestamp())
        item = {"pk": claim.key, "claimed_at": claim.at, "forget_at": forget_at}
        try:
            self._table.put(item, "attribute_not_exists(pk)")
        except Refusal:
            return self._taken(order)
        return claim

    def find(self, video_id: str, attempt: int) -> Claim | None:
        """The claim that there is for this attempt."""
        key = _key(video_id, attempt)
        item = self._table.get(key)
        return Claim(key, float(item["claimed_at"]), item.get("job_id"), renewed=True) if item else None

    def is_left(self, claim: Claim) -> bool:
        """Whether its holder is dead."""
        return self._now().timestamp() - claim.at >= CLAIM_LASTS.total_seconds()

    def renew(self, claim: Claim) -> None:
        """Take over a claim whose holder is dead. Unavailable while they may still be buying."""
        if not self.is_left(claim):
            raise Unavailable(f"{claim.key} is being ordered")
        values = {":now": self._now().timestamp(), ":was": claim.at}
        try:
            self._table.update(claim.key, "SET claimed_at = :now", f"claimed_at = :was AND {_UNSOLD}", values)
        except Refusal as refusal:
            raise Unavailable(f"{claim.key} is being ordered") from refusal

    def fulfil(self, claim: Claim, job: str) -> None:
        """Keep the job's id with its claim, if that was not forgotten meanwhile."""
        with suppress(Refusal):
            self._table.update(claim.key, "SET job_id = :job", "attribute_exists(pk)", {":job": job})

    def release(self, claim: Claim) -> None:
        """Give up a claim for which nothing was bought."""
        with suppress(Refusal):
            self._table.delete(claim.key, _UNSOLD)

    def forget(self, claim: Claim) -> None:
        """Remove the claim of an attempt for which nobody is to buy any more."""
        self._table.delete(claim.key)

    def _taken(self, order: Order) -> Claim:
        claim = self.find(order.video_id, order.attempt)
        if claim is None:
            raise Unavailable(f"{_key(order.video_id, order.attempt)} was just given up")
        return claim


def _key(video_id: str, attempt: int) -> str:
    return f"job#{video_id}#{attempt}"
