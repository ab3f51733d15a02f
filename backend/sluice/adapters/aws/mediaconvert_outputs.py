"""The outputs of a MediaConvert job: one HLS group with a rung an output and the sound by itself, and pictures."""

import math
from fractions import Fraction
from typing import Any

from sluice.adapters.cadence import keyframe_frames, segment_s
from sluice.adapters.h264_levels import level
from sluice.ladder import Order, Rendition, Source
from sluice.layout import AUDIO
from sluice.playlists import AUDIO_BITRATE

Values = dict[str, Any]

SELECTOR = "Audio Selector 1"
_SOUND_HZ = 48_000
# Every rung and the sound count from here; early enough for the two seconds that a decoder may buffer.
_CLOCK_STARTS_S = 10
_CAPTURES = 4
_BETWEEN_REFERENCES = 2
# MediaConvert takes 6 to 9 for what is broadcast; small pictures are watched on small screens.
_QUALITY = ((720, 8), (0, 7))

# Gains in dB of left, right, centre, bass and both surrounds, as ITU-R BS.775 mixes them, kept from clipping.
_MUTE, _FRONT, _BESIDE = -60.0, -7.656, -10.667
_REMIXES = {
    1: ((0.0,), (0.0,)),
    6: (
        (_FRONT, _MUTE, _BESIDE, _MUTE, _BESIDE, _MUTE),
        (_MUTE, _FRONT, _BESIDE, _MUTE, _MUTE, _BESIDE),
    ),
}


def stream_group(order: Order, destination: str) -> Values:
    """Playlists and segments whose names begin with the destination; then an underscore and the rung follow."""
    outputs = [_rung(order, rendition) for rendition in order.facts.renditions]
    return {
        "Name": "Apple HLS",
        "OutputGroupSettings": {
            "Type": "HLS_GROUP_SETTINGS",
            "HlsGroupSettings": {"Destination": destination, **_segments(order.facts.rate)},
        },
        "Outputs": [*outputs, _sound(order.source)] if order.facts.has_audio else outputs,
    }


def _segments(rate: Fraction) -> Values:
    return {
        "SegmentControl": "SEGMENTED_FILES",
        # Whole seconds, which it rounds up to whole keyframe intervals: never beyond the length that we mean.
        "SegmentLength": max(1, math.floor(segment_s(rate))),
        "SegmentLengthControl": "GOP_MULTIPLE",
        "MinSegmentLength": 0,
        "MinFinalSegmentLength": 0.0,
        "DirectoryStructure": "SINGLE_DIRECTORY",
        "OutputSelection": "MANIFESTS_AND_SEGMENTS",
        "ManifestDurationFormat": "FLOATING_POINT",
        "ManifestCompression": "NONE",
        "TargetDurationCompatibilityMode": "SPEC_COMPLIANT",
        "CodecSpecification": "RFC_6381",
        "CaptionLanguageSetting": "NONE",
        "ProgramDateTime": "EXCLUDE",
        "TimedMetadataId3Frame": "NONE",
    }


def _rung(order: Order, rendition: Rendition) -> Values:
    group = {"AudioRenditionSets": AUDIO} if order.facts.has_audio else {}
    return {
        "NameModifier": f"_{rendition.name}",
        "ContainerSettings": _transport(),
        "OutputSettings": {"HlsSettings": {"IFrameOnlyManifest": "EXCLUDE", **group}},
        "VideoDescription": {
            **_picture(order.source, rendition),
            "CodecSettings": {"Codec": "H_264", "H264Settings": _h264(order, rendition)},
        },
    }


def _transport(**more: str) -> Values:
    clock = {"PtsOffsetMode": "SECONDS", "PtsOffset": _CLOCK_STARTS_S}
    return {"Container": "M3U8", "M3u8Settings": {**clock, **more}}


def _picture(source: Source, rendition: Rendition) -> Values:
    return {
        "Width": rendition.width,
        "Height": rendition.height,
        # The ladder has the size of the turned picture with square pixels: nothing is left to fit.
        "ScalingBehavior": "STRETCH_TO_OUTPUT",
        "AntiAlias": "ENABLED",
        "RespondToAfd": "NONE",
        "AfdSignaling": "NONE",
        "TimecodeInsertion": "DISABLED",
        "ColorMetadata": "INSERT",
        "VideoPreprocessors": _repairs(source),
    }


