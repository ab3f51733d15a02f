"""The rules of Apple's HLS authoring specification that apply to video on demand in fMP4 and in transport streams, and
RFC 8216 below them.

`problems(master)` lists every breach; an empty list is a pass. For a served stream, `reading.mirror` it first.
"""

from dataclasses import dataclass
from fractions import Fraction

from . import measuring, reading

REQUIRED = ("BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE")
KEYFRAMES_AT_MOST_S = 2.1
STEP_S = 0.040
# Apple: the measured rates of VOD are within ten per cent of what the master promises.
RATE_TOLERANCE = 0.10


@dataclass(frozen=True)
class Rates:
    """Measured bits a second of one playlist."""

    peak: float
    average: float


def problems(path):
    """Every rule that the stream behind this master playlist breaks, in words."""
    master = reading.master(path)
    found = [*_master_rules(master)]
    for variant in (*master.variants, *master.sound):
        found += [f"{variant.name}: {words}" for words in _media_rules(variant.media)]
    if found:
        return found
    sound = [_rates(one.media) for one in master.sound]
    for variant in master.variants:
        found += [f"{variant.name}: {words}" for words in _variant_rules(variant, sound)]
    return [*found, *_ladder_rules(master), *_step_rules(master), *_play_rules(master)]


# --- the master playlist ----------------------------------------------------------------------------------------


def _master_rules(master):
    if not master.lines or master.lines[0] != "#EXTM3U":
        yield "the master does not begin with #EXTM3U"
    if "#EXT-X-INDEPENDENT-SEGMENTS" not in master.lines:
        yield "the master does not say that segments are independent"
    if not master.variants:
        yield "the master names no variant"
    groups = {one.attributes["GROUP-ID"] for one in master.sound}
    for variant in master.variants:
        missing = [name for name in REQUIRED if name not in variant.attributes]
        if missing:
            yield f"{variant.name}: lacks {missing}"
        if groups and variant.attributes.get("AUDIO") not in groups:
            yield f"{variant.name}: its audio group does not exist"
    yield from _sound_rules(master)


def _sound_rules(master):
    for one in master.sound:
        for name in ("NAME", "LANGUAGE", "CHANNELS"):
            if name not in one.attributes:
                yield f"the sound lacks {name}"
        if one.attributes.get("DEFAULT") != "YES" or one.attributes.get("AUTOSELECT") != "YES":
            yield "the only sound is not the default"


# --- each media playlist ----------------------------------------------------------------------------------------


def _media_rules(media):
    if int(media.value("VERSION") or 0) < 7:
        yield "fMP4 needs version 7"
    if media.value("PLAYLIST-TYPE") != "VOD" or media.lines[-1] != "#EXT-X-ENDLIST":
        yield "is no finished VOD playlist"
    if "#EXT-X-INDEPENDENT-SEGMENTS" not in media.lines:
        yield "does not say that segments are independent"
    if media.value("MEDIA-SEQUENCE") != "0":
        yield "does not begin at sequence 0"
    if media.init is None and not all(segment.suffix == ".ts" for segment in media.segments):
        yield "has no EXT-X-MAP, and its segments are no transport streams"
    if not media.durations or len(media.durations) != len(media.segments):
        yield "durations and segments do not match"
    if any(int(duration + 0.5) > media.target for duration in media.durations):
        yield "a segment is longer than the target duration"
    for part in (media.path.parent / uri for uri in media.uris):
        if not part.exists() or part.stat().st_size == 0:
            yield f"{part} is missing or empty"


def _rates(media):
    bits = [8 * segment.stat().st_size for segment in media.segments]
    lengths = media.durations
    runs = [
        sum(bits[first:last]) / sum(lengths[first:last])
        for first in range(len(bits))
        for last in range(first + 1, len(bits) + 1)
        if 0.5 * media.target <= sum(lengths[first:last]) <= 1.5 * media.target
    ]
    average = sum(bits) / sum(lengths)
    return Rates(max(runs, default=average), average)


