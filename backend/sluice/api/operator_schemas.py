"""What goes over the wire to operators."""

from pydantic import BaseModel, Field

from .schemas import Time, VideoError, VideoId, Wire


class LetterPath(BaseModel):
    """Which dead letter."""

    number: int = Field(ge=1, description="Its number in the overview.")


class LaneState(Wire):
    """How full a lane is."""

    name: str
    waiting: int
    later: int = Field(description="To be delivered at a later time.")
    leased: int = Field(description="Being worked on.")
    dead: int
    oldest_seconds: float | None = Field(description="The age of its oldest living message.")


class WorkerState(Wire):
    """A process that works."""

    pid: int
    lanes: list[str]
    busy: int = Field(description="How many messages it is working on.")


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
    failures: list[FailedVideo] = Field(description="The newest ones.")
    dead_letters: list[DeadLetter]
    videos: dict[str, int] = Field(description="How many there are, by state.")
    free_bytes: int
    size_bytes: int
