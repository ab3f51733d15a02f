"""One encode by Sluice, as a worker runs it, in a process of its own: `python -m tests.bench.ours FILM FOLDER`."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from sluice.adapters.ffprobe import Ffprobe
from sluice.adapters.local.encoder import run_order
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.job import Job
from sluice.adapters.local.kept import Kept
from sluice.adapters.local.pool import Pool, usable_memory
from sluice.adapters.local.room import Room, RoomWatch
from sluice.ladder import Order, plan
from sluice.layout import RECEIPT, attempt_prefix
from sluice.messages import EncodeSucceeded
from sluice.settings import load

from .runs import Run, Watch

VIDEO_ID = "01JD0000000000000000000001"


# Beside what encodes the sound with our settings we do as well: sound that we took over would be none of our work.
ENCODES_ALL = {"COPY_TOP": "0", "COPY_SOUND": "0"}
# Beside the defaults of others we have ours, but for pictures in a row that is to show how they are encoded.
ENCODES_PICTURES = {"COPY_TOP": "0", "COPY_SOUND": "1"}
COPIES = {"COPY_TOP": "1", "COPY_SOUND": "1"}


def encode(film: Path, folder: Path, settings: Mapping[str, str] = ENCODES_ALL, *, whole: bool = False) -> Run:
    """Encode a film below the folder, in chunks or `whole`, in one process."""
    argv = [sys.executable, "-m", "tests.bench.ours", str(film), str(folder), *["--whole"] * whole]
    environ = {**os.environ, **{f"SLUICE_{name}": value for name, value in settings.items()}}
    with Watch(media_of(folder)) as watch:
        told = json.loads(subprocess.run(argv, env=environ, check=True, stdout=subprocess.PIPE).stdout)
    if settings is COPIES and not _top_is_copied(folder):
        raise RuntimeError(f"the top rung of {film} was not copied but encoded")
    # Both processes read the same clock.
    return Run(told["wall_s"], told["cpu_s"], watch.seen_at - told["began"])


def _top_is_copied(folder: Path) -> bool:
    receipt = json.loads((media_of(folder) / RECEIPT).read_text())
    return bool(receipt["renditions"][0]["copied"])


def order_of(film: Path) -> Order:
    """What a film's probe and ladder ask of an encoder."""
    source = Ffprobe(load())(str(film))
    return Order(VIDEO_ID, 1, source, plan(source, tall=False))


def media_of(folder: Path) -> Path:
    """Where the playlists and segments are that were encoded below this folder."""
    return folder / attempt_prefix(VIDEO_ID, 1)


def main() -> None:
    """Tell as JSON when it began, and how long the encode alone took: a worker is there before it gets an order."""
    parser = argparse.ArgumentParser()
    parser.add_argument("film", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args()
    settings, folder = load(), given.folder.absolute()
    job = Job(
        order=order_of(given.film),
        settings=settings,
        pool=Pool(settings.workers, usable_memory()),
        source=given.film.absolute(),
        work=folder / "work",
        kept=_kept(folder / "kept", whole=given.whole),
        media=LocalObjects(given.folder / "media", prefix="media/"),
        report=lambda _: None,
        room=RoomWatch(Room(given.folder)),
        wanted=lambda: True,
        stopping=lambda: False,
    )
    spent_s, began = _cpu_s(), time.monotonic()
    end = run_order(job, stands=lambda: True)
    ended = time.monotonic()
    if not isinstance(end, EncodeSucceeded):
        sys.exit(str(end))
    print(json.dumps({"began": began, "wall_s": ended - began, "cpu_s": _cpu_s() - spent_s}))


def _kept(folder: Path, *, whole: bool) -> Kept:
    """A folder for chunks; one that says that there can be none, if the film is to be encoded whole."""
    if whole:
        folder.mkdir(parents=True)
        for way in ("copied", "chunked"):
            Kept(folder).refuse(way)
    return Kept(folder)


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
