"""What goes over the wire to operators, and what they send."""

from typing import Annotated

from .schemas import Time, VideoError, VideoId
from .wire import Model, Told, Wire


class LetterPath(Model):
    """Which dead letter."""

    number: Annotated[int, Told("Its number in the overview.", minimum=1)]


class LaneState(Wire):
    """How full a lane is."""

    name: str
    waiting: int
    later: Annotated[int, Told("To be delivered at a later time.")]
    leased: Annotated[int, Told("Being worked on.")]
    dead: int
    oldest_seconds: Annotated[float | None, Told("The age of its oldest living message.")]


class WorkerState(Wire):
    """A process that works."""

    pid: int
    lanes: list[str]
    busy: Annotated[int, Told("How many messages it is working on.")]


class RunningEncode(Wire):
    """An encode under way."""

    id: VideoId
    title: str
    owner: str
    attempt: int
    percent: float
    seconds_left: float | None
    playable: bool
    pid: int | None


class FailedVideo(Wire):
    """A video that failed, and why."""

    id: VideoId
    title: str
    owner: str
    created_at: Time
    error: VideoError


class DeadLetter(Wire):
    """A message that was given up; `replayable` unless what it asks for is asked for anew by itself."""

    number: int
    lane: str
    kind: str
    video_id: str | None
    tries: int
    age_seconds: float
    error: str | None
    replayable: bool


class Operations(Wire):
    """How the service is at this moment."""

    lanes: list[LaneState]
    workers: list[WorkerState]
    encodes: list[RunningEncode]
    failures: Annotated[list[FailedVideo], Told("The newest ones.")]
    dead_letters: list[DeadLetter]
    videos: Annotated[dict[str, int], Told("How many there are, by state.")]
    free_bytes: int
    size_bytes: int
