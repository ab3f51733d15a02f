"""Numbers that only grow, counted by many processes: a mapped file each, read together.

A count is visible to all at once and costs no system call; what a process counted stays when it dies."""

import errno
import json
import mmap
import os
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from .durable import locked
from .living import is_alive

_FILE_BYTES = 256 << 10
_WORD = 8
# Each of them is read for every answer.
_MANY = 50
_USED = struct.Struct("<q")
_VALUE = struct.Struct("<d")
_LENGTH = struct.Struct("<q")

Labels = tuple[tuple[str, str], ...]
Key = tuple[str, Labels]


class Counters:
    """What this process counts; `totals` is what all of them have counted since `clear`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._pid = 0
        self._places: dict[Key, int] = {}
        self._map: mmap.mmap | None = None

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Count it. Where the file is full a new name is not counted; nothing is ever slower or fails for it."""
        key = (name, tuple(labels.items()))
        # Where the folder was taken away nothing is begun in its place, nor where the disk is full.
        with self._lock, suppress(OSError):
            mapped = self._mapped()
            place = self._places.get(key) or self._new_place(mapped, key)
            if place:
                (before,) = _VALUE.unpack_from(mapped, place)
                _VALUE.pack_into(mapped, place, before + amount)

    def totals(self) -> dict[Key, float]:
        """The sums over all processes, dead ones too."""
        with suppress(FileNotFoundError), locked(self._folder):
            return _sums(sorted(self._folder.glob("counters.*")))
        return {}

    def take_over(self) -> None:
        """Count here what the dead have counted, once there are many of them."""
        with suppress(FileNotFoundError), locked(self._folder):
            dead = [path for path in self._folder.glob("counters.*") if not is_alive(_counter(path))]
            if len(dead) < _MANY:
                return
            sums = _sums(dead)
            # Before they are counted: who is killed in between loses counts, and makes none up.
            for path in dead:
                path.unlink()
            for (name, labels), value in sums.items():
                self.add(name, value, **dict(labels))

    def _mapped(self) -> mmap.mmap:
        # A fork brings its parent's map along, which is not its own to write to.
        if self._map is None or self._pid != os.getpid():
            self._pid, self._places = os.getpid(), {}
            self._map = _open(self._folder / f"counters.{self._pid}-{token_hex(4)}")
        return self._map

    def _new_place(self, mapped: mmap.mmap, key: Key) -> int:
        """Where the value of a new key is; 0 where there is no room for it."""
        name, labels = key
        text = json.dumps([name, sorted(labels)]).encode()
        (used,) = _USED.unpack_from(mapped, 0)
        end = used + _VALUE.size + _LENGTH.size + _padded(len(text))
        if end > _FILE_BYTES:
            return 0
        _VALUE.pack_into(mapped, used, 0.0)
        _LENGTH.pack_into(mapped, used + _VALUE.size, len(text))
        mapped[used + 2 * _WORD : used + 2 * _WORD + len(text)] = text
        # Last: readers believe what lies before it.
        _USED.pack_into(mapped, 0, end)
        self._places[key] = used
        return int(used)


def clear(folder: Path) -> None:
    """Begin at nothing again, as nobody counts now."""
    for path in folder.glob("counters.*"):
        path.unlink(missing_ok=True)


def _counter(path: Path) -> int:
    """The process whose file this is."""
    return int(path.name.partition(".")[2].partition("-")[0])


def _sums(paths: Iterable[Path]) -> dict[Key, float]:
    sums: Counter[Key] = Counter()
    for path in paths:
        for key, value in _entries(path.read_bytes()):
            sums[key] += value  # type: ignore[assignment]
    return dict(sums)


def _open(path: Path) -> mmap.mmap:
    try:
        with path.open("x+b", buffering=0) as file:
            # A process that writes to a map for which the disk has no room is killed: it is taken beforehand.
            if file.write(bytes(_FILE_BYTES)) < _FILE_BYTES:
                raise OSError(errno.ENOSPC, "no room to count in", str(path))
            mapped = mmap.mmap(file.fileno(), _FILE_BYTES)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    _USED.pack_into(mapped, 0, _WORD)
    return mapped


def _entries(content: bytes) -> Iterator[tuple[Key, float]]:
    used = _USED.unpack_from(content, 0)[0] if len(content) == _FILE_BYTES else 0
    place = _WORD
    while place < used:
        (value,), (length,) = _VALUE.unpack_from(content, place), _LENGTH.unpack_from(content, place + _WORD)
        name, labels = json.loads(content[place + 2 * _WORD : place + 2 * _WORD + length])
        yield (name, tuple((one, text) for one, text in labels)), value
        place += 2 * _WORD + _padded(length)


def _padded(length: int) -> int:
    """Rounded up, so that values lie on whole words and are written in one piece."""
    return -(-length // _WORD) * _WORD
