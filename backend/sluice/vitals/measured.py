"""What is read when it is asked for: lanes, videos, disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from sluice.adapters.local import durable
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.adapters.local.sqlite import SqliteVideos
from sluice.operations import Lane

from .exposition import Family, Sample


def lanes(found: Iterable[Lane]) -> Iterable[Family]:
    """How full the lanes are, and how old what waits in them."""
    found = list(found)
    messages = [
        Sample(many, {"lane": lane.name, "state": state})
        for lane in found
        for state, many in (
            ("waiting", lane.waiting),
            ("later", lane.later),
            ("leased", lane.leased),
            ("dead", lane.dead),
        )
    ]
    oldest = [Sample(lane.oldest_s or 0.0, {"lane": lane.name}) for lane in found]
    running = sum(lane.leased for lane in found if lane.name == ENCODER)
    yield Family("sluice_queue_messages", "gauge", "Messages in a lane, by state.", tuple(messages))
    yield Family("sluice_queue_oldest_seconds", "gauge", "Age of a lane's oldest living message.", tuple(oldest))
    yield Family("sluice_encodes_running", "gauge", "Encodes under way.", (Sample(running),))


def videos(kept: SqliteVideos) -> Iterable[Family]:
    """How many videos there are by state, the failed ones by code."""
    counts = kept.counts_by_code().items()
    samples = [Sample(many, {"state": state, "code": code or ""}) for (state, code), many in counts]
    yield Family("sluice_videos", "gauge", "Videos by state; failed ones by the code of their failure.", tuple(samples))


def disk(folder: Path) -> Iterable[Family]:
    """The room where everything is kept. Unavailable where nothing can be."""
    with durable.disk():
        usage = shutil.disk_usage(folder)
    yield Family("sluice_disk_free_bytes", "gauge", "Free space in the data folder.", (Sample(usage.free),))
    yield Family("sluice_disk_size_bytes", "gauge", "Size of the disk of the data folder.", (Sample(usage.total),))
