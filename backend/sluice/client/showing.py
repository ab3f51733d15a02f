"""Videos as text for people; what the server sends can't steer the terminal."""

from collections.abc import Iterator

from .answers import Video
from .bars import span
from .terminal import plain

COLOURS = {"done": "green", "failed": "red", "encoding": "yellow"}


def stage(video: Video) -> str:
    """`done`, `failed`, `queued`, `uploading`, or how much is encoded."""
    progress = video["progress"]
    return f"{progress['percent']:.0f} %" if progress["stage"] == "encoding" else plain(progress["stage"])


def colour(video: Video) -> str | None:
    """What colour its state has."""
    return COLOURS.get(video["progress"]["stage"])


def row(video: Video) -> tuple[str, str]:
    """Its line of a list: what stands before its state, and what after."""
    length = "" if video["duration"] is None else span(video["duration"])
    after = f"{length:>8}  {_kind(video):<8}  {video['createdAt'][:10]}  {video['title']}"
    return plain(video["id"]), plain(after)


def _kind(video: Video) -> str:
    return "draft" if video["draft"] else video["visibility"]


def details(video: Video, address: str) -> Iterator[tuple[str, str]]:
    """Everything about it, as names and values."""
    for name, value in _details(video, address):
        lines = value.split("\n") if name == "description" else [value]
        yield name, "\n".join(map(plain, lines))


def _details(video: Video, address: str) -> Iterator[tuple[str, str]]:
    yield "id", video["id"]
    yield "title", video["title"]
    if video["description"]:
        yield "description", video["description"]
    yield "owner", video["owner"]
    yield "state", f"{stage(video)}, {_kind(video)}"
    if video["error"]:
        yield "reason", f"{video['error']['detail']} ({video['error']['code']})"
    yield "created", video["createdAt"]
    if video["duration"] is not None:
        yield "length", f"{span(video['duration'])}, {video['width']} x {video['height']}"
    if video["repairs"]:
        yield "repaired", ", ".join(video["repairs"])
    yield "page", address
    if video["playback"]:
        yield "stream", video["playback"]["hls"]
