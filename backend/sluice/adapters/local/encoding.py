"""One running ffmpeg: its progress as it comes, its last words, and what the way it ended means."""

import errno
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence

from sluice import machine
from sluice.adapters import child, refusals
from sluice.ladder import Order, Rendition, Source
from sluice.messages import EncodeFailed, EncodeLost, EncodeProgressed

# How long ffmpeg may say nothing before the caller gets a turn all the same.
_SILENCE_S = 1.0
_REPORT_EVERY_S = 0.5
# A film that waits for others has nothing to tell but that it takes longer.
_REPORT_THE_SAME_EVERY_S = 5.0
_GIB = 1 << 30
_READ_BYTES = 1 << 16
_LAST_WORDS_BYTES = 1 << 13
_FRAME = re.compile(rb"^frame=\s*(\d+)", re.MULTILINE)

# ffmpeg answers the signals that ask it to stop with this; the others end it at once.
_ASKED_TO_STOP = 255
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)

# Said where the machine has no process or thread left, whatever the film; libx264 doesn't give its reason.
_NOTHING_LEFT = (os.strerror(errno.EAGAIN), "Error while opening encoder")

DAMAGED = refusals.damaged().detail
NO_SPACE = "There was no room left to encode this video; try again when the operator has made some."
TOO_SLOW = "This video takes longer to encode than is allowed here; upload a smaller or shorter one."
TOO_COMPLEX = "This video needs more memory to encode than is allowed here; upload a smaller one."


class OutOfTime(Exception):
    """It runs for longer than it may."""


class Encoding:
    """Follows the pipes of one ffmpeg process that reports its progress on stdout."""

    def __init__(self, process: "subprocess.Popen[bytes]", wall_s: float) -> None:
        self.frames = 0
        self.cpu_s = 0.0
        self._process = process
        self._deadline = time.monotonic() + wall_s
        self._last_words = bytearray()
        self._line = b""

    @property
    def last_words(self) -> str:
        """The end of what it said on stderr."""
        return self._last_words.decode("utf-8", "replace")

    def turns(self) -> Iterator[None]:
        """One turn for each report, or each silent second, until it has ended; OutOfTime if that takes too long."""
        with selectors.DefaultSelector() as selector:
            for pipe, take in ((self._process.stdout, self._take_report), (self._process.stderr, self._take_words)):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ, take)
            while selector.get_map():
                self._read(selector)
                if time.monotonic() > self._deadline:
                    raise OutOfTime
                yield
        self._wait()

    def _read(self, selector: selectors.BaseSelector) -> None:
        for key, _ in selector.select(_SILENCE_S):
            piece = os.read(key.fd, _READ_BYTES)
            key.data(piece)
            if not piece:
                selector.unregister(key.fileobj)

    def _take_report(self, piece: bytes) -> None:
        *lines, self._line = (self._line + piece).split(b"\n")
        for line in lines:
            if match := _FRAME.match(line):
                self.frames = int(match[1])

    def _take_words(self, piece: bytes) -> None:
        self._last_words += piece
        del self._last_words[:-_LAST_WORDS_BYTES]

    def _wait(self) -> None:
        cpu_s = child.end_of(self._process, max(0.0, self._deadline - time.monotonic()))
        if cpu_s is None:
            raise OutOfTime
        self.cpu_s = cpu_s


class Progress:
    """Tells how far it is, at most twice a second if that is any further, and at once when it becomes playable."""

    def __init__(self, order: Order, report: Callable[[EncodeProgressed], None]) -> None:
        self._order = order
        self._report = report
        self._frames = max(1.0, order.facts.duration_s * order.facts.frame_rate)
        self._began = self._told_at = time.monotonic()
        self._told = (0, False)

    def tell(self, frames: int, *, playable: bool) -> None:
        now, (frames_told, playable_told) = time.monotonic(), self._told
        every_s = _REPORT_EVERY_S if frames > frames_told else _REPORT_THE_SAME_EVERY_S
        if playable == playable_told and now - self._told_at < every_s:
            return
        self._told_at, self._told = now, (frames, playable)
        done = min(0.99, frames / self._frames)
        left_s = (now - self._began) * (1 - done) / done if done > 0.01 else None
        self._report(EncodeProgressed(self._order.video_id, self._order.attempt, 100 * done, left_s, playable))


def encode_limits(order: Order, niceness: int = 5) -> child.Limits:
    """Enough for any honest source of this size on this machine, measured with room to spare; a bound for bombs."""
    cores = machine.cores()
    pixels = order.source.width * order.source.height + _pixels(order.facts.renditions)
    memory_bytes = 3 * _GIB + cores * _GIB // 4 + pixels * (128 + 48 * cores)
    cpu_s = int(wall_s(order)) * cores
    return child.Limits(memory_bytes, cpu_s, file_bytes=_GIB, open_files=256, niceness=niceness)


def likely_memory(source: Source, rungs: Sequence[Rendition], *, threads: bool) -> int:
    """About what one process for these rungs really takes, as measured; far less than it is allowed to."""
    per_pixel = 160 if threads else 80
    return (64 << 20) + per_pixel * _pixels(rungs) + 16 * source.width * source.height


def _pixels(rungs: Sequence[Rendition]) -> int:
    return sum(one.width * one.height for one in rungs)


def wall_s(order: Order) -> float:
    """How long an encode may take: far longer than the video plays, the more so the larger it is."""
    full_hd = order.source.width * order.source.height / (1920 * 1080)
    return 60 + 30 * order.facts.duration_s * max(1.0, full_hd)


def verdict(order: Order, returncode: int, words: str) -> EncodeFailed | EncodeLost | None:
    """What it means that ffmpeg ended like this; None if it says that all went well, which proves nothing yet.

    ToolUnusable if it could not even be started."""
    child.require_started("ffmpeg", returncode, words)
    if os.strerror(errno.ENOSPC) in words:
        return failed(order, "no_space", NO_SPACE)
    if returncode == 0:
        return None
    if returncode == -signal.SIGXCPU or f"received signal {signal.SIGXCPU:d}" in words:
        return failed(order, "too_slow", TOO_SLOW)
    if returncode == _ASKED_TO_STOP or -returncode in _FROM_OUTSIDE:
        return EncodeLost(order.video_id, order.attempt)
    if os.strerror(errno.ENOMEM) in words or returncode == -signal.SIGXFSZ:
        return failed(order, "too_complex", TOO_COMPLEX)
    if any(trouble in words for trouble in _NOTHING_LEFT):
        return EncodeLost(order.video_id, order.attempt)
    return failed(order, "damaged", DAMAGED)


def failed(order: Order, code: str, detail: str) -> EncodeFailed:
    """The news that another try would end no better."""
    return EncodeFailed(order.video_id, order.attempt, code, detail)
