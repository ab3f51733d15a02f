"""The finished chunks of one video: what is here need not be encoded again, whatever was killed meanwhile."""

import hashlib
import json
import shutil
from collections.abc import Collection
from pathlib import Path

from sluice.codec import plain
from sluice.ladder import Order
from sluice.layout import AUDIO

from . import durable
from .durable import disk
from .folders import remove_tree

# Changed whenever chunks of an earlier release would not go together with those of this one.
_EDITION = 3
# The sound as it was encoded, and as it was taken over; neither knows how pictures are cut.
SOUNDS = (AUDIO, f"{AUDIO}-copied")
_SPENT = "spent/cpu_s"
_PLAN = "plan"
_REFUSED = "refused"
_COUNTED = "counted"


def note_spent(written: Path, cpu_s: float) -> None:
    """Have it known of a chunk how long its processes ran, wherever it is kept."""
    with disk():
        (written / _SPENT).parent.mkdir(exist_ok=True)
        (written / _SPENT).write_text(str(cpu_s))


class Kept:
    """Folders of finished chunks, by name. They go together: those of another order are not let in beside them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, order: Order, way: str, at_once: int) -> int:
        """Make room for what is made of this order in this way, and remove what belongs to others.

        It is cut for so many chunks at once; what it is cut for is told, which is what it was when somebody began.
        """
        wanted = _fingerprint(order)
        with disk():
            match (self._read(_PLAN) or "").split():
                case [plan, known, began_with] if (plan, known) == (wanted, way):
                    return int(began_with)
                case [plan, *_] if plan == wanted:
                    self._clear({_REFUSED, *SOUNDS})
                case _:
                    self._clear({_REFUSED})
            self._write(_PLAN, f"{wanted} {way} {at_once}")
            return at_once

    def path(self, name: str) -> Path:
        """Where the chunk of this name is once it is finished."""
        return self._folder / name

    def has(self, name: str) -> bool:
        """Whether it is finished."""
        return self.path(name).is_dir()

    def keep(self, written: Path, name: str) -> None:
        """Take a finished chunk: durable, and in one step. Nothing happens if it is there by now."""
        with disk():
            if self.has(name):
                return
            for folder in written.iterdir():
                for file in folder.iterdir():
                    durable.sync(file)
                durable.sync(folder)
            durable.sync(written)
            try:
                durable.move(written, self.path(name))
            except OSError:
                # Somebody else's came while this one was synced.
                if not self.has(name):
                    raise

    def spent_s(self, name: str) -> float:
        """The CPU seconds that were noted of a finished chunk; none of what an earlier release has made."""
        return float(self._read(f"{name}/{_SPENT}") or 0)

    def refuse(self, way: str) -> None:
        """Remember that this source can't be encoded in this way."""
        with disk():
            durable.make_folder(self._folder)
            with durable.locked(self._folder):
                self._write(_REFUSED, " ".join({*self._refused(), way}))

    def refused(self, way: str) -> bool:
        """Whether an earlier attempt found that this source can't be encoded in this way."""
        return way in self._refused()

    def has_grown(self) -> bool:
        """Whether more is finished than when this was asked the last time."""
        with disk():
            finished = sum(path.is_dir() for path in self._folder.iterdir()) if self._folder.is_dir() else 0
            grown = finished > int(self._read(_COUNTED) or 0)
            if grown:
                self._write(_COUNTED, str(finished))
        return grown

    def remove(self) -> None:
        """Nothing is kept any more."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _clear(self, but: Collection[str]) -> None:
        durable.make_folder(self._folder)
        # First: what a crash leaves half removed must not be taken for whole.
        (self._folder / _PLAN).unlink(missing_ok=True)
        for path in [path for path in self._folder.iterdir() if path.name not in but]:
            if path.is_dir():
                remove_tree(path)
            else:
                path.unlink(missing_ok=True)

    def _refused(self) -> list[str]:
        return (self._read(_REFUSED) or "").split()

    def _read(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text()
        except OSError:
            return None

    def _write(self, name: str, text: str) -> None:
        with durable.unfinished(self._folder) as file:
            file.write(text.encode())
            file.sync()
            durable.move(file.path, self._folder / name)


def _fingerprint(order: Order) -> str:
    """The same for two attempts of which either may go on with the other's chunks, if they are made in the same way."""
    told = json.dumps([_EDITION, plain(order.source), plain(order.facts)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
