"""Reading ffprobe's report: which streams are taken, what is refused, how long it lasts."""

import json
from dataclasses import replace
from fractions import Fraction
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from sluice.adapters import ffprobe, probe_argv, refusals, streams
from sluice.adapters.child import Finished, Limits
from sluice.adapters.streams import Sound
from sluice.adapters.timing import Timing
from sluice.errors import Unavailable, Unplayable
from sluice.ladder import Source
from sluice.settings import Settings

STEADY = Timing(Fraction(25), variable=False, frames=250, duration_s=10.0, picture_end_s=9.9, keyframe_gap_s=2.0)


def a_video(**changes: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 640,
        "height": 360,
        "pix_fmt": "yuv420p",
        "duration": "10.000000",
        "r_frame_rate": "25/1",
        "avg_frame_rate": "25/1",
        "start_time": "0.000000",
        **changes,
    }


def a_sound(**changes: Any) -> dict[str, Any]:
    return {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2, "start_time": "0.000000", **changes}


def a_report(*given: dict[str, Any], **container: Any) -> dict[str, Any]:
    return {"streams": given, "format": {"format_name": "mov,mp4,m4a", "duration": "10.000000", **container}}


def parsed(report: dict[str, Any], timed: Timing = STEADY, sound: Sound | None = None) -> Source:
    return streams.parse(report, streams.picture(report), sound or Sound(), timed, max_duration_s=3600)


def refusal_of(report: dict[str, Any], timed: Timing = STEADY) -> str:
    with pytest.raises(Unplayable) as refused:
        parsed(report, timed)
    return refused.value.code


# --- which streams ----------------------------------------------------------------------------------------------


def test_cover_art_is_not_the_picture() -> None:
    cover = a_video(index=0, disposition={"attached_pic": 1, "default": 1})

    assert streams.picture(a_report(cover, a_video(index=2)))["index"] == 2


@pytest.mark.parametrize("brand", ["avif", "avis", "heic", "mif1"])
def test_a_picture_in_a_box_of_mp4_is_no_video(brand: str) -> None:
    assert refusal_of(a_report(a_video(), tags={"major_brand": brand})) == "unsupported"


def test_the_default_picture_is_taken_before_the_first() -> None:
    assert streams.picture(a_report(a_video(), a_video(index=1, disposition={"default": 1})))["index"] == 1


def test_a_picture_without_a_size_is_taken_last() -> None:
    empty = a_video(width=0, height=0, disposition={"default": 1})

    assert streams.picture(a_report(empty, a_video(index=1)))["index"] == 1


def test_the_default_sound_is_tried_first() -> None:
    report = a_report(a_video(), a_sound(), a_sound(index=2, disposition={"default": 1}))

    assert [sound["index"] for sound in streams.sounds(report)] == [2, 1]


def test_a_sound_is_counted_among_the_sounds_alone() -> None:
    report = a_report(a_sound(index=0), a_video(index=1), a_sound(index=2))

    assert parsed(report, sound=Sound(report["streams"][2])).audio_track == 2
    assert parsed(report).audio_track == 1


def test_streams_are_named_by_their_place_among_those_of_their_kind() -> None:
    report = a_report(a_sound(index=0), a_video(index=1), {"index": 2, "codec_type": "data"}, a_sound(index=3))

    assert [streams.place(report, report["streams"][index]) for index in (0, 1, 3)] == ["a:0", "v:0", "a:1"]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (a_report(), "not_a_video"),
        (a_report(a_sound()), "no_video_stream"),
        (a_report(a_sound(), a_video(disposition={"attached_pic": 1})), "no_video_stream"),
        (a_report(a_video(codec_tag_string="encv")), "encrypted"),
        (a_report(a_video(), a_sound(codec_tag_string="drms")), "encrypted"),
        (a_report(a_video(tags={"ENC_KEY_ID": "abc"})), "encrypted"),
        (a_report(a_video(side_data_list=[{"side_data_type": "Encryption initialization data"}])), "encrypted"),
        (
            {**a_report(a_video()), "packets": [{"side_data_list": [{"side_data_type": "Encryption info"}]}]},
            "encrypted",
        ),
        (a_report(a_video(width=4096, height=2306)), "too_large"),
        (a_report(a_video(codec_name="unknown")), "unsupported"),
        (a_report(a_video(width=0, height=0)), "damaged"),
    ],
)
def test_each_refusal_has_its_code(report: dict[str, Any], code: str) -> None:
    assert refusal_of(report) == code


