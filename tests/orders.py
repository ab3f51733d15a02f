"""A source, the order to encode it, and a run of one, that tests of the encoder start from."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.job import Job
from sluice.adapters.local.kept import Kept
from sluice.adapters.local.pool import Pool
from sluice.adapters.local.room import Room, RoomWatch
from sluice.ladder import Order, Source, plan
from sluice.settings import Settings
from tests.making import an_id

SOURCE = Source(
    format="mov,mp4,m4a,3gp,3g2,mj2",
    duration_s=10.0,
    video_index=0,
    video_codec="h264",
    width=1280,
    height=720,
    pixel_aspect=1.0,
    rotation=0,
    frame_rate="25/1",
    variable_frame_rate=False,
    interlaced=False,
    pixel_format="yuv420p",
    color_transfer=None,
    video_start_s=0.0,
    bitrate=None,
    audio_index=1,
    audio_channels=2,
)
ORDER = Order(an_id(1), 1, SOURCE, plan(SOURCE, tall=False))
PLAIN = replace(SOURCE, format="mov", frames=250, picture_end_s=10.0, keyframe_gap_s=2.0)


def order(**changes: Any) -> Order:
    """That of a film which can be cut, but for what is different."""
    source = replace(PLAIN, **{"picture_end_s": changes.get("duration_s", PLAIN.picture_end_s), **changes})
    return Order(an_id(1), 1, source, plan(source, tall=False))


def a_job(folder: Path, wanted: Order, /, **changes: Any) -> Job:
    """A run of an order below the folder, in which everything is encoded."""
    parts: dict[str, Any] = {
        "settings": Settings(copy_sound=False),
        "pool": Pool(4, 4 << 30),
        "source": folder / "film.mp4",
        "work": folder / "work",
        "kept": Kept(folder / "kept"),
        "media": LocalObjects(folder / "media", prefix="media/"),
        "room": RoomWatch(Room(folder)),
        "report": lambda _: None,
        "wanted": lambda: True,
        "stopping": lambda: False,
    }
    return Job(wanted, **(parts | changes))


def all_after(words: Sequence[str], option: str) -> list[str]:
    """The values that a command line gives to an option."""
    return [value for name, value in pairwise(words) if name == option]
