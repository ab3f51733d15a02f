"""One fetch for all web processes: what one of them has just got, the others take over."""

import fcntl
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sluice.jwks import REFETCH_AFTER, FetchJwks

from .durable import disk, make_folder


class SharedFetch:
    """Fetches unless another process has done so since this one last asked, and within the last seconds."""

    def __init__(self, fetch: FetchJwks, path: Path, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._path = path
        self._now = now
        self._seen_at = 0.0

    def __call__(self) -> Mapping[str, Any]:
        """The newest answer. Unavailable where it can't be had."""
        with disk():
            make_folder(self._path.parent)
            lock = self._path.with_suffix(".lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            at, answer = self._shared() or self._fetched()
        self._seen_at = at
        return answer

    def _shared(self) -> tuple[float, Mapping[str, Any]] | None:
        try:
            kept = json.loads(self._path.read_text())
            at, answer = float(kept["at"]), dict(kept["answer"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        recent = timedelta(0) <= self._now() - datetime.fromtimestamp(at, self._now().tzinfo) < REFETCH_AFTER
        return (at, answer) if recent and at > self._seen_at else None

    def _fetched(self) -> tuple[float, Mapping[str, Any]]:
        answer, at = self._fetch(), self._now().timestamp()
        with disk():
            self._path.write_text(json.dumps({"at": at, "answer": answer}))
        return at, answer