# --- what they are ----------------------------------------------------------------------------------------------


def test_a_plain_file_is_what_it_says() -> None:
    report = a_report(a_video(bit_rate="500000"), a_sound(channels=6))

    source = parsed(report, sound=Sound(a_sound(channels=6)))

    assert source == Source(
        format="mov",
        duration_s=10.0,
        video_index=0,
        video_codec="h264",
        width=640,
        height=360,
        pixel_aspect=1.0,
        rotation=0,
        frame_rate="25",
        variable_frame_rate=False,
        interlaced=False,
        pixel_format="yuv420p",
        color_transfer=None,
        video_start_s=0.0,
        bitrate=500_000,
        audio_index=1,
        audio_channels=6,
        frames=250,
        picture_end_s=9.9,
        keyframe_gap_s=2.0,
        untagged=True,
    )
    tagged = parsed(a_report(a_video(color_space="bt709", color_primaries="bt470bg")))
    assert (tagged.untagged, tagged.color_matrix, tagged.color_primaries) == (False, "bt709", "bt470bg")


@pytest.mark.parametrize(
    ("angle", "rotation"), [(0, 0), (-90, 90), (90, 270), (180, 180), (-180, 180), (-89.5, 90), (-45, 0), (360, 0)]
)
def test_rotation_is_the_clockwise_turn_to_the_nearest_quarter(angle: float, rotation: int) -> None:
    turned = a_video(side_data_list=[{"side_data_type": "Display Matrix", "rotation": angle}])

    assert parsed(a_report(turned)).rotation == rotation


@pytest.mark.parametrize(("kind", "moved"), [("Display Matrix", True), ("Content light level metadata", False)])
def test_a_picture_mirrored_top_to_bottom_has_no_angle_but_is_moved(kind: str, moved: bool) -> None:
    mirrored = a_video(side_data_list=[{"side_data_type": kind, "rotation": 0}])

    found = parsed(a_report(mirrored))

    assert (found.rotation, found.moved, parsed(a_report(a_video())).moved) == (0, moved, False)


@pytest.mark.parametrize(
    ("ratio", "aspect"),
    [("64:45", 64 / 45), ("1:1", 1.0), ("0:1", 1.0), ("N/A", 1.0), ("1000:1", 1.0), ("1:1000", 1.0)],
)
def test_a_pixel_aspect_ratio_beyond_reason_is_ignored(ratio: str, aspect: float) -> None:
    assert parsed(a_report(a_video(sample_aspect_ratio=ratio))).pixel_aspect == aspect


@pytest.mark.parametrize(("order", "interlaced"), [("tt", True), ("bt", True), ("progressive", False), (None, False)])
def test_the_field_order_tells_interlaced_from_progressive(order: str | None, interlaced: bool) -> None:
    assert parsed(a_report(a_video(field_order=order))).interlaced is interlaced


@pytest.mark.parametrize(
    ("reordered", "decoded_early_s", "untold"), [(2, 0.0, True), (2, 0.08, False), (1, 0.04, False), (0, 0.0, False)]
)
def test_frames_in_another_order_than_they_are_decoded_in_have_to_be_decoded_early(
    reordered: int, decoded_early_s: float, untold: bool
) -> None:
    source = parsed(a_report(a_video(has_b_frames=reordered)), replace(STEADY, decoded_early_s=decoded_early_s))

    assert source.order_untold is untold


def test_starts_are_counted_from_the_start_of_the_file() -> None:
    report = a_report(a_video(start_time="1.500000"), a_sound(start_time="3.250000"), start_time="1.500000")

    source = parsed(report, sound=Sound(a_sound(start_time="3.250000")))

    assert (source.video_start_s, source.audio_start_s) == (0.0, 1.75)


def test_the_video_bitrate_is_what_the_sound_leaves_of_the_whole() -> None:
    report = a_report(a_video(), size="1250000")

    assert parsed(report, sound=Sound(a_sound(bit_rate="128000"))).bitrate == 872_000


def test_the_bitrate_counts_from_the_measured_length_not_the_declared_one() -> None:
    report = a_report(a_video(), size="1250000", start_time="3600.0", duration="3610.0", bit_rate="2770")

    assert parsed(report).bitrate == 1_000_000


def test_an_unknown_bitrate_is_none() -> None:
    assert parsed(a_report(a_video())).bitrate is None


# --- how long ---------------------------------------------------------------------------------------------------


def lasting(measured_s: float | None) -> Timing:
    return Timing(Fraction(25), variable=False, frames=1, duration_s=measured_s)


