"""What was answered to whom, and what was found wrong: the campaign's memory, shared by its threads."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Kept:
    """A video that we were told is kept. It may also have got the title that was asked for, if nobody answered."""

    video_id: str
    clip: str
    user: object
    stored: bool = False
    title: str | None = None
    asked: str | None = None
    deleted: bool = False


@dataclass
class Book:
    """Grows only; every entry is a promise that was made, or a breach that was seen."""

    videos: dict[str, Kept] = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    poison: list[str] = field(default_factory=list)
    windows: list[tuple[float, float]] = field(default_factory=list)
    admitted: list[tuple[float, float]] = field(default_factory=list)
    final_playlists: int = 0
    longest_stall_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, what, status, began):
        """An answer to a creating call."""
        with self.lock:
            self.answers[f"{what} {status}"] += 1
            if status in (201, 204):
                self.admitted.append((began, time.monotonic()))

    def violated(self, words):
        """Something happened that must not."""
        with self.lock:
            if words not in self.violations:
                self.violations.append(words)

    @property
    def stored(self):
        """The videos whose upload was acknowledged and that were not deleted since."""
        return [one for one in list(self.videos.values()) if one.stored and not one.deleted]

    @property
    def uploads(self):
        """How many uploads were acknowledged."""
        return sum(one.stored for one in list(self.videos.values()))
