"""Our messages, and their form as JSON."""

import json

from .codec import plain, restore
from .errors import Refused
from .records import dataclass


@dataclass(frozen=True)
class SourceArrived:
    """The source of this video lies in the raw bucket."""

    video_id: str


@dataclass(frozen=True)
class EncodeProgressed:
    """How far the encode is; it may get lost or come late, nothing hangs on it."""

    video_id: str
    attempt: int
    percent: float
    seconds_left: float | None = None
    playable: bool = False


@dataclass(frozen=True)
class EncodeSucceeded:
    """Everything of this attempt is published: so many seconds of film, where the encoder tells."""

    video_id: str
    attempt: int
    seconds: float | None = None


@dataclass(frozen=True)
class EncodeFailed:
    """The encoder gave up on this attempt, for a reason that another try would meet again."""

    video_id: str
    attempt: int
    code: str
    detail: str


@dataclass(frozen=True)
class EncodeLost:
    """The encoder or its machine went away in the middle; `planned` when that is no reason ever to give it up."""

    video_id: str
    attempt: int
    planned: bool = False


@dataclass(frozen=True)
class VideoDeleted:
    """What belongs to this video is to be removed."""

    video_id: str


@dataclass(frozen=True)
class OwnerDeleted:
    """This user is gone, and so are their videos."""

    owner: str


@dataclass(frozen=True)
class OwnerRenamed:
    """This user is shown under another name from now on."""

    owner: str
    name: str


Message = (
    SourceArrived
    | EncodeProgressed
    | EncodeSucceeded
    | EncodeFailed
    | EncodeLost
    | VideoDeleted
    | OwnerDeleted
    | OwnerRenamed
)

LANES = ("sources", "encodes", "tasks")
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in Message.__args__}
_ENCODE_NEWS = (EncodeProgressed, EncodeSucceeded, EncodeFailed, EncodeLost)


def lane_of(message: Message) -> str:
    """The lane this message travels on."""
    if isinstance(message, SourceArrived):
        return "sources"
    return "encodes" if isinstance(message, _ENCODE_NEWS) else "tasks"


def dumps(message: Message) -> str:
    """The message as JSON text."""
    return json.dumps({"type": type(message).__name__, **plain(message)}, separators=(",", ":"))


def parse(body: object) -> Message:
    """Our message from decoded JSON; Refused(unknown_message) for anything else."""
    kind = _KINDS.get(str(body.get("type"))) if isinstance(body, dict) else None
    if kind is None:
        raise Refused("unknown_message", "This is not a message that Sluice knows.")
    try:
        return restore(kind, body)
    except ValueError as error:
        raise Refused("unknown_message", f"A broken {kind.__name__} message: {error}") from error
