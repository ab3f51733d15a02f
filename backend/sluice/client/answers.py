"""What a Sluice answers, as far as commands read it; what is anything else is not understood."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, NotRequired, TypedDict, TypeVar, cast, get_args, get_origin, get_type_hints, is_typeddict

from .troubles import Trouble

T = TypeVar("T")

# No length, no size and no time of ours comes near it; nor do NaN and the infinities, which Python reads as numbers.
_LARGEST = 10**15
# Python makes half a character of "\ud800", and can't write it anywhere.
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


class Config(TypedDict):
    """/config.json."""

    apiUrl: str
    issuer: str
    userPoolClientId: str
    userPoolId: NotRequired[str | None]
    userPoolEndpoint: NotRequired[str | None]
    publicUrl: NotRequired[str | None]


class Ticket(TypedDict):
    """Leave to upload a file as a form with these fields."""

    id: str
    url: str
    fields: dict[str, str]


class Error(TypedDict):
    """Why a video failed."""

    code: str
    detail: str


class Progress(TypedDict):
    stage: str
    percent: float
    secondsLeft: float | None


class Playback(TypedDict):
    hls: str


class Status(TypedDict):
    """What of a video changes while it is encoded."""

    status: str
    progress: Progress
    error: Error | None


class Video(Status):
    id: str
    owner: str
    title: str
    description: str
    visibility: str
    draft: bool
    createdAt: str
    duration: float | None
    width: int | None
    height: int | None
    repairs: list[str]
    playback: Playback | None


class Page(TypedDict):
    items: list[Video]
    nextCursor: str | None


class Source(TypedDict):
    url: str
    fileName: str


class Misfit(TypedDict):
    field: str
    message: str


class Refused(TypedDict):
    """A problem: what the API says instead of doing it."""

    code: str
    detail: str
    errors: NotRequired[list[Misfit] | None]


class Challenge(TypedDict):
    """What the accounts ask for."""

    ChallengeName: str


class Riddle(TypedDict):
    """The challenge that a password answers."""

    USERNAME: str
    USER_ID_FOR_SRP: str
    SRP_B: str
    SALT: str
    SECRET_BLOCK: str


class Tokens(TypedDict):
    AccessToken: str
    ExpiresIn: float
    RefreshToken: NotRequired[str | None]


def understood(content: object, kind: type[T]) -> T:
    """The content, which is of this kind; whatever else is in it stays. Trouble if it is of another."""
    for where in _misfits(content, kind, ""):
        what = f"its {where} is" if where else "it is"
        raise Trouble(f"something else than Sluice answers, or another version of it: {what} not understood")
    return cast(T, content)


def _misfits(content: Any, kind: Any, where: str) -> Iterator[str]:
    """The names of the parts that are not as they should be."""
    if is_typeddict(kind):
        yield from _misfits_of_object(content, kind, where)
    elif isinstance(kind, UnionType):
        if all(any(_misfits(content, one, where)) for one in get_args(kind)):
            yield where
    elif get_origin(kind) is list and isinstance(content, list):
        for part in content:
            yield from _misfits(part, get_args(kind)[0], where)
    elif get_origin(kind) is dict and isinstance(content, dict):
        for part in (*content.keys(), *content.values()):
            yield from _misfits(part, str, where)
    elif not _is_plain(content, kind):
        yield where


def _misfits_of_object(content: Any, kind: Any, where: str) -> Iterator[str]:
    if not isinstance(content, dict):
        yield where
        return
    for name, part in get_type_hints(kind).items():
        inside = f"{where}.{name}" if where else name
        if name in content:
            yield from _misfits(content[name], part, inside)
        elif name in kind.__required_keys__:
            yield inside


def _is_plain(content: Any, kind: Any) -> bool:
    if kind is float:
        return isinstance(content, int | float) and abs(content) < _LARGEST
    if kind is str:
        return isinstance(content, str) and not _HALF_CHARACTERS.search(content)
    return get_origin(kind) is None and isinstance(content, kind)
