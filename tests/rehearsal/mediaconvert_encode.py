"""What the rehearsal's MediaConvert does with a job's settings: ffmpeg commands, one for each output, run in turn."""

import json
import math
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlsplit

RUN_S = 300
GLANCE_S = 0.1


class EncodeError(Exception):
    """The job can't be done; with the service's error code."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code = code


class Cancelled(Exception):
    """Nobody wants it any more."""


@dataclass(frozen=True)
class Track:
    """A stream of the input, from when to when it lasts on the input's clock."""

    index: int
    start_s: float
    end_s: float
    rate: Fraction


class Input:
    """The file that was fetched."""

    def __init__(self, path, settings):
        self.path = path
        self.settings = settings
        self.selector = settings.get("VideoSelector", {})
        streams = _probed(path)
        self.pictures = [_track(one) for one in streams if one["codec_type"] == "video"]
        self.sounds = [_track(one) for one in streams if one["codec_type"] == "audio"]
        if not self.pictures:
            raise EncodeError(1020, "No video was found in the input")

    def sound(self, name):
        """The track that a selector takes."""
        selector = self.settings["AudioSelectors"][name]
        (number,) = selector["Tracks"]
        if number > len(self.sounds):
            raise EncodeError(1021, "No audio was found in the input")
        return self.sounds[number - 1]

    @property
    def padded(self):
        return self.selector.get("PadVideo") == "BLACK" and self.sounds

    @property
    def start_s(self):
        return min(one.start_s for one in self._shown)

    @property
    def length_s(self):
        """How long the picture is, with what it is padded by."""
        return max(one.end_s for one in self._shown) - self.start_s

    @property
    def _shown(self):
        return [self.pictures[0], *self.sounds] if self.padded else self.pictures[:1]


class Encode:
    """One job's outputs, below a folder by bucket and key."""

    def __init__(self, settings, source, folder):
        self.folder = folder
        self._groups = settings["OutputGroups"]
        self._input = Input(source, settings["Inputs"][0])

    def steps(self, cancelled):
        """Make one output after another; how many per cent are done after each."""
        outputs = [(group, output) for group in self._groups for output in group["Outputs"]]
        for number, (group, output) in enumerate(outputs, 1):
            target = self._target(group, output)
            target.parent.mkdir(parents=True, exist_ok=True)
            _run(_argv(self._input, group, output, target), cancelled)
            yield 100 * number // (len(outputs) + 1)
        self._write_masters()

    def files(self):
        return sorted(file for file in self.folder.rglob("*") if file.is_file())

    def details(self):
        """What the COMPLETE event says of each group."""
        return [self._detail(group) for group in self._groups]

    def _detail(self, group):
        is_hls = _kind(group) == "HLS"
        made = [self._made(group, output, is_hls) for output in group["Outputs"]]
        top = {"playlistFilePaths": [f"{_destination(group)}.m3u8"]} if is_hls else {}
        return {"outputDetails": made, "type": "HLS_GROUP" if is_hls else "FILE_GROUP", **top}

    def _made(self, group, output, is_hls):
        target = self._target(group, output)
        last = f"{target.name}.m3u8" if is_hls else max(target.parent.glob(f"{target.name}.*")).name
        folder = _destination(group).rpartition("/")[0]
        picture = output.get("VideoDescription")
        size = {"videoDetails": {"widthInPx": picture["Width"], "heightInPx": picture["Height"]}} if picture else {}
        length = {"durationInMs": round(self._input.length_s * 1000)}
        return {"outputFilePaths": [f"{folder}/{last}"], **length, **size}

    def _target(self, group, output):
        address = urlsplit(_destination(group) + output.get("NameModifier", ""))
        return self.folder / address.netloc / address.path.lstrip("/")

    def _write_masters(self):
        for group in self._groups:
            if _kind(group) == "HLS":
                children = [f"{self._target(group, output).name}.m3u8" for output in group["Outputs"]]
                lines = [line for child in children for line in ("#EXT-X-STREAM-INF:BANDWIDTH=1", child)]
                master = self._target(group, {}).with_suffix(".m3u8")
                master.write_text("\n".join(["#EXTM3U", *lines, ""]))