def test_a_container_that_lies_about_its_length_is_not_believed() -> None:
    report = a_report(a_video(duration="2.000000"), duration="360000.000000")

    assert parsed(report, lasting(2.0)).duration_s == 2.0


def test_a_file_that_declares_no_length_is_measured() -> None:
    report = {"streams": [a_video(duration="2")], "format": {"format_name": "matroska,webm"}}

    assert parsed(report, lasting(2.04)).duration_s == 2.04


def test_a_file_whose_end_is_missing_is_damaged() -> None:
    assert refusal_of(a_report(a_video()), lasting(5.0)) == "damaged"


@pytest.mark.parametrize(("start_time", "duration"), [("3600.0", "3610.0"), ("3600.0", "10.0"), ("-0.5", "10.0")])
def test_matroska_may_count_its_length_from_time_zero_or_from_its_start(start_time: str, duration: str) -> None:
    undeclared = a_video(start_time=start_time)
    del undeclared["duration"]
    report = a_report(undeclared, format_name="matroska,webm", start_time=start_time, duration=duration)

    assert parsed(report, lasting(None)).duration_s == 10.0
    assert refusal_of(report, lasting(5.0)) == "damaged"


def test_a_few_frames_less_than_declared_are_no_damage() -> None:
    assert parsed(a_report(a_video()), lasting(9.6)).duration_s == 9.6


def test_what_a_flash_file_declares_proves_no_damage() -> None:
    assert parsed(a_report(a_video(), format_name="flv"), lasting(5.0)).duration_s == 5.0


def test_without_a_measurement_the_shortest_declared_length_counts() -> None:
    assert parsed(a_report(a_video(duration="8.0")), lasting(None)).duration_s == 8.0


def test_a_file_of_no_length_at_all_is_damaged() -> None:
    assert (
        refusal_of({"streams": [a_video(duration="0")], "format": {"format_name": "avi"}}, lasting(None)) == "damaged"
    )


def test_a_video_longer_than_allowed_is_refused() -> None:
    assert refusal_of(a_report(a_video()), lasting(3600.5)) == "too_long"


# --- complaints -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("complaint", "code"),
    [
        ("[hls @ 0x5] Format not on whitelist 'mov'\nx: Invalid argument", "not_a_video"),
        ("[concat @ 0x5] Format not on whitelist 'mov'", "not_a_video"),
        ("[png_pipe @ 0x5] Format not on whitelist 'mov'", "unsupported"),
        ("[gif @ 0x5] Format not on whitelist 'mov'", "unsupported"),
        ("[ogg @ 0x5] Format not on whitelist 'mov'", "unsupported"),
        ("[swf @ 0x5] Format not on whitelist 'mov'", "unsupported"),
        ("[mp3 @ 0x5] Format not on whitelist 'mov'", "no_video_stream"),
        ("[mov,mp4 @ 0x5] moov atom not found\nx: Invalid data found when processing input", "damaged"),
        ("[mov @ 0x5] Number of streams exceeds max_streams parameter (64)\nx: Cannot allocate memory", "unsupported"),
        ("x: Cannot allocate memory", "too_large"),
        ("x: Invalid data found when processing input", "not_a_video"),
        ("", "not_a_video"),
    ],
)
def test_complaints_become_refusals(complaint: str, code: str) -> None:
    assert refusals.of_complaint(complaint, b"\0\0\0\x20ftypisom").code == code


def test_only_what_begins_like_an_mp4_file_is_a_damaged_one() -> None:
    complaint = "[mov,mp4 @ 0x5] moov atom not found"

    assert refusals.of_complaint(complaint, b"<!DOCTYPE html>").code == "not_a_video"
    assert refusals.of_complaint(complaint, None).code == "damaged"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(6 * 3600, "6 h 0 min"), (90 * 60, "1 h 30 min"), (45, "45 s")],
)
def test_too_long_names_the_limit(seconds: int, words: str) -> None:
    assert words in refusals.too_long(seconds).detail


# --- what takes too long ----------------------------------------------------------------------------------------


class Tools:
    """ffprobe and ffmpeg, of which the listing never ends; how long each listing was given."""

    def __init__(self, report: dict[str, Any]) -> None:
        self.report = json.dumps(report).encode()
        self.listings: list[float] = []

    def __call__(self, argv: list[str], limits: Limits, *, wall_s: float, **_: Any) -> Finished:
        if argv[0] == "ffprobe":
            return Finished(0, self.report, "")
        if "framecrc" in argv:
            self.listings.append(wall_s)
            return Finished(-9, b"", "", timed_out=True)
        return Finished(0, b"", "frame=1\nout_time_us=40000\n" if "0:a:0" not in argv else "")


