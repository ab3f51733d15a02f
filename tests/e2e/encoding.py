"""Clips made on the spot, and one encode of them with everything real but the queue."""

import json
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from sluice import layout, playlists
from sluice.adapters.ffprobe import Ffprobe
from sluice.adapters.local.encoder import run_order
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.job import Job
from sluice.adapters.local.kept import Kept
from sluice.adapters.local.pool import Pool
from sluice.adapters.local.room import Room, RoomWatch
from sluice.ladder import Order, plan
from sluice.messages import EncodeSucceeded
from sluice.settings import Settings
from tests.hls import measuring

VIDEO_ID = "01JD0000000000000000000001"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
CONFORMANT = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
OPEN_GOP = ("-c:v", "libx264", "-preset", "veryfast", "-g", "20", "-x264-params", "open-gop=1", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")


def make(target, *words):
    """Run ffmpeg with these words to make the target."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *words, str(target)]
    subprocess.run(argv, check=True, timeout=60)
    return target


def picture(seconds=3, size="640x360", rate="25"):
    """A moving test picture, as input words."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")


def tone(seconds=3, channels=2):
    """A tone, as input words."""
    layout_name = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    return ("-f", "lavfi", "-i", f"sine=d={seconds}:r=48000,aformat=channel_layouts={layout_name}")


def flash_and_beep(seconds, rate="30000/1001"):
    """A white flash and a beep of a tenth of a second at every full second, as input words."""
    at = "lt(mod(t+0.001,1),0.1)*gt(t,0.5)"
    dark = f"testsrc2=s=640x360:r={rate}:d={seconds},drawbox=c=black:t=fill"
    flash = f"{dark},drawbox=c=white:t=fill:enable='{at}'"
    beep = f"aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.1)*gt(t,0.5)':s=48000:d={seconds}"
    return ("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep)


def damaged(film, stream, at):
    """The film with one packet of this stream overwritten from its middle on: the one at this share of all of them."""
    argv = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=pos,size", "-of", "json"]
    told = json.loads(subprocess.run([*argv, str(film)], check=True, timeout=60, capture_output=True).stdout)["packets"]
    packet = told[int(at * len(told))]
    half = int(packet["size"]) // 2
    with film.open("r+b") as file:
        file.seek(int(packet["pos"]) + half)
        file.write(b"\xff" * half)
    return film


def scripted(folder, body):
    """Settings whose ffmpeg runs the body before it begins; there, `number` is that of the chunk it is asked for."""
    script = folder / "scripted-ffmpeg"
    number = 'number=$(printf "%s\\n" "$*" | sed -n "s/.*-start_number \\([0-9]*\\).*/\\1/p")'
    script.write_text(f'#!/bin/sh\n{number}\n{body}\nexec ffmpeg "$@"\n')
    script.chmod(0o755)
    return replace(Settings(), ffmpeg=str(script))


class RecordingObjects(LocalObjects):
    """A bucket that remembers each playlist it was given, and what of it was missing at that moment."""

    def __init__(self, folder):
        super().__init__(folder, prefix="media/")
        self.written = []
        self.missing = []

    def put(self, key, body, content_type):
        if key.endswith(".m3u8"):
            self.written.append((key.rsplit("/", 2)[-2], body.decode()))
            uris = [line for line in body.decode().splitlines() if not line.startswith("#")]
            self.missing += [uri for uri in uris if not (self.path(key).parent / uri).exists()]
        super().put(key, body, content_type)


@dataclass
class Encode:
    """One order and the outside of its run."""

    data: Path
    source: Path
    settings: Settings = field(default_factory=Settings)
    wanted: bool = True
    on_report: object = None
    pool: Pool = field(default_factory=lambda: Pool(4, 4 << 30))
    attempt: int = 1
    stopping: bool = False
    taken_over: bool = False

    def __post_init__(self):
        self.media = RecordingObjects(self.data / "media")
        self.reports = []
        probed = Ffprobe(Settings())(str(self.source))
        self.order = Order(VIDEO_ID, self.attempt, probed, plan(probed, tall=False))

    @property
    def facts(self):
        return self.order.facts

    @property
    def folder(self):
        return self.data / "media" / VIDEO_ID / str(self.attempt)

    @property
    def work(self):
        return self.data / "work" / f"{VIDEO_ID}-{self.attempt}"

    @property
    def kept(self):
        return self.data / "work" / VIDEO_ID

    @property
    def keys(self):
        return [key for key, _ in self.media.list(layout.video_prefix(VIDEO_ID))]

    def run(self):
        return run_order(self._job(), stands=lambda: self.wanted or self.taken_over)

    def _job(self):
        return Job(
            order=self.order,
            settings=self.settings,
            pool=self.pool,
            source=self.source.absolute(),
            work=self.work.absolute(),
            kept=Kept(self.kept.absolute()),
            media=self.media,
            room=RoomWatch(Room(self.data, reserve_bytes=64 << 10)),
            report=self._report,
            wanted=lambda: self.wanted,
            stopping=lambda: self.stopping,
        )

    def finished(self):
        """The master playlist, written from what was measured, as finish_encode does."""
        prefix = layout.attempt_prefix(VIDEO_ID, self.attempt)
        sizes = {key.removeprefix(prefix): size for key, size in self.media.list(prefix)}
        facts = playlists.measure(self.facts, lambda path: self.media.read(prefix + path), sizes)
        self.media.put(prefix + layout.MASTER, playlists.master(facts).encode(), playlists.CONTENT_TYPE)
        return self.folder / layout.MASTER

    def playlist(self, name):
        return self.folder / name / layout.PLAYLIST

    def _report(self, news):
        self.reports.append(news)
        if self.on_report:
            self.on_report(news)


def kept_cpu_s(run):
    """What all that is kept of it took."""
    return sum(float(file.read_text()) for file in run.kept.rglob("cpu_s"))


def in_turn():
    """A pool that runs the beginning of a film chunk by chunk."""
    return Pool(1, 4 << 30)


def slowed(folder, settings):
    """Settings whose ffmpeg reads no faster than a few times real time."""
    script = folder / "slow-ffmpeg"
    script.write_text('#!/bin/sh\nexec ffmpeg -readrate 4 "$@"\n')
    script.chmod(0o755)
    return replace(settings, ffmpeg=str(script))


# --- what came of an encode ---


def receipt_of(run):
    return json.loads((run.folder / "receipt.json").read_text())


def stored(run, folder):
    """How many bytes of a track can be watched."""
    return sum(file.stat().st_size for file in (run.folder / folder).iterdir() if file.suffix != ".m3u8")


def copied(run):
    """Which rungs were taken over as they were, by the receipt."""
    return {rung["name"]: rung["copied"] for rung in receipt_of(run)["renditions"]}


def likeness(run):
    """How like its source each rung is, by the receipt."""
    return {rung["name"]: rung["ssim"] for rung in receipt_of(run)["renditions"]}


def tracks(run):
    return {name: measuring.track(run.playlist(name)) for name in ("360", "240")}


def segments(folder):
    """Which files on the disk the segments below the folder are."""
    return {file.stat().st_ino for file in folder.rglob("*.m4s")}


def last_of(attempts):
    """The one that succeeded: whether something was shown before it turned out not to do is the machine's."""
    return next(run for run in attempts if isinstance(run.run(), EncodeSucceeded))
