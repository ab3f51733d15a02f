"""The encoder as others see it: orders wait in a lane of their own until a worker runs them."""

import json
from typing import Protocol

from sluice.codec import plain, restore
from sluice.errors import NotFound
from sluice.ladder import Facts, Order
from sluice.layout import media_key
from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.ports import EncodeEnd

LANE = "encoder"
# Written last of all: where it is, everything else is there and was found whole.
COMPLETE = "complete.json"


class Orders(Protocol):
    """What the encoder needs of a queue: orders by key, each there until somebody has answered for it."""

    def put(self, lane: str, body: str, *, key: str) -> None:
        """Add a body, unless the lane has this key already; durable when it returns."""

    def drop(self, lane: str, key: str) -> None:
        """Remove it, whoever works on it."""

    def has(self, lane: str, key: str) -> bool:
        """Whether it waits or is being worked on."""

    def waits(self, lane: str, key: str) -> bool:
        """Whether nobody has taken it yet."""


class Published(Protocol):
    """What the encoder needs of the media bucket to tell how an order ended."""

    def read(self, key: str, *, max_bytes: int = 4 << 20) -> bytes:
        """The whole of a small object. NotFound where there is none."""


class LocalEncoder:
    """ports.Encoder over a lane of orders; encoder.run_order is what a worker does with one."""

    def __init__(self, orders: Orders, media: Published) -> None:
        self._orders = orders
        self._media = media

    def submit(self, order: Order) -> str:
        """The job's handle; a second order of the same video and attempt gets the first one's job."""
        job = job_of(order)
        self._orders.put(LANE, dumps(order), key=job)
        return job

    def cancel(self, job: str) -> None:
        """Take the order back; a worker that runs it notices and stops."""
        self._orders.drop(LANE, job)

    def cancel_order(self, video_id: str, attempt: int) -> None:
        """Take back the order of this attempt."""
        self.cancel(_job(video_id, attempt))

    def end_of(self, video_id: str, attempt: int, job: str) -> EncodeEnd | None:
        """How the job ended; None while it waits or runs."""
        if self._orders.has(LANE, job):
            return None
        if is_complete(self._media, video_id, attempt):
            return EncodeSucceeded(video_id, attempt)
        return EncodeLost(video_id, attempt)

    def waits(self, job: str) -> bool:
        """Whether nobody has taken the order yet; that of somebody who died is taken up at once."""
        return self._orders.waits(LANE, job)

    def arrange(self, video_id: str, attempt: int, facts: Facts) -> None:
        """Nothing: its publisher put everything in place."""


def job_of(order: Order) -> str:
    """The handle of an order's job, which is also its key in the lane."""
    return _job(order.video_id, order.attempt)


def _job(video_id: str, attempt: int) -> str:
    return f"{video_id}/{attempt}"


def dumps(order: Order) -> str:
    """The order as it waits in the lane."""
    return json.dumps(plain(order), separators=(",", ":"))


def loads(body: str) -> Order:
    """The order from the lane; ValueError if it is none."""
    return restore(Order, json.loads(body))


def is_complete(media: Published, video_id: str, attempt: int) -> bool:
    """Whether this attempt was encoded and published to its end."""
    try:
        return bool(media.read(media_key(video_id, attempt, COMPLETE)))
    except NotFound:
        return False
