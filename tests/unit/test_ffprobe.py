"""Reading ffprobe's report and ffmpeg's listing: which streams are taken, what is refused, how long it lasts."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sluice.adapters import ffprobe, refusals, streams, timing
from sluice.adapters.streams import Sound
from sluice.adapters.timing import Timing
from sluice.errors import Unplayable
from sluice.ladder import Source

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
    )


@pytest.mark.parametrize(
    ("angle", "rotation"), [(0, 0), (-90, 90), (90, 270), (180, 180), (-180, 180), (-89.5, 90), (-45, 0), (360, 0)]
)
def test_rotation_is_the_clockwise_turn_to_the_nearest_quarter(angle: float, rotation: int) -> None:
    turned = a_video(side_data_list=[{"side_data_type": "Display Matrix", "rotation": angle}])

    assert parsed(a_report(turned)).rotation == rotation


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


# --- timing -----------------------------------------------------------------------------------------------------


def listing(*ticks: int, clock: str = "1/1000", lasts: int = 0, extra: str = "") -> str:
    rows = [f"0, {tick:10}, {tick:10}, {lasts:8}, {100:8}, 0xabcdef01{extra}" for tick in ticks]
    return "\n".join([f"#tb 0: {clock}", "#media_type 0: video", *rows])


IN_GROUPS = """#tb 0: 1/1000
0, -80, 0, 40, 100, 0x1
0, -40, 80, 40, 100, 0x1, F=0x0
0, 0, 40, 40, 100, 0x1, F=0x0
0, 40, 120, 40, 100, 0x1
0, 80, 160, 40, 100, 0x1, F=0x0"""


def timed(text: str, *declared: str) -> Timing:
    return timing.read(text.encode(), [Fraction(rate) for rate in declared])


def test_millisecond_clocks_do_not_make_a_rate_vary() -> None:
    found = timed(listing(*[round(n * 1001 / 30) for n in range(300)]), "30000/1001", "30000/1001")

    assert (found.rate, found.variable) == (Fraction(30000, 1001), False)
    assert found.duration_s == pytest.approx(10.01, abs=0.001)


def test_a_declared_rate_that_does_not_fit_gives_way_to_one_that_does() -> None:
    found = timed(listing(*range(0, 10_000, 40)), "90000/1", "50/1", "25/1")

    assert (found.rate, found.variable) == (Fraction(25), False)


def test_an_undeclared_rate_is_recognised_as_a_usual_one() -> None:
    found = timed(listing(*[round(n * 1001 / 24) for n in range(300)]))

    assert (found.rate, found.variable) == (Fraction(24000, 1001), False)


def test_an_unusual_constant_rate_is_kept() -> None:
    assert timed(listing(*range(0, 8000, 80))).rate == Fraction(25, 2)


def test_a_few_lost_or_misplaced_frames_leave_a_rate_constant() -> None:
    lossy = [tick for tick in range(0, 20_000, 40) if tick not in (40, 8000, 12_000)]

    assert timed(listing(-17, *lossy[1:]), "25/1").variable is False


def test_a_rate_that_changes_on_the_way_varies() -> None:
    found = timed(listing(*range(0, 4000, 40), *range(4000, 8000, 20)), "50/1", "75/2")

    assert found.variable
    assert found.rate == Fraction(299, 1) / Fraction(798, 100)


def test_a_lone_frame_has_the_declared_rate_if_it_makes_sense() -> None:
    assert timed(listing(0, lasts=40), "1000/1", "25/1").duration_s == 0.04
    assert timed(listing(0), "1000/1", "1/3600").rate == Fraction(25)


def test_frames_out_of_decoding_order_are_sorted() -> None:
    assert timed(listing(0, 120, 40, 80, 160), "25/1") == Timing(Fraction(25), False, 5, 0.2, 0.2, 0.04)


def test_frames_without_a_presentation_time_count_by_decoding_time() -> None:
    rows = [f"0, {tick:10}, -9223372036854775808, 1, 100, 0xabcdef01" for tick in range(5)]

    assert timed("\n".join(["#tb 0: 1/25", *rows]), "25/1") == Timing(
        Fraction(25), False, 5, 0.2, 0.2, 0.04, True, (0, 1, 2, 3, 4)
    )


def test_the_longest_way_between_keyframes_is_measured_up_to_the_last_frame() -> None:
    between = listing(*range(40, 400, 40), *range(440, 1000, 40), extra=", F=0x0").splitlines()[2:]

    assert timed("\n".join([listing(0, 400), *between]), "25/1").keyframe_gap_s == pytest.approx(0.56)


@pytest.mark.parametrize("piece_bytes", [1, 30, 100])
def test_a_listing_may_be_read_in_pieces(monkeypatch: pytest.MonkeyPatch, piece_bytes: int) -> None:
    packets = [f"1, {number * 1024}, {number * 1024}, 1024, 9, 0x1" for number in range(8)]
    text = "\n".join(["#extradata 1:        2, 0x00b200a1", "#tb 1: 1/48000", IN_GROUPS, *packets])
    whole = timed(text, "25/1")
    late = timed(text.replace("1, 7168, 7168", "1, 7168, 7968"), "25/1")
    monkeypatch.setattr(timing, "_PIECE_BYTES", piece_bytes)
    assert timed(text, "25/1") == whole
    assert timed(text.replace("1, 7168, 7168", "1, 7168, 7968"), "25/1") == late
    assert (whole.frames, whole.sound_regular, late.sound_regular) == (5, True, False)


def test_no_time_is_too_large_to_be_read() -> None:
    found = timed(listing(0, 40, 80, clock="1/1000000000"), "1/9000000000")
    assert found.frames == 3


def test_the_last_sound_without_a_presentation_time_ends_by_its_decoding_time() -> None:
    text = "\n".join(["#tb 1: 1/1000", listing(0, 40), f"1, 500, {-(1 << 63)}, 20, 9, 0x1"])
    assert timed(text, "25/1").sound_end_s == pytest.approx(0.52)


def test_frames_in_their_places_are_regular() -> None:
    assert timed(listing(0, 120, 40, 80, 160, extra=", F=0x0"), "25/1").regular


@pytest.mark.parametrize("ticks", [(0, 40, 120, 160), (0, 40, 85, 120), (0, 40, 40, 80)])
def test_a_lost_or_late_frame_is_not_regular(ticks: tuple[int, ...]) -> None:
    assert not timed(listing(*ticks), "25/1").regular


def test_frames_shown_before_the_keyframe_that_they_follow_are_not_regular() -> None:
    assert not timed(listing(0, 120, 80, 160), "25/1").regular


def test_the_keyframes_of_a_regular_film_are_told_and_how_early_frames_are_decoded() -> None:
    found = timed(IN_GROUPS, "25/1")

    assert (found.regular, found.keyframes, found.decoded_early_s) == (True, (0, 3), 0.12)


def test_where_a_frame_is_shown_after_a_keyframe_that_it_precedes_there_is_no_way_in() -> None:
    found = timed(IN_GROUPS.replace("120", "x").replace("40, 80", "40, 120").replace("x", "80"), "25/1")

    assert (found.regular, found.keyframes) == (False, ())


def test_keyframes_that_are_too_many_are_not_told() -> None:
    found = timed(listing(*range(10_001), clock="1/25"), "25/1")

    assert (found.regular, found.keyframes) == (True, ())


def test_frames_that_an_edit_list_hides_do_not_count() -> None:
    hidden = listing(-80, -40, extra=", F=0x5").splitlines()[2:]

    assert timed("\n".join([listing(0, 40, 80), *hidden]), "25/1").frames == 3


def test_sound_that_outlasts_the_picture_makes_the_file_longer() -> None:
    sound = ["#tb 1: 1/100", "1, 0, 0, 2, 9, 0x1", "1, 298, 298, 2, 9, 0x1", "1, 2, 299, 1, 9, 0x1, S=1, 10"]

    assert timed("\n".join([listing(0, 40), *sound]), "25/1").duration_s == 3.0


def test_sound_that_ends_before_the_picture_changes_nothing() -> None:
    sound = ["#tb 1: 1/100", "1, 0, 0, 2, 9, 0x1"]

    assert timed("\n".join([listing(0, 40), *sound]), "25/1").duration_s == 0.08


# What ffprobe's listing tells of a decoder's configuration: its size and its checksum.
PLAIN_48000, PLAIN_44100, MONO_48000 = "5, 0x056101dc", "2, 0x00340022", "2, 0x00aa0099"


def sound_at(*times: int, hz: int = 48_000, told: str = PLAIN_48000) -> str:
    rows = [f"1, {time:10}, {time:10}, 1024, 300, 0x1" for time in times]
    return "\n".join([f"#extradata 1:        {told}", f"#tb 1: 1/{hz}", *rows])


@pytest.mark.parametrize(
    ("sound", "regular"),
    [
        (sound_at(-1024, 0, 1024, 2048), True),
        (sound_at(0, 1024), True),
        # The clock of another program counts a little off.
        (sound_at(0, 1022, 2050), True),
        (sound_at(-1024, 0, 1024, hz=44_100, told=PLAIN_44100), True),
        (sound_at(-2112, -1088, -64), False),
        (sound_at(0, 1024, 3072), False),
        (sound_at(0, 960, 1920), False),
        (sound_at(0, 1024, told=MONO_48000), False),
        (sound_at(0, 1024, hz=44_100), False),
        (sound_at(0, 1024, hz=90_000), False),
        (sound_at(), True),
        ("#tb 1: 1/48000\n1, 0, 0, 1024, 300, 0x1", False),
        ("", False),
    ],
)
def test_plain_sound_without_gaps_is_regular(sound: str, regular: bool) -> None:
    assert timed("\n".join([listing(0, 40), sound]), "25/1").sound_regular is regular


def test_the_end_of_the_sound_is_told() -> None:
    assert timed("\n".join([listing(0, 40), sound_at(0, 1024)]), "25/1").sound_end_s == round(2048 / 48_000, 6)


def test_the_last_frame_of_a_varying_rate_lasts_as_long_as_it_says() -> None:
    assert timed(listing(0, 40, 80, 500, lasts=250)).duration_s == 0.75


@pytest.mark.parametrize(("lasts", "end_s"), [(700, 0.78), (61, 0.141), (59, 0.12), (20, 0.12), (0, 0.12)])
def test_the_last_frame_of_a_constant_rate_lasts_for_its_slot_unless_it_is_held(lasts: int, end_s: float) -> None:
    found = timed(listing(0, 40, 80, lasts=lasts), "25/1")

    assert (found.variable, found.duration_s, found.picture_end_s) == (False, end_s, end_s)


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


# --- command lines ----------------------------------------------------------------------------------------------


def test_a_local_file_may_open_nothing_but_files() -> None:
    argv = ffprobe.report_argv("ffprobe", "file:/raw/x")

    assert argv[argv.index("-protocol_whitelist") + 1] == "file"
    assert argv[argv.index("-format_whitelist") + 1] == "mov,matroska,webm,avi,mpegts,flv,mpeg"
    assert argv[-1] == "file:/raw/x"


def test_a_loopback_address_may_open_nothing_but_http() -> None:
    argv = ffprobe.decode_argv("ffmpeg", "http://127.0.0.1:9/x", "v:1")

    assert argv[argv.index("-protocol_whitelist") + 1] == "http,tcp"
    assert argv[argv.index("-map") + 1] == "0:v:1"


def test_the_listing_holds_all_packets_of_the_streams_that_are_taken() -> None:
    argv = ffprobe.listing_argv("ffmpeg", "file:/raw/x", ["v:0", "a:1?"])

    assert argv[argv.index("-map") :] == [
        *("-map", "0:v:0", "-map", "0:a:1?", "-f", "framecrc", "-codec", "copy", "-copyinkf", "pipe:"),
        *("-v", "error", "-nostdin", "-nostats", "-progress", "pipe:2", "-filter_threads", "1"),
    ]


def test_a_photo_that_ffmpeg_takes_for_half_a_film_is_a_picture() -> None:
    refusal = refusals.of_complaint("moov atom not found", b"\0\0\0\x20ftypheic\0\0\0\0")

    assert refusal.code == "unsupported"
