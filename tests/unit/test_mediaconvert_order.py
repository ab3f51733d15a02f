"""An order becomes a CreateJob that MediaConvert's own description allows, and that says what the ladder says."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from sluice.adapters.aws.mediaconvert_order import request
from sluice.adapters.h264_levels import level
from sluice.errors import Unplayable
from sluice.ladder import Order, plan
from tests import service_model
from tests.orders import ORDER, SOURCE

PLACES = {
    "role": "arn:aws:iam::123456789012:role/sluice-encoder",
    "queue": "arn:aws:mediaconvert:eu-west-1:123456789012:queues/sluice",
    "sources_bucket": "sluice-raw",
    "media_bucket": "sluice-media",
}
FULL_HD = {"width": 1920, "height": 1080}


def order_for(*, tall=False, **changes):
    source = replace(SOURCE, **changes)
    return Order(ORDER.video_id, 3, source, plan(source, tall=tall))


def asked(**changes):
    return request(order_for(**changes), **PLACES)


def settings(**changes):
    return asked(**changes)["Settings"]


def stream(**changes):
    return settings(**changes)["OutputGroups"][0]


def rungs(**changes):
    return [output for output in stream(**changes)["Outputs"] if "VideoDescription" in output]


def h264(**changes):
    return rungs(**changes)[0]["VideoDescription"]["CodecSettings"]["H264Settings"]


def picture(**changes):
    return settings(**changes)["Inputs"][0]["VideoSelector"]


# --- what the service allows ------------------------------------------------------------------------------------

KINDS = [
    {},
    {"audio_index": None},
    {"audio_channels": 1},
    {"audio_channels": 6},
    {"audio_channels": 8},
    {"rotation": 90, **FULL_HD},
    {"rotation": 180, "format": "matroska"},
    {"frame_rate": "30000/1001"},
    {"frame_rate": "120/1"},
    {"frame_rate": "1/3"},
    {"frame_rate": "2997/100", "variable_frame_rate": True},
    {"interlaced": True, **FULL_HD},
    {"color_transfer": "smpte2084", "pixel_format": "yuv420p10le", "width": 3840, "height": 2160, "tall": True},
    {"color_transfer": "arib-std-b67"},
    {"width": 66, "height": 34, "duration_s": 0.04},
    {"width": 4096, "height": 2304, "frame_rate": "60/1", "tall": True},
    {"duration_s": 43_200.0},
]


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_every_kind_of_order_is_one_that_the_service_describes(changes):
    assert service_model.breaches("mediaconvert", "CreateJob", asked(**changes)) == []


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_every_order_survives_the_wire(changes):
    body = json.loads(service_model.sent("mediaconvert", "CreateJob", asked(**changes)))
    assert service_model.parse("mediaconvert", "CreateJob", body) == asked(**changes)


@pytest.mark.parametrize(
    ("name", "value"), [("CodecLevel", "LEVEL_9"), ("MaxBitrate", 1), ("GopSise", 1), ("ParNumerator", 0)]
)
def test_the_check_against_the_description_finds_what_is_wrong(name, value):
    wrong = asked()
    output = wrong["Settings"]["OutputGroups"][0]["Outputs"][0]
    output["VideoDescription"]["CodecSettings"]["H264Settings"][name] = value
    assert name in service_model.breaches("mediaconvert", "CreateJob", wrong)[0]


def test_a_picture_smaller_than_the_service_makes_is_refused_in_words():
    with pytest.raises(Unplayable, match="32 pixels") as refused:
        asked(width=64, height=30)
    assert refused.value.code == "too_small"


# --- whose it is ------------------------------------------------------------------------------------------------


def test_a_job_tells_whose_it_is_and_can_not_be_bought_twice_in_a_minute():
    job = asked()
    assert job["UserMetadata"] == {"id": ORDER.video_id, "attempt": "3"}
    assert job["Tags"] == {"video": ORDER.video_id}
    assert job["ClientRequestToken"] == f"{ORDER.video_id}-3"
    assert (job["Role"], job["Queue"]) == (PLACES["role"], PLACES["queue"])


def test_it_reads_the_upload_and_writes_below_its_attempt():
    given = settings()
    targets = [next(iter(group["OutputGroupSettings"].values())) for group in given["OutputGroups"]]
    assert given["Inputs"][0]["FileInput"] == f"s3://sluice-raw/{ORDER.video_id}"
    assert targets == ["HLS_GROUP_SETTINGS", "FILE_GROUP_SETTINGS"]
    folder = f"s3://sluice-media/media/{ORDER.video_id}/3"
    assert stream()["OutputGroupSettings"]["HlsGroupSettings"]["Destination"] == f"{folder}/encoded"
    thumbnail = given["OutputGroups"][1]["OutputGroupSettings"]["FileGroupSettings"]
    assert thumbnail["Destination"] == f"{folder}/captures/frame"


# --- the ladder -------------------------------------------------------------------------------------------------


def test_each_rung_is_an_output_of_its_size_and_bitrate():
    facts = plan(replace(SOURCE, **FULL_HD), tall=False)
    made = [
        (one["NameModifier"], one["VideoDescription"]["Width"], one["VideoDescription"]["Height"])
        for one in rungs(**FULL_HD)
    ]
    assert made == [(f"_{one.name}", one.width, one.height) for one in facts.renditions]
    assert made[0] == ("_1080", 1920, 1080)


def test_a_rung_has_a_quality_within_its_bitrate():
    coded = h264(**FULL_HD)
    assert (coded["RateControlMode"], coded["QvbrSettings"]) == ("QVBR", {"QvbrQualityLevel": 8})
    assert (coded["MaxBitrate"], coded["HrdBufferSize"]) == (5_000_000, 10_000_000)
    small = rungs()[-1]["VideoDescription"]["CodecSettings"]["H264Settings"]
    assert (small["QvbrSettings"], small["MaxBitrate"]) == ({"QvbrQualityLevel": 7}, 399_531)


@pytest.mark.parametrize(
    ("rate", "frames", "seconds"),
    [("24/1", 48, 4), ("25/1", 50, 4), ("30000/1001", 60, 4), ("60000/1001", 120, 4), ("301/10", 60, 3), ("1/1", 2, 4)],
)
def test_groups_are_closed_and_of_two_seconds_in_whole_frames(rate, frames, seconds):
    coded, group = h264(frame_rate=rate), stream(frame_rate=rate)["OutputGroupSettings"]["HlsGroupSettings"]
    assert (coded["GopSizeUnits"], coded["GopSize"], coded["GopClosedCadence"]) == ("FRAMES", frames, 1)
    assert (coded["MinIInterval"], coded["SceneChangeDetect"]) == (0, "DISABLED")
    assert coded["NumberBFramesBetweenReferenceFrames"] < frames
    assert (group["SegmentLengthControl"], group["SegmentLength"]) == ("GOP_MULTIPLE", seconds)


def test_a_constant_rate_is_the_sources_own():
    assert h264(frame_rate="30000/1001")["FramerateControl"] == "INITIALIZE_FROM_SOURCE"


@pytest.mark.parametrize(
    ("rate", "variable", "numerator", "denominator"),
    [("120/1", False, 60, 1), ("2990/100", True, 30000, 1001), ("1/3", False, 1, 1)],
)
def test_another_rate_is_told_as_a_fraction(rate, variable, numerator, denominator):
    coded = h264(frame_rate=rate, variable_frame_rate=variable)
    assert coded["FramerateControl"] == "SPECIFIED"
    assert (coded["FramerateNumerator"], coded["FramerateDenominator"]) == (numerator, denominator)


@pytest.mark.parametrize(
    ("size", "rate", "max_bitrate", "expected"),
    [
        ((426, 240), 25, 400_000, "2_1"),
        ((640, 360), 15, 800_000, "2_2"),
        ((640, 360), 25, 800_000, "3"),
        ((854, 480), 25, 1_400_000, "3"),
        ((1280, 720), 25, 2_800_000, "3_1"),
        ((1280, 720), 60, 4_200_000, "3_2"),
        ((1920, 1080), 30, 5_000_000, "4"),
        ((1080, 1920), 60, 7_500_000, "4_2"),
        ((3840, 2160), 30, 16_000_000, "5_1"),
        ((3840, 2160), 60, 24_000_000, "5_2"),
        ((4096, 16), 25, 64_000, "4"),
        ((1280, 720), 25, 30_000_000, "4_1"),
        ((8192, 8192), 60, 900_000_000, "5_2"),
    ],
)
def test_the_level_is_the_lowest_that_can_hold_the_rung(size, rate, max_bitrate, expected):
    assert level(*size, Fraction(rate), max_bitrate) == expected


# --- sound ------------------------------------------------------------------------------------------------------


def test_sound_is_an_output_of_its_own_and_every_rung_names_its_group():
    group = stream()
    *pictures, sound = group["Outputs"]
    assert "VideoDescription" not in sound
    assert sound["OutputSettings"]["HlsSettings"]["AudioGroupId"] == "audio"
    assert {one["OutputSettings"]["HlsSettings"]["AudioRenditionSets"] for one in pictures} == {"audio"}
    assert not any("AudioDescriptions" in one for one in pictures)
    aac = sound["AudioDescriptions"][0]["CodecSettings"]["AacSettings"]
    assert (aac["Bitrate"], aac["SampleRate"], aac["CodingMode"]) == (128_000, 48_000, "CODING_MODE_2_0")


def test_picture_and_sound_share_a_clock():
    clocks = {tuple(sorted(one["ContainerSettings"]["M3u8Settings"].items()))[-2:] for one in stream()["Outputs"]}
    assert clocks == {(("PtsOffset", 10), ("PtsOffsetMode", "SECONDS"))}


def test_without_sound_there_is_no_output_for_it():
    silent = settings(audio_index=None)
    assert "AudioSelectors" not in silent["Inputs"][0]
    assert "AudioDescriptions" not in json.dumps(silent)
    assert "AudioRenditionSets" not in json.dumps(silent)


def test_the_sound_that_was_probed_is_the_one_that_is_taken():
    selectors = settings(audio_index=4, audio_track=3)["Inputs"][0]["AudioSelectors"]
    (description,) = stream()["Outputs"][-1]["AudioDescriptions"]
    assert selectors[description["AudioSourceName"]]["Tracks"] == [3]


@pytest.mark.parametrize("channels", [1, 6])
def test_other_than_two_channels_are_mixed_for_both_ears(channels):
    remix = stream(audio_channels=channels)["Outputs"][-1]["AudioDescriptions"][0]["RemixSettings"]
    ears = [side["InputChannelsFineTune"] for side in remix["ChannelMapping"]["OutputChannels"]]
    assert (remix["ChannelsIn"], remix["ChannelsOut"]) == (channels, 2)
    assert [len(ear) for ear in ears] == [channels, channels]
    loudest = [sum(10 ** (gain / 20) for gain in ear) for ear in ears]
    assert loudest == pytest.approx([1, 1], abs=0.01)


# --- repairs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("container", "rotation", "expected"),
    [
        ("mov,mp4,m4a", 90, "AUTO"),
        ("mov", 0, "AUTO"),
        ("matroska", 0, "AUTO"),
        ("matroska", 270, "DEGREES_270"),
    ],
)
def test_a_picture_is_turned_upright(container, rotation, expected):
    assert picture(format=container, rotation=rotation)["Rotate"] == expected


def test_a_turned_picture_has_the_size_of_the_turned_one():
    described = rungs(rotation=90)[0]["VideoDescription"]
    assert (described["Width"], described["Height"]) == (720, 1280)
    assert described["ScalingBehavior"] == "STRETCH_TO_OUTPUT"


def test_only_what_is_interlaced_is_deinterlaced():
    woven, plain = (rungs(interlaced=one)[0]["VideoDescription"]["VideoPreprocessors"] for one in (True, False))
    assert woven["Deinterlacer"]["Mode"] == "DEINTERLACE"
    assert "Deinterlacer" not in plain
    assert h264(interlaced=True)["InterlaceMode"] == "PROGRESSIVE"


@pytest.mark.parametrize(("transfer", "coded"), [("smpte2084", "HDR10"), ("arib-std-b67", "HLG_2020")])
def test_hdr_is_mapped_to_what_ordinary_screens_show(transfer, coded):
    colours = rungs(color_transfer=transfer)[0]["VideoDescription"]["VideoPreprocessors"]["ColorCorrector"]
    assert colours["ColorSpaceConversion"] == "FORCE_709"
    assert picture(color_transfer=transfer)["ColorSpace"] == coded


def test_colours_of_an_ordinary_picture_stay():
    assert "FORCE" not in json.dumps(stream())
    assert picture()["ColorSpace"] == "FOLLOW"


def test_pixels_become_square():
    coded = h264(pixel_aspect=64 / 45)
    assert (coded["ParControl"], coded["ParNumerator"], coded["ParDenominator"]) == ("SPECIFIED", 1, 1)


def test_sound_without_a_picture_gets_a_black_one():
    assert picture()["PadVideo"] == "BLACK"


# --- the thumbnail ----------------------------------------------------------------------------------------------


def captures(**changes):
    (output,) = settings(**changes)["OutputGroups"][1]["Outputs"]
    return output["VideoDescription"]


def test_a_few_frames_over_the_video_are_captured():
    taken = captures(duration_s=100.0)["CodecSettings"]["FrameCaptureSettings"]
    assert (taken["FramerateNumerator"], taken["FramerateDenominator"]) == (1000, 25_000)
    assert taken["MaxCaptures"] == 4


def test_a_capture_is_no_larger_than_is_useful():
    assert captures(**FULL_HD)["Height"] == 720
    assert captures(width=3000, height=2000, rotation=90)["Width"] == 720
