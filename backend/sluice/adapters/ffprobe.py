"""The probe: ffprobe's report on the streams, ffmpeg's word on whether they can be decoded and how long they last."""

import json
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from subprocess import Popen
from urllib.request import Request, urlopen

from sluice.errors import Unavailable, Unplayable
from sluice.ladder import Source
from sluice.settings import Settings

from . import refusals, streams, timing
from .child import Finished, Limits, run, stop
from .probe_argv import decode_argv, listing_argv, report_argv

Started = Callable[["Popen[bytes]"], None]

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1])[:/]")
# Address space, of which libraries take a quarter: twice of what the largest honest source needs to be looked into.
_LIMITS = Limits(memory_bytes=1 << 30, cpu_s=30)
# Listing every frame means reading the whole file once, which is the disk's work more than the processor's.
_LISTING_LIMITS = Limits(memory_bytes=1 << 30, cpu_s=300)
_WALL_S = 60.0
_LISTING_WALL_S = 600.0
_REPORT_BYTES = 4 << 20
# Six hours of sound, and of pictures at 60 a second.
_LISTING_BYTES = 160 << 20
_SOUNDS_TRIED = 4
# What is taken of nearly every file; no sound of one that has none.
_FIRST_PICTURE, _FIRST_SOUND, _FIRST_SOUND_IF_ANY = f"{streams.PICTURE}:0", f"{streams.SOUND}:0", f"{streams.SOUND}:0?"
_HEAD_BYTES = 16
_UNREADABLE_INDEX = "error reading header"
_NOT_REACHED = re.compile(r": (No such file or directory|Permission denied|Input/output error|Connection refused)\s*$")


def _can_be_opened(url: str) -> bool:
    """Whether the file is there to be read; ffprobe calls a film that is cut off in its head an input error, too."""
    if _LOOPBACK.match(url):
        # Who serves it knows what could not be read, and says so.
        return True
    try:
        Path(url.removeprefix("file:")).open("rb").close()
    except OSError:
        return False
    return True


class Ffprobe:
    """Looks into files with ffprobe and ffmpeg, which may be hostile: each run is bounded and can open nothing else."""

    def __init__(self, settings: Settings, *, listing_wall_s: float = _LISTING_WALL_S) -> None:
        self._ffmpeg = settings.ffmpeg
        self._ffprobe = settings.ffprobe
        self._max_duration_s = settings.max_duration_s
        self._listing_wall_s = listing_wall_s

    def __call__(self, location: str) -> Source:
        """What the file holds; Unplayable if it can't become a stream, Unavailable if the look itself failed."""
        url = location if _LOOPBACK.match(location) else f"file:{Path(location).absolute()}"
        # Each question mostly waits for a program to start, so all are asked at the same time.
        with (
            ThreadPoolExecutor(3, "look") as threads,
            _Asked(threads, self._ffmpeg, url, time.monotonic() + self._listing_wall_s) as asked,
        ):
            report = self._report(url)
            video, sounds = streams.picture(report), streams.sounds(report)
            _require_a_frame(asked, report, video)
            sound = _sound(asked, report, sounds)
            timed = _time(asked, report, video, sound)
        return streams.parse(report, video, sound, timed, max_duration_s=self._max_duration_s)

    def _report(self, url: str) -> streams.Report:
        ended = _glance(report_argv(self._ffprobe, url))
        if ended.overflowed or ended.returncode < 0:
            raise refusals.damaged()
        if _NOT_REACHED.search(ended.stderr) and not _can_be_opened(url):
            raise Unavailable("the source can't be opened; it will be tried again")
        if ended.returncode != 0:
            raise _refusal(ended.stderr, _head(url))
        report: streams.Report = json.loads(ended.stdout.decode("utf-8", "replace"))
        if refusals.exceeds_pixels(ended.stderr):
            raise refusals.too_large()
        return report