# --- each variant -----------------------------------------------------------------------------------------------


def _variant_rules(variant, sound):
    given, track = variant.attributes, measuring.track(variant.media.path)
    stream = track.stream
    if given["RESOLUTION"] != f"{stream['width']}x{stream['height']}":
        yield f"RESOLUTION is {given['RESOLUTION']}, the picture {stream['width']}x{stream['height']}"
    if abs(float(given["FRAME-RATE"]) - float(Fraction(stream["r_frame_rate"]))) > 0.001:
        yield f"FRAME-RATE is {given['FRAME-RATE']}, the picture's {stream['r_frame_rate']}"
    if float(given["FRAME-RATE"]) > 60:
        yield "has more than 60 frames a second"
    if stream["pix_fmt"] != "yuv420p" or stream.get("sample_aspect_ratio", "1:1") != "1:1":
        yield f"is {stream['pix_fmt']} with pixels of {stream.get('sample_aspect_ratio')}"
    yield from _codec_rules(given["CODECS"].split(","), stream, sound)
    yield from _rate_rules(given, _rates(variant.media), sound)
    yield from _keyframe_rules(variant.media, track)


def _codec_rules(codecs, stream, sound):
    if not codecs[0].startswith("avc1.64") or int(codecs[0][-2:], 16) != stream["level"]:
        yield f"CODECS says {codecs[0]}, the picture is {stream['profile']} at level {stream['level']}"
    if len(codecs) != 1 + bool(sound) or (sound and codecs[1] != "mp4a.40.2"):
        yield f"CODECS does not name the sound: {codecs}"


def _rate_rules(given, rates, sound):
    peak = rates.peak + sum(one.peak for one in sound)
    average = rates.average + sum(one.average for one in sound)
    for name, measured in (("BANDWIDTH", peak), ("AVERAGE-BANDWIDTH", average)):
        if abs(measured - int(given[name])) > RATE_TOLERANCE * int(given[name]):
            yield f"{name} is {given[name]}, measured {measured:.0f}"


def _keyframe_rules(media, track):
    for segment in media.segments:
        if not measuring.starts_with_keyframe(media.init, segment):
            yield f"{segment.name} does not start with a keyframe"
    gaps = [after - before for before, after in zip(track.keyframes, track.keyframes[1:], strict=False)]
    if any(gap > KEYFRAMES_AT_MOST_S for gap in gaps):
        yield f"keyframes are up to {max(gaps):.2f} s apart"
    frame_s = 1 / float(Fraction(track.stream["r_frame_rate"]))
    steps = [after - before for before, after in zip(track.times, track.times[1:], strict=False)]
    if any(abs(step - frame_s) > 0.002 for step in steps):
        yield "frames do not follow one another evenly"


# --- all together -----------------------------------------------------------------------------------------------


def _ladder_rules(master):
    cuts = {tuple(variant.media.durations) for variant in master.variants}
    if len(cuts) > 1:
        yield "the variants are cut at different times"
    frames = {measuring.track(variant.media.path).frames for variant in master.variants}
    if len(frames) > 1:
        yield f"the variants have different numbers of frames: {sorted(frames)}"


def _step_rules(master):
    """Picture and sound begin together and end together, on the clock they share."""
    picture = measuring.track(master.variants[0].media.path)
    for one in master.sound:
        sound = measuring.track(one.media.path)
        # The AAC encoder's own delay comes before zero, where the edit list hides it.
        if abs(max(0.0, sound.start_s) - picture.start_s) > STEP_S:
            yield f"the sound begins at {sound.start_s:.3f} s, the picture at {picture.start_s:.3f} s"
        if abs(sound.end_s - picture.end_s) > 0.5:
            yield f"the sound ends at {sound.end_s:.3f} s, the picture at {picture.end_s:.3f} s"


def _play_rules(master):
    words = measuring.complaints(master.path)
    if words:
        yield f"it does not play: {words}"