def _repairs(source: Source) -> Values:
    # What is in the limited range already passes unchanged.
    colours = {"SampleRangeConversion": "LIMITED_RANGE_SQUEEZE"}
    if source.hdr:
        colours |= {"ColorSpaceConversion": "FORCE_709", "HdrToSdrToneMapper": "VIBRANT"}
    repairs: Values = {"ColorCorrector": colours}
    if source.interlaced:
        repairs["Deinterlacer"] = {"Mode": "DEINTERLACE", "Algorithm": "INTERPOLATE", "Control": "NORMAL"}
    return repairs


def _h264(order: Order, rendition: Rendition) -> Values:
    rate = order.facts.rate
    short = min(rendition.width, rendition.height)
    return {
        "RateControlMode": "QVBR",
        "QvbrSettings": {"QvbrQualityLevel": next(quality for least, quality in _QUALITY if short >= least)},
        "MaxBitrate": rendition.max_bitrate,
        "HrdBufferSize": 2 * rendition.max_bitrate,
        "QualityTuningLevel": "SINGLE_PASS_HQ",
        "CodecProfile": "HIGH",
        "CodecLevel": f"LEVEL_{level(rendition.width, rendition.height, rate, rendition.max_bitrate)}",
        "InterlaceMode": "PROGRESSIVE",
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
        **_keyframes(rate),
        **_frame_rate(order),
    }


def _keyframes(rate: Fraction) -> Values:
    """Every rung begins a closed group at the same frames, and nowhere else."""
    interval = keyframe_frames(rate)
    return {
        # In frames: two seconds of 30000/1001 frames a second are no whole number of them.
        "GopSizeUnits": "FRAMES",
        "GopSize": float(interval),
        "GopClosedCadence": 1,
        "MinIInterval": 0,
        "SceneChangeDetect": "DISABLED",
        "NumberBFramesBetweenReferenceFrames": min(_BETWEEN_REFERENCES, interval - 1),
    }


def _frame_rate(order: Order) -> Values:
    source, rate = order.source, order.facts.rate
    if not source.variable_frame_rate and Fraction(source.frame_rate) == rate:
        return {"FramerateControl": "INITIALIZE_FROM_SOURCE"}
    return {
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": rate.numerator,
        "FramerateDenominator": rate.denominator,
        "FramerateConversionAlgorithm": "DUPLICATE_DROP",
    }


def _sound(source: Source) -> Values:
    group = {"AudioGroupId": AUDIO, "AudioTrackType": "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT"}
    return {
        "NameModifier": f"_{AUDIO}",
        # Silence after a sound that ends before the picture.
        "ContainerSettings": _transport(AudioDuration="MATCH_VIDEO_DURATION"),
        # Raw AAC would have no clock of its own to keep in step by.
        "OutputSettings": {"HlsSettings": {**group, "AudioOnlyContainer": "M2TS"}},
        "AudioDescriptions": [{"AudioSourceName": SELECTOR, **_aac(), **_remix(source.audio_channels)}],
    }


def _aac() -> Values:
    return {
        "CodecSettings": {
            "Codec": "AAC",
            "AacSettings": {
                "Bitrate": AUDIO_BITRATE,
                "SampleRate": _SOUND_HZ,
                "CodingMode": "CODING_MODE_2_0",
                "CodecProfile": "LC",
                "RateControlMode": "CBR",
            },
        }
    }


def _remix(channels: int) -> Values:
    """Both ears for one channel, everything but the bass for six; the service's own way for other numbers."""
    if channels not in _REMIXES:
        return {}
    gains = [{"InputChannelsFineTune": list(side)} for side in _REMIXES[channels]]
    return {"RemixSettings": {"ChannelsIn": channels, "ChannelsOut": 2, "ChannelMapping": {"OutputChannels": gains}}}


# --- the thumbnail ----------------------------------------------------------------------------------------------


def capture_group(order: Order, destination: str) -> Values:
    """Pictures whose names begin with the destination; then a point and a number follow."""
    large = order.facts.looked_at
    # The first is that of the very first frame, which is often black; the others are a quarter further on each.
    every_ms = max(1000, round(order.facts.duration_s * 1000 / _CAPTURES))
    captures = {
        "FramerateNumerator": 1000,
        "FramerateDenominator": every_ms,
        "MaxCaptures": _CAPTURES,
        "Quality": 80,
    }
    return {
        "Name": "Thumbnail",
        "OutputGroupSettings": {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": destination}},
        "Outputs": [
            {
                "ContainerSettings": {"Container": "RAW"},
                "Extension": "jpg",
                "VideoDescription": {
                    **_picture(order.source, large),
                    "CodecSettings": {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": captures},
                },
            }
        ],
    }
