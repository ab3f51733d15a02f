"""HLS playlists: written, read back, and held against what was promised before a video is called done."""

import math
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from . import boxes, transport
from .errors import NotFound, Unplayable
from .ladder import Facts, Rendition
from .layout import AUDIO, INIT, PLAYLIST
from .records import dataclass

CONTENT_TYPE = "application/vnd.apple.mpegurl"
SEGMENT_S = 4.0
AUDIO_BITRATE = 128_000
TOLERANCE_S = 0.5

# Rungs are cut at the same frames; only the last digit written may differ.
_SAME_CUT_S = 0.001
# Sound is cut between its own packets, a little after the picture.
_AUDIO_PACKET_S = 0.03
# What a player on an ordinary connection should begin with: Apple's advice is about 2 Mb/s.
_FIRST_CHOICE_BPS = 2_500_000

_EXTINF = re.compile(r"#EXTINF:(\d+(?:\.\d+)?),")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')
_TARGET = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Segment:
    """One media segment as its playlist names it."""

    uri: str
    duration_s: float


@dataclass(frozen=True)
class MediaPlaylist:
    """The playlist of one rendition or of the sound; `ended` once nothing more will be added.

    Its segments are MP4 where it names an init segment, and MPEG transport streams where it doesn't."""

    target_s: int
    init: str | None
    segments: tuple[Segment, ...]
    ended: bool = False

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return math.fsum(segment.duration_s for segment in self.segments)


def target_s(segment_s: float) -> int:
    """The TARGETDURATION that holds for every segment of this nominal length, of picture and sound."""
    return max(1, math.floor(segment_s + _AUDIO_PACKET_S + 0.5))


def write(playlist: MediaPlaylist) -> str:
    """The text of a media playlist: an EVENT while it grows, a VOD once it has ended."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{playlist.target_s}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if playlist.ended else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if playlist.init is not None:
        lines.append(f'#EXT-X-MAP:URI="{playlist.init}"')
    for segment in playlist.segments:
        lines += [f"#EXTINF:{segment.duration_s:.6f},", segment.uri]
    return "\n".join([*lines, "#EXT-X-ENDLIST"] if playlist.ended else lines) + "\n"


def parse(text: str) -> MediaPlaylist:
    """A media playlist from its text; ValueError if it is none or is cut off in the middle."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    target = next((match for line in lines if (match := _TARGET.match(line))), None)
    if not lines or lines[0] != "#EXTM3U" or target is None:
        raise ValueError("not a media playlist")
    init = next((match[1] for line in lines if (match := _MAP.match(line))), None)
    return MediaPlaylist(int(target[1]), init, _segments(lines), "#EXT-X-ENDLIST" in lines)


def _segments(lines: Sequence[str]) -> tuple[Segment, ...]:
    found, length = [], None
    for line in lines:
        if match := _EXTINF.match(line):
            length = float(match[1])
        elif not line.startswith("#"):
            if length is None:
                raise ValueError("a segment without a duration")
            found.append(Segment(line, length))
            length = None
    if length is not None:
        raise ValueError("a duration without a segment")
    return tuple(found)


# --- the master -------------------------------------------------------------------------------------------------


