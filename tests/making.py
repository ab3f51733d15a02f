"""Values that tests start from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.ladder import Facts, Rendition
from sluice.video import Failure, Status, Video

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FACTS = Facts(
    duration_s=8.0,
    width=640,
    height=360,
    frame_rate=25.0,
    has_audio=True,
    repairs=(),
    renditions=(Rendition("360", 640, 360, 800_000), Rendition("240", 426, 240, 400_000)),
)
BAD = Failure("damaged", "It is damaged.")
ANN, BOB = "ann", "bob"


def an_id(number: int) -> str:
    """The number-th of a row of ids that sort by number."""
    return f"01JD000000000000000000{number:04d}"


def a_video(number: int = 1, **changes: Any) -> Video:
    """A pending video of Ann's with a valid ticket."""
    video = Video(
        id=an_id(number),
        owner=ANN,
        owner_name="Ann",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        due_at=NOW + timedelta(minutes=1),
    )
    return replace(video, **changes)


def processing(**changes: Any) -> Video:
    """A video whose first attempt an encoder works on."""
    return replace(a_video(title="A film").start(FACTS, NOW).submitted("job-1"), **changes)


def done(**changes: Any) -> Video:
    """A published video that can be watched."""
    return replace(processing().finish(1, FACTS, NOW), **changes)


def failed(**changes: Any) -> Video:
    """A published video that could not be encoded."""
    return replace(processing().fail(BAD, NOW, 1), **changes)


def in_state(status: Status) -> Video:
    """A video of Ann's in this state, at attempt 1 but for pending."""
    return {"pending": a_video(), "processing": processing(), "done": done(), "failed": failed()}[status]