def test_a_film_whose_packets_take_too_long_to_list_is_believed_what_it_declares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = Tools(a_report(a_video(duration="7.5")))
    monkeypatch.setattr(ffprobe, "run", tools)

    source = ffprobe.Ffprobe(Settings(), listing_wall_s=180)("film.mp4")

    assert (source.duration_s, source.frame_rate, source.frames) == (7.5, "25", 0)
    assert tools.listings[0] == pytest.approx(180, abs=5)


def test_another_listing_has_no_more_than_what_the_first_one_left(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = Tools(a_report(a_video(), a_sound(), a_sound(index=2)))
    monkeypatch.setattr(ffprobe, "run", tools)
    monkeypatch.setattr(ffprobe, "time", SimpleNamespace(monotonic=iter((1000.0, 1000.0, 1170.0)).__next__))

    ffprobe.Ffprobe(Settings(), listing_wall_s=180)("film.mp4")

    assert sorted(tools.listings) == [10, 180]


@pytest.mark.parametrize("waits", ["ffprobe", "0:v:0", "0:a:0"])
def test_who_waits_for_the_storage_for_too_long_says_nothing_of_the_file(
    waits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = Tools(a_report(a_video(), a_sound()))

    def run(argv: list[str], limits: Limits, **given: Any) -> Finished:
        if waits in argv and "framecrc" not in argv:
            return Finished(-9, b"", "", timed_out=True, idled=True)
        return tools(argv, limits, **given)

    monkeypatch.setattr(ffprobe, "run", run)

    with pytest.raises(Unavailable, match="waited"):
        ffprobe.Ffprobe(Settings(), listing_wall_s=180)("film.mp4")


def test_a_verdict_waits_for_no_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    listing, stopped, seen = Event(), Event(), []

    def run(argv: list[str], *_: Any, started: Any, **__: Any) -> Finished:
        if "framecrc" in argv:
            started(stopped)
            listing.set()
            seen.append(stopped.wait(20))
            return Finished(-9, b"", "")
        listing.wait(20)
        return Finished(1, b"", "moov atom not found")

    monkeypatch.setattr(ffprobe, "run", run)
    monkeypatch.setattr(ffprobe, "stop", Event.set)

    with pytest.raises(Unplayable):
        ffprobe.Ffprobe(Settings())("/dev/null")
    assert seen == [True]


def test_a_file_that_keeps_ffprobe_busy_for_too_long_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffprobe, "run", lambda *_, **__: Finished(-9, b"", "", timed_out=True))

    with pytest.raises(Unplayable, match="damaged"):
        ffprobe.Ffprobe(Settings())("film.mp4")


# --- command lines ----------------------------------------------------------------------------------------------


def test_a_local_file_may_open_nothing_but_files() -> None:
    argv = probe_argv.report_argv("ffprobe", "file:/raw/x")

    assert argv[argv.index("-protocol_whitelist") + 1] == "file"
    assert argv[argv.index("-format_whitelist") + 1] == "mov,matroska,webm,avi,mpegts,flv,mpeg"
    assert argv[-1] == "file:/raw/x"


def test_a_loopback_address_may_open_nothing_but_http() -> None:
    argv = probe_argv.decode_argv("ffmpeg", "http://127.0.0.1:9/x", "v:1")

    assert argv[argv.index("-protocol_whitelist") + 1] == "http,tcp"
    assert argv[argv.index("-map") + 1] == "0:v:1"


def test_the_listing_holds_all_packets_of_the_streams_that_are_taken() -> None:
    argv = probe_argv.listing_argv("ffmpeg", "file:/raw/x", ["v:0", "a:1?"])

    assert argv[argv.index("-map") :] == [
        *("-map", "0:v:0", "-map", "0:a:1?", "-f", "framecrc", "-codec", "copy", "-copyinkf", "pipe:"),
        *("-v", "error", "-nostdin", "-nostats", "-progress", "pipe:2", "-filter_threads", "1"),
    ]


def test_a_photo_that_ffmpeg_takes_for_half_a_film_is_a_picture() -> None:
    refusal = refusals.of_complaint("moov atom not found", b"\0\0\0\x20ftypheic\0\0\0\0")

    assert refusal.code == "unsupported"
