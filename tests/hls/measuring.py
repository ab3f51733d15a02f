"""What ffmpeg and ffprobe find in a stream: frames, times, and whether it plays."""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

STREAM = "stream=codec_type,width,height,r_frame_rate,profile,level,pix_fmt,sample_aspect_ratio,channels"


@dataclass(frozen=True)
class Track:
    """What one playlist plays: its stream as ffprobe describes it, and when each packet is presented."""

    stream: dict[str, object]
    times: tuple[float, ...]
    keyframes: tuple[float, ...]
    end_s: float

    @property
    def frames(self):
        return len(self.times)

    @property
    def start_s(self):
        return self.times[0]


def track(playlist):
    """Measure a media playlist, or any file with one stream of interest."""
    shown = ["-show_entries", f"{STREAM}:packet=pts_time,duration_time,flags", "-of", "json"]
    found = json.loads(_run("ffprobe", "-v", "error", *shown, str(playlist)).stdout)
    packets = [packet for packet in found["packets"] if "D" not in packet["flags"]]
    times = sorted(float(packet["pts_time"]) for packet in packets)
    last = max(packets, key=lambda packet: float(packet["pts_time"]))
    end_s = float(last["pts_time"]) + float(last.get("duration_time", 0))
    keyframes = sorted(float(packet["pts_time"]) for packet in packets if packet["flags"].startswith("K"))
    return Track(found["streams"][0], tuple(times), tuple(keyframes), end_s)


def starts_with_keyframe(init, segment):
    """Whether a segment can be decoded by itself, from its first frame on."""
    with tempfile.NamedTemporaryFile(suffix=segment.suffix) as alone:
        alone.write((init.read_bytes() if init else b"") + segment.read_bytes())
        alone.flush()
        shown = ["-show_entries", "packet=flags", "-of", "csv=p=0", "-read_intervals", "%+#1"]
        return _run("ffprobe", "-v", "error", *shown, alone.name).stdout.startswith("K")


def complaints(playlist):
    """What ffmpeg has to say while it plays everything in a playlist from start to end; empty if all is well."""
    played = _run("ffmpeg", "-nostdin", "-v", "error", "-i", str(playlist), "-map", "0", "-f", "null", "-", check=False)
    return played.stderr.strip() or ("" if played.returncode == 0 else f"exit code {played.returncode}")


def flashes(playlist):
    """When the picture turns white, in seconds of the stream's own clock."""
    shown = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
    printed = _run("ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", str(playlist), "-vf", shown, "-f", "null", "-")
    frames = re.findall(r"pts_time:(\S+)\nlavfi\.signalstats\.YAVG=(\S+)", printed.stdout)
    bright = [(float(time), float(level) > 128) for time, level in frames]
    dark_before = [(bright[0][0], False), *bright]
    return [time for (time, now), (_, before) in zip(bright, dark_before, strict=False) if now and not before]


def beeps(playlist):
    """When a beep begins, in seconds of the stream's own clock."""
    shown = ["-af", "silencedetect=n=-30dB:d=0.3", "-f", "null", "-"]
    printed = _run("ffmpeg", "-nostdin", "-v", "info", "-copyts", "-i", str(playlist), "-vn", *shown)
    return [float(time) for time in re.findall(r"silence_end: (\S+)", printed.stderr)]


def brightness(picture):
    """The mean luma of a picture, 0 to 255."""
    printed = _run("ffmpeg", "-nostdin", "-v", "error", "-i", str(picture), "-vf", "format=gray", "-f", "rawvideo", "-")
    pixels = printed.stdout.encode("latin-1")
    return sum(pixels) / len(pixels)


def corners(playlist):
    """Red, green and blue within the first picture's four quarters, from the upper left to the lower right."""
    # In pictures of two pixels, swscale takes no account of the matrix.
    small = ["-frames:v", "1", "-vf", "scale=16:16:flags=area,format=rgb24", "-f", "rawvideo", "-"]
    pixels = _run("ffmpeg", "-nostdin", "-v", "error", "-i", str(playlist), *small).stdout.encode("latin-1")
    return [tuple(pixels[3 * at : 3 * at + 3]) for at in (68, 76, 196, 204)]


def _run(*argv, check=True):
    # Latin-1 keeps raw pixels as they are.
    return subprocess.run(argv, check=check, capture_output=True, timeout=120, encoding="latin-1")


def size(playlist: Path):
    """Width and height that ffprobe finds."""
    stream = track(playlist).stream
    return stream["width"], stream["height"]