def master(facts: Facts) -> str:
    """The master playlist; a bandwidth that was not measured yet is the most its rung may spend."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if facts.has_audio:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO}",NAME="Original",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{AUDIO}/{PLAYLIST}"'
        )
    for rendition in _by_preference(facts):
        lines += [_stream_line(facts, rendition), f"{rendition.name}/{PLAYLIST}"]
    return "\n".join(lines) + "\n"


def _by_preference(facts: Facts) -> list[Rendition]:
    """The rendition to begin with, then the others from the top down."""
    modest = (one for one in facts.renditions if _bandwidth(facts, one) <= _FIRST_CHOICE_BPS)
    first = next(modest, facts.renditions[-1])
    return [first, *(one for one in facts.renditions if one is not first)]


def _bandwidth(facts: Facts, rendition: Rendition) -> int:
    return rendition.bandwidth or rendition.max_bitrate + AUDIO_BITRATE * facts.has_audio


def _stream_line(facts: Facts, rendition: Rendition) -> str:
    bandwidth = _bandwidth(facts, rendition)
    attributes = [
        f"BANDWIDTH={bandwidth}",
        f"AVERAGE-BANDWIDTH={rendition.average_bandwidth or bandwidth}",
        f'CODECS="{rendition.codecs}"' if rendition.codecs else "",
        f"RESOLUTION={rendition.width}x{rendition.height}",
        f"FRAME-RATE={facts.frame_rate:.3f}",
        f'AUDIO="{AUDIO}"' if facts.has_audio else "",
        "CLOSED-CAPTIONS=NONE",
    ]
    return "#EXT-X-STREAM-INF:" + ",".join(filter(None, attributes))


def folders(facts: Facts) -> list[str]:
    """The folders of an attempt: the rungs from the top down, then the sound."""
    return [one.name for one in facts.renditions] + [AUDIO] * facts.has_audio


def with_codecs(facts: Facts, read: Read) -> Facts:
    """The facts with the codecs that the init segments name; ValueError where one is broken."""
    return _named(facts, {folder: boxes.codec(read(f"{folder}/{INIT}")) for folder in folders(facts)})


def _named(facts: Facts, codecs: Mapping[str, str]) -> Facts:
    sound = f",{codecs[AUDIO]}" if facts.has_audio else ""
    named = (replace(one, codecs=codecs[one.name] + sound) for one in facts.renditions)
    return replace(facts, renditions=tuple(named))


# --- what was really made ---------------------------------------------------------------------------------------


def measure(facts: Facts, read: Read, sizes: Mapping[str, int]) -> Facts:
    """The facts with measured codecs and bandwidths, once everything is there and as long as it should be.

    Paths are relative to the attempt's folder. Unplayable(output_incomplete) when something is missing.
    """
    playlists = {folder: _whole(folder, facts, read, sizes) for folder in folders(facts)}
    _require_same_cuts([playlists[one.name] for one in facts.renditions])
    rates = {folder: _rates(folder, playlist, sizes) for folder, playlist in playlists.items()}
    sound = rates.get(AUDIO, (0, 0))
    try:
        named = _named(facts, {folder: _codec(folder, playlist, read) for folder, playlist in playlists.items()})
    except (ValueError, NotFound) as error:
        raise _incomplete("The beginning of a rendition is broken") from error
    measured = (
        replace(one, bandwidth=rates[one.name][0] + sound[0], average_bandwidth=rates[one.name][1] + sound[1])
        for one in named.renditions
    )
    return replace(named, renditions=tuple(measured))


def _codec(folder: str, playlist: MediaPlaylist, read: Read) -> str:
    """What an init segment names, or what the first segment of a transport stream carries."""
    if playlist.init is not None:
        return boxes.codec(read(_path(folder, playlist.init)))
    return transport.codec(read(_path(folder, playlist.segments[0].uri)))


def _path(folder: str, uri: str) -> str:
    """The path of what a folder's playlist names."""
    return posixpath.normpath(f"{folder}/{uri}")


def _incomplete(what: str) -> Unplayable:
    return Unplayable("output_incomplete", f"{what}, so the encoded video is not whole; try again.")


def _whole(folder: str, facts: Facts, read: Read, sizes: Mapping[str, int]) -> MediaPlaylist:
    """The folder's playlist, if it has ended, names only what is there, and plays as long as the source."""
    try:
        playlist = parse(read(f"{folder}/{PLAYLIST}").decode())
    except (ValueError, NotFound) as error:
        raise _incomplete(f"The playlist {folder}/{PLAYLIST} is missing or broken") from error
    if not playlist.ended:
        raise _incomplete(f"The playlist {folder}/{PLAYLIST} has no end")
    if not playlist.segments:
        raise _incomplete(f"The playlist {folder}/{PLAYLIST} is empty")
    for name in filter(None, (playlist.init, *(segment.uri for segment in playlist.segments))):
        if sizes.get(_path(folder, name), 0) <= 0:
            raise _incomplete(f"The segment {_path(folder, name)} is missing or empty")
    if abs(playlist.duration_s - facts.duration_s) > TOLERANCE_S:
        raise _incomplete(f"{folder} plays {playlist.duration_s:.2f} s instead of {facts.duration_s:.2f} s")
    return playlist


def _require_same_cuts(playlists: Sequence[MediaPlaylist]) -> None:
    """Raise unless a player can change between the renditions at every segment."""
    first, *others = ([segment.duration_s for segment in one.segments] for one in playlists)
    for other in others:
        if len(other) != len(first) or any(abs(one - two) > _SAME_CUT_S for one, two in zip(first, other, strict=True)):
            raise _incomplete("The renditions are cut at different times")


def _rates(folder: str, playlist: MediaPlaylist, sizes: Mapping[str, int]) -> tuple[int, int]:
    """Peak and average bits a second."""
    bits = [8 * sizes[_path(folder, segment.uri)] for segment in playlist.segments]
    lengths = [segment.duration_s for segment in playlist.segments]
    average = sum(bits) / max(playlist.duration_s, 0.001)
    return math.ceil(max(_peak(bits, lengths, playlist.target_s), average)), math.ceil(average)


def _peak(bits: Sequence[int], lengths: Sequence[float], target: int) -> float:
    """RFC 8216: the highest rate of any run of segments that lasts 0.5 to 1.5 target durations."""
    peak = 0.0
    for first in range(len(bits)):
        bits_so_far, length = 0, 0.0
        for at in range(first, len(bits)):
            bits_so_far, length = bits_so_far + bits[at], length + lengths[at]
            if length > 1.5 * target:
                break
            if length >= 0.5 * target:
                peak = max(peak, bits_so_far / length)
    return peak
