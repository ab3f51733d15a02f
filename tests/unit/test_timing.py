"""Reading ffmpeg's listing of packets: how long a film lasts, how often its frames come, and whether evenly."""

from fractions import Fraction

import pytest

from sluice.adapters import packet_listing, timing
from sluice.adapters.timing import Timing


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

    assert (found.rate, found.variable) == (Fraction(50), True)


@pytest.mark.parametrize("resumed", [48_048, 50_000])
@pytest.mark.parametrize("declared", ["30000/1001", "90000/1", "26"])
def test_a_pause_does_not_slow_down_what_is_before_and_behind_it(resumed: int, declared: str) -> None:
    ticks = [*range(0, 100 * 3003, 3003), *range(100 * 3003 + resumed, 300 * 3003 + resumed, 3003)]
    found = timed(listing(*ticks, clock="1/90000"), declared)

    assert (found.rate, found.variable) == (Fraction(30_000, 1001), True)


@pytest.mark.parametrize("early_or_late", [8, 11, 14])
def test_a_jittery_camera_that_paused_has_its_rate(early_or_late: int) -> None:
    off = [early_or_late * ((place * 7) % 5 - 2) // 2 for place in range(300)]
    ticks = [place * 1000 // 30 + off[place] + (2013 if place >= 150 else 0) for place in range(300)]
    found = timed(listing(*ticks))

    assert (float(found.rate), found.variable) == (pytest.approx(30, abs=0.05), True)


def test_a_rate_that_few_frames_have_is_that_of_none() -> None:
    ticks = [tick for tick in range(0, 4000, 20) if tick % 260 in (0, 20, 80, 200)]
    found = timed(listing(*ticks), "50/1")

    assert found.variable
    assert found.rate == pytest.approx(Fraction(len(ticks) - 1) / Fraction(ticks[-1], 1000))


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
    monkeypatch.setattr(packet_listing, "_PIECE_BYTES", piece_bytes)
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


@pytest.mark.parametrize(("clock", "stray_s"), [(600, 0.0008), (1000, 0.0005), (30_000, 0.0)])
def test_how_far_a_clock_rounds_is_told(clock: int, stray_s: float) -> None:
    found = timed(listing(*(round(n * clock * 1001 / 30_000) for n in range(300)), clock=f"1/{clock}"), "30000/1001")

    assert (found.regular, found.stray_s) == (True, pytest.approx(stray_s, abs=0.00005))


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


CUT = """#tb 0: 1/25
0, -1, 0, 1, 100, 0x1
0, 0, 2, 1, 100, 0x1, F=0x0
0, 1, 1, 1, 100, 0x1, F=0x0
0, 2, 4, 1, 100, 0x1, F=0x4
0, 3, 3, 1, 100, 0x1, F=0x0
0, -1, 1, 1, 100, 0x1, F=0x5
0, 4, 7, 1, 100, 0x1, F=0x0
0, 5, 6, 1, 100, 0x1, F=0x0"""


def test_parts_that_an_edit_list_put_together_follow_on_one_another() -> None:
    found = timed(CUT, "25/1")

    assert (found.rate, found.variable, found.frames) == (Fraction(25), False, 6)
    assert (found.cut, found.regular, found.picture_end_s) == (True, False, 0.24)


def test_a_keyframe_left_out_at_an_end_of_the_film_cuts_nothing() -> None:
    hidden = ["0, -40, -40, 40, 100, 0x1, F=0x5", IN_GROUPS.split("\n", 1)[1], "0, 160, 200, 40, 100, 0x1, F=0x5"]
    found = timed("\n".join(["#tb 0: 1/1000", *hidden]), "25/1")

    assert (found.cut, found.regular, found.frames) == (False, True, 5)


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
