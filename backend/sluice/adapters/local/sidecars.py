"""The metadata of uploaded files, kept beside them."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .durable import move, unfinished
from .folders import old_files


class Sidecars:
    """One small JSON file for each object that came with metadata.

    It is written before its object gets its name, so it tells of two states: the coming one and the one before."""

    def __init__(self, folder: Path, unfinished_folder: Path) -> None:
        self._folder = folder
        self._unfinished = unfinished_folder

    def record(
        self, key: str, metadata: Mapping[str, str], coming: os.stat_result, present: os.stat_result | None
    ) -> None:
        """Keep, durably, the metadata of the file that is about to replace the present one, if there is one."""
        before = {"stamp": _stamp(present), "metadata": self.read(key, present)[0]} if present else None
        record = {"key": key, "stamp": _stamp(coming), "metadata": dict(metadata), "before": before}
        with unfinished(self._unfinished) as file:
            file.write(json.dumps(record).encode())
            file.sync()
            move(file.path, self._path(key))

    def read(self, key: str, present: os.stat_result) -> tuple[dict[str, str], str]:
        """The metadata of the file that is there now, and its stamp when it came, whatever its times are since."""
        record = _load(self._path(key))
        if record is None:
            return {}, _stamp(present)
        before = record["before"]
        is_older = before is not None and _stamp(present) == before["stamp"] != record["stamp"]
        told = before if is_older else record
        return told["metadata"], told["stamp"]

    def forget(self, key: str) -> None:
        """Remove what is kept for a key whose object is gone."""
        self._path(key).unlink(missing_ok=True)

    def sweep(self, older_than_s: float, likely: Iterable[str], exists: Callable[[str], bool]) -> None:
        """Remove what a crash left: records of objects that never came. The `likely` keys are those of most objects."""
        names = {path.name for path in self._folder.glob("*.json")}
        for path in old_files(self._folder, older_than_s, names - {self._path(key).name for key in likely}):
            record = _load(path)
            if record is not None and not exists(record["key"]):
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _load(path: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return record


def _stamp(stat: os.stat_result) -> str:
    """What tells two uploads under one key apart."""
    return f"{stat.st_size}-{stat.st_mtime_ns}"
