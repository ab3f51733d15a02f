"""What an operator sees of a running service, and may do to it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from .records import dataclass
from .video import Video


@dataclass(frozen=True)
class Lane:
    """One lane; `oldest_s` is how long its oldest message has been there, None where there is none."""

    name: str
    waiting: int
    later: int
    leased: int
    dead: int
    oldest_s: float | None


@dataclass(frozen=True)
class Letter:
    """A message as it lies in its lane."""

    number: int
    lane: str
    kind: str
    video_id: str | None
    receives: int
    age_s: float
    error: str | None
    pid: int | None


@dataclass(frozen=True)
class Worker:
    """A process that takes messages off these lanes, and how many it is working on."""

    pid: int
    lanes: tuple[str, ...]
    busy: int


@dataclass(frozen=True)
class Encode:
    """A video that this process is encoding now."""

    video: Video
    pid: int | None


@dataclass(frozen=True)
class Overview:
    """How the service is at one moment; `videos` counts them by state."""

    lanes: Sequence[Lane]
    workers: Sequence[Worker]
    encodes: Sequence[Encode]
    failures: Sequence[Video]
    dead: Sequence[Letter]
    videos: Mapping[str, int]
    free_bytes: int
    size_bytes: int


class Operations(Protocol):
    """The operator's view of a home. Unavailable when what it looks at does not answer."""

    def overview(self) -> Overview:
        """Everything worth a look, the newest failures first."""

    def replay(self, number: int) -> None:
        """Let a dead letter be delivered again, as if it were new.

        NotFound; Refused(comes_again) for what is ordered anew by itself."""

    def drop(self, number: int) -> None:
        """Forget a dead letter. NotFound."""
