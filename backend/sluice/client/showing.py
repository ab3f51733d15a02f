"""Videos as text for people; what the server sends can't steer the terminal."""

from collections.abc import Iterator
from typing import Any

from .bars import span
from .terminal import plain

Json = dict[str, Any]

COLOURS = {"done": "green", "failed": "red", "encoding": "yellow"}


def stage(video: Json) -> str:
    """`done`, `failed`, `queued`, `uploading`, or how much is encoded."""
    progress = video["progress"]
    return f"{progress['percent']:.0f} %" if progress["stage"] == "encoding" else str(progress["stage"])


def colour(video: Json) -> str | None:
    """What colour its state has."""
    return COLOURS.get(str(video["progress"]["stage"]))


def row(video: Json) -> tuple[str, str]:
    """Its line of a list: what stands before its state, and what after."""
    length = "" if video["duration"] is None else span(video["duration"])
    kind = "draft" if video["draft"] else video["visibility"]
    return video["id"], f"{length:>8}  {kind:<8}  {video['createdAt'][:10]}  {plain(video['title'])}"


def details(video: Json, address: str) -> Iterator[tuple[str, str]]:
    """Everything about it, as names and values."""
    yield "id", video["id"]
    yield "title", plain(video["title"])
    if video["description"]:
        yield "description", "\n".join(plain(part) for part in video["description"].split("\n"))
    yield "owner", plain(video["owner"])
    yield "state", f"{stage(video)}, {'draft' if video['draft'] else video['visibility']}"
    if video["error"]:
        yield "reason", f"{plain(video['error']['detail'])} ({video['error']['code']})"
    yield "created", video["createdAt"]
    if video["duration"] is not None:
        yield "length", f"{span(video['duration'])}, {video['width']} x {video['height']}"
    if video["repairs"]:
        yield "repaired", ", ".join(video["repairs"])
    yield "page", address
    if video["playback"]:
        yield "stream", video["playback"]["hls"]