# --- commands ---------------------------------------------------------------------------------------------------


def _argv(source, group, output, target):
    quiet = ("ffmpeg", "-nostdin", "-v", "error", "-y")
    turned = () if source.selector.get("Rotate") == "AUTO" else ("-noautorotate",)
    start = (*quiet, *turned, "-i", str(source.path), "-map_metadata", "-1")
    if _kind(group) == "FILE":
        return [*start, *_capture(source, output["VideoDescription"]), f"{target}.%07d.jpg"]
    stream = _picture(source, output) if "VideoDescription" in output else _sound(source, output)
    length = f"{source.length_s:.6f}"
    return [*start, *stream, "-t", length, *_hls(source, group, output, target), f"{target}.m3u8"]


def _picture(source, output):
    described = output["VideoDescription"]
    coded = described["CodecSettings"]["H264Settings"]
    interval = str(_interval(coded))
    quality = coded["QvbrSettings"]["QvbrQualityLevel"]
    rate = _rate(source, coded)
    filters = _filters(source, described, f"fps={rate}", *_padding(source, rate))
    return [
        *("-map", f"0:{source.pictures[0].index}", "-vf", filters),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", str(35 - 1.5 * quality)),
        *("-profile:v", coded["CodecProfile"].lower(), "-level:v", _level(coded)),
        *("-maxrate", str(coded["MaxBitrate"]), "-bufsize", str(coded["HrdBufferSize"])),
        *("-g", interval, "-keyint_min", interval, "-sc_threshold", "0", "-flags", "+cgop"),
        *("-bf", str(coded["NumberBFramesBetweenReferenceFrames"])),
    ]


def _interval(coded):
    exact = {"GopSizeUnits": "FRAMES", "GopClosedCadence": 1, "MinIInterval": 0, "SceneChangeDetect": "DISABLED"}
    if any(coded.get(name) != value for name, value in exact.items()):
        raise EncodeError(1040, "Only closed groups of a fixed number of frames are rehearsed")
    return int(coded["GopSize"])


def _level(coded):
    return coded["CodecLevel"].removeprefix("LEVEL_").replace("_", ".")


def _rate(source, coded):
    if coded["FramerateControl"] == "INITIALIZE_FROM_SOURCE":
        return source.pictures[0].rate
    return Fraction(coded["FramerateNumerator"], coded["FramerateDenominator"])


def _filters(source, described, *taken):
    """From the decoded picture to that of the output; `taken` says which frames are."""
    repairs = described["VideoPreprocessors"]
    steps = ["bwdif=mode=send_frame"] if "Deinterlacer" in repairs else []
    steps += _turns(source.selector.get("Rotate", ""))
    steps += ["setpts=PTS-STARTPTS", *taken, f"scale={described['Width']}:{described['Height']}:out_range=tv"]
    return ",".join([*steps, *_tones(source, repairs["ColorCorrector"]), "setsar=1", "format=yuv420p"])


def _turns(rotate):
    quarters = {"DEGREES_90": 1, "DEGREES_180": 2, "DEGREES_270": 3}.get(rotate, 0)
    return ["transpose=clock"] * quarters


def _tones(source, colours):
    if colours.get("ColorSpaceConversion") != "FORCE_709":
        return []
    transfer = {"HDR10": "smpte2084", "HLG_2020": "arib-std-b67"}[source.selector["ColorSpace"]]
    linear = f"zscale=tin={transfer}:pin=bt2020:min=bt2020nc:p=bt2020:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709"
    return [linear, "tonemap=hable:desat=0", "zscale=t=bt709:m=bt709:r=tv"]


def _padding(source, rate):
    """Black where there is sound alone."""
    picture, frame_s = source.pictures[0], float(1 / rate)
    before = picture.start_s - source.start_s
    after = source.start_s + source.length_s - picture.end_s
    gaps = {"start_duration": before, "stop_duration": after}
    wide = {name: gap for name, gap in gaps.items() if gap > frame_s}
    if not source.padded or not wide:
        return []
    return ["tpad=color=black:" + ":".join(f"{name}={gap:.6f}" for name, gap in wide.items())]