class _Asked:
    """What ffmpeg was asked about a file, nothing twice; what is wanted of nearly every file from the start."""

    def __init__(self, threads: ThreadPoolExecutor, ffmpeg_path: str, url: str, listed_by: float) -> None:
        self._threads = threads
        self._ffmpeg = ffmpeg_path
        self._url = url
        self._listed_by = listed_by
        self._answers: dict[tuple[str, ...], Future[Finished]] = {}
        self._children: list[Popen[bytes]] = []
        self._over = False
        self.decoding(_FIRST_PICTURE)
        self.decoding(_FIRST_SOUND)
        self.listing((_FIRST_PICTURE, _FIRST_SOUND_IF_ANY))

    def __enter__(self) -> "_Asked":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Stop whatever would tell nothing any more: a listing may take minutes."""
        if failed:
            self._over = True
            self._threads.shutdown(wait=False, cancel_futures=True)
            for process in tuple(self._children):
                stop(process)

    def _started(self, process: "Popen[bytes]") -> None:
        self._children.append(process)
        if self._over:
            stop(process)

    def decoding(self, stream: str) -> "Future[Finished]":
        """How it goes to decode one frame of the stream."""
        return self._ask(decode_argv(self._ffmpeg, self._url, stream), lambda argv: _glance(argv, self._started))

    def listing(self, taken: Sequence[str], *, as_shown: bool = False) -> "Future[Finished]":
        """How it goes to list every packet of these streams."""
        argv = listing_argv(self._ffmpeg, self._url, taken, as_shown=as_shown)
        left_s = self._listed_by - time.monotonic()
        return self._ask(argv, lambda argv: _run(argv, _LISTING_LIMITS, left_s, _LISTING_BYTES, self._started))

    def _ask(self, argv: list[str], run_it: Callable[[list[str]], Finished]) -> "Future[Finished]":
        key = tuple(argv)
        if key not in self._answers:
            self._answers[key] = self._threads.submit(run_it, argv)
        return self._answers[key]


def _nobody(process: "Popen[bytes]") -> None:
    """Told of a child that nobody will have to stop."""


def _glance(argv: list[str], started: Started = _nobody) -> Finished:
    """How it went to see a little of the file; Unavailable where it hardly did more than wait for it."""
    ended = _run(argv, _LIMITS, _WALL_S, _REPORT_BYTES, started)
    if ended.idled:
        raise Unavailable(f"{argv[0]} waited for the source; it will be run again")
    return ended


def _run(argv: list[str], limits: Limits, wall_s: float, cap_bytes: int, started: Started) -> Finished:
    ended = run(argv, limits, wall_s=wall_s, stdout_cap_bytes=cap_bytes, folder=Path("/"), started=started)
    if ended.killed:
        raise Unavailable(f"{argv[0]} was killed; it will be run again")
    return ended


def _require_a_frame(asked: _Asked, report: streams.Report, video: streams.Stream) -> None:
    ended = asked.decoding(streams.place(report, video)).result()
    if _count(ended) > 0:
        return
    if refusals.exceeds_pixels(ended.stderr) or "Cannot allocate memory" in ended.stderr:
        raise refusals.too_large()
    raise refusals.codec(video["codec_name"]) if _lacks_decoder(ended) else refusals.damaged()


def _sound(asked: _Asked, report: streams.Report, candidates: list[streams.Stream]) -> streams.Sound:
    """The first audio stream of which something can be decoded."""
    for audio in candidates[:_SOUNDS_TRIED]:
        if _out_time_us(asked.decoding(streams.place(report, audio)).result()) > 0:
            return streams.Sound(audio, dropped=audio is not candidates[0])
    return streams.Sound(dropped=bool(candidates))


def _heard(report: streams.Report, sound: streams.Sound) -> list[str]:
    if sound.stream is None:
        return [] if sound.dropped else [_FIRST_SOUND_IF_ANY]
    return [f"{streams.place(report, sound.stream)}?"]


def _time(asked: _Asked, report: streams.Report, video: streams.Stream, sound: streams.Sound) -> timing.Timing:
    """The timing by a pass over all packets; by the declarations where that takes too much."""
    taken = [streams.place(report, video), *_heard(report, sound)]
    measured = _listed(asked.listing(taken).result(), video)
    if measured.cut:
        measured = _listed(asked.listing(taken, as_shown=True).result(), video)
        # When frames are decoded was not told.
        measured = replace(measured, decoded_early_s=0.0)
    if measured.duration_s is not None and not measured.frames:
        raise refusals.damaged()
    return measured


def _listed(ended: Finished, video: streams.Stream) -> timing.Timing:
    if ended.overflowed or ended.timed_out or ended.out_of_cpu:
        return timing.Timing(min(streams.rates(video), default=Fraction(25)), False, 0, None)
    return timing.read(ended.stdout, streams.rates(video))


def _refusal(complaint: str, head: bytes | None) -> Unplayable:
    """Why a file whose streams could not be listed is refused; an MP4 without a whole index is damaged."""
    refusal = refusals.of_complaint(complaint, head)
    cut_off = _UNREADABLE_INDEX in complaint and head is not None and head[4:8] == b"ftyp"
    return refusals.damaged() if cut_off and refusal.code == "not_a_video" else refusal


def _head(url: str) -> bytes | None:
    """The first bytes of a file; None where they can't be had."""
    if url.startswith("file:"):
        with Path(url.removeprefix("file:")).open("rb") as file:
            return file.read(_HEAD_BYTES)
    asked = Request(url, headers={"Range": f"bytes=0-{_HEAD_BYTES - 1}"})  # noqa: S310
    try:
        # Only our own loopback addresses come here.
        with urlopen(asked, timeout=_WALL_S) as answer:  # noqa: S310
            return bytes(answer.read(_HEAD_BYTES))
    except OSError:
        return None


def _count(ended: Finished) -> int:
    return _last(ended, "frame")


def _out_time_us(ended: Finished) -> int:
    return _last(ended, "out_time_us")


def _last(ended: Finished, name: str) -> int:
    values = re.findall(rf"^{name}=(\d+)$", ended.stderr, re.MULTILINE)
    return int(values[-1]) if values else 0


def _lacks_decoder(ended: Finished) -> bool:
    return "not found for input stream" in ended.stderr or "Unknown decoder" in ended.stderr