def _sound(source, output):
    (described,) = output["AudioDescriptions"]
    coded = described["CodecSettings"]["AacSettings"]
    track = source.sound(described["AudioSourceName"])
    filters = [*_remix(described.get("RemixSettings")), f"aresample={coded['SampleRate']}:async=1:first_pts=0"]
    if output["ContainerSettings"]["M3u8Settings"].get("AudioDuration") == "MATCH_VIDEO_DURATION":
        filters.append("apad")
    return [
        *("-map", f"0:{track.index}", "-af", ",".join(filters)),
        *("-c:a", "aac", "-b:a", str(coded["Bitrate"]), "-ar", str(coded["SampleRate"]), "-ac", "2"),
    ]


def _remix(settings):
    if settings is None:
        return []
    sides = [side["InputChannelsFineTune"] for side in settings["ChannelMapping"]["OutputChannels"]]
    mixed = ["+".join(f"{10 ** (gain / 20):.4f}*c{place}" for place, gain in enumerate(side)) for side in sides]
    return ["pan=stereo|" + "|".join(f"c{place}={words}" for place, words in enumerate(mixed))]


def _hls(source, group, output, target):
    settings = group["OutputGroupSettings"]["HlsGroupSettings"]
    clock = output["ContainerSettings"]["M3u8Settings"]["PtsOffset"]
    return [
        *("-f", "hls", "-hls_time", f"{_segment_s(source, group, settings):.6f}", "-hls_list_size", "0"),
        *("-hls_playlist_type", "vod", "-start_number", "1", "-hls_segment_filename", f"{target}_%05d.ts"),
        *("-output_ts_offset", str(clock), "-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled"),
    ]


def _segment_s(source, group, settings):
    """The asked length, rounded up to whole groups of pictures; a little less, lest a keyframe come too early."""
    coded = next(one for one in group["Outputs"] if "VideoDescription" in one)["VideoDescription"]["CodecSettings"]
    group_s = _interval(coded["H264Settings"]) / _rate(source, coded["H264Settings"])
    return int(math.ceil(settings["SegmentLength"] / group_s) * group_s * 1_000_000) / 1_000_000


def _capture(source, described):
    settings = described["CodecSettings"]["FrameCaptureSettings"]
    every_s = settings["FramerateDenominator"] / settings["FramerateNumerator"]
    filters = _filters(source, described, f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every_s})'")
    return [
        *("-map", f"0:{source.pictures[0].index}", "-vf", filters, "-frames:v", str(settings["MaxCaptures"])),
        *("-fps_mode", "vfr", "-start_number", "0", "-q:v", "3"),
    ]


def _kind(group):
    return group["OutputGroupSettings"]["Type"].split("_")[0]


def _destination(group):
    settings = group["OutputGroupSettings"]
    return settings["HlsGroupSettings" if _kind(group) == "HLS" else "FileGroupSettings"]["Destination"]


# --- ffmpeg -----------------------------------------------------------------------------------------------------


def _probed(path):
    shown = ("-show_entries", "stream=index,codec_type,start_time,duration,r_frame_rate:format=duration", "-of", "json")
    found = subprocess.run(["ffprobe", "-v", "error", *shown, str(path)], capture_output=True, timeout=60)
    if found.returncode != 0:
        raise EncodeError(1010, "Unable to open input file: failed probe/open: no parser found for container")
    report = json.loads(found.stdout)
    return [{"duration": report["format"]["duration"], **stream} for stream in report["streams"]]


def _track(stream):
    start_s = float(stream.get("start_time", 0))
    # Sound has the rate 0/0.
    rate = Fraction(stream["r_frame_rate"]) if stream["codec_type"] == "video" else Fraction(0)
    return Track(stream["index"], start_s, start_s + float(stream["duration"]), rate)


def _run(argv, cancelled):
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(int(RUN_S / GLANCE_S)):
            try:
                _, words = process.communicate(timeout=GLANCE_S)
            except subprocess.TimeoutExpired:
                if cancelled():
                    process.kill()
                    raise Cancelled from None
            else:
                break
        else:
            process.kill()
            raise EncodeError(1999, "The rehearsal took too long")
    if process.returncode != 0:
        raise EncodeError(1076, f"Unable to read the input file: {words.strip()[-300:]}")
