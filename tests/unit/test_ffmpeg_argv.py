"""The ffmpeg command line as text: one decode, every repair, and segments that line up."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from sluice.adapters import stream_ends
from sluice.adapters.cadence import keyframe_frames, segment_s
from sluice.adapters.ffmpeg import encode_argv
from sluice.ladder import Order, plan
from tests.orders import SOURCE


def argv(hold_s=0.0, tonemap=True, **changes):
    source = replace(SOURCE, **changes)
    order = Order("01JD0000000000000000000001", 1, source, plan(source, tall=False))
    return encode_argv("ffmpeg", "/data/raw/a film,1.mp4", order, hold_s=hold_s, tonemap=tonemap)


def graph(**changes):
    return after(argv(**changes), "-filter_complex")


def after(words, option):
    return words[words.index(option) + 1]


def all_after(words, option):
    return [value for name, value in pairwise(words) if name == option]


def before_input(words):
    return words[: words.index("-i")]


# --- the input --------------------------------------------------------------------------------------------------


def test_the_source_is_opened_once_and_as_nothing_but_a_file():
    assert all_after(argv(), "-i") == ["file:/data/raw/a film,1.mp4"]


def test_the_input_can_lead_nowhere_else_and_has_bounds():
    guards = before_input(argv())
    assert after(guards, "-protocol_whitelist") == "file"
    assert after(guards, "-format_whitelist") == "mov,matroska,webm,avi,mpegts,flv,mpeg"
    assert "-max_streams" in guards
    assert "-max_pixels" in guards


def test_a_file_with_too_many_errors_fails_and_ffmpeg_never_reads_the_terminal():
    words = argv()
    assert after(words, "-max_error_rate") == "0.05"
    assert "-nostdin" in words
    assert after(words, "-progress") == "pipe:1"


@pytest.mark.parametrize(
    ("video_start_s", "audio_start_s", "shift"),
    [(0.023222, 0.0, "-0.023222"), (0.014, 0.03, "-0.014000"), (1.511, 0.0, "0.009000"), (0.71, 0.7, "0.010000")],
)
def test_the_first_picture_is_moved_onto_a_frames_time_and_the_sound_with_it(video_start_s, audio_start_s, shift):
    words = before_input(argv(video_start_s=video_start_s, audio_start_s=audio_start_s))
    assert after(words, "-itsoffset") == shift


def test_the_picture_of_an_avi_starts_at_once():
    assert "setpts=PTS-STARTPTS" in graph(format="avi")
    assert "STARTPTS" not in graph()


def test_filters_go_on_where_pictures_change_unless_ffmpeg_turns_them():
    assert after(before_input(argv()), "-reinit_filter:v") == "0"
    assert "-reinit_filter:v" not in argv(rotation=90)
    assert "-reinit_filter:v" not in argv(moved=True)


def test_pictures_are_turned_by_the_containers_word_alone():
    assert "-noautorotate" in before_input(argv())
    assert "-noautorotate" not in argv(rotation=180)
    assert "-noautorotate" not in argv(moved=True)


def test_a_source_that_starts_on_time_is_not_moved():
    assert "-itsoffset" not in argv(video_start_s=1.4, audio_start_s=1.4)


# --- the picture ------------------------------------------------------------------------------------------------


def test_each_rung_is_scaled_from_the_next_larger_one():
    assert graph() == (
        "[0:0]fps=fps=25:start_time=0[s0];[s0]scale=1280:720:flags=lanczos:out_range=tv[s1];[s1]setsar=1[s2];"
        "[s2]format=yuv420p[s3];[s3]split=2[s4][s5];[s5]scale=854:480:flags=lanczos[s6];[s6]setsar=1[s7];"
        "[s7]split=2[s8][s9];[s9]scale=640:360:flags=lanczos[s10];[s10]setsar=1[s11];[s11]split=2[s12][s13];"
        "[s13]scale=426:240:flags=lanczos[s14];[s14]setsar=1[s15];[s15]split=2[s16][s17];"
        "[s17]select=not(mod(n\\,12))[s18];[s18]signalstats[s19];[s19]metadata=file=240/looks:mode=print[s20];"
        "[s20]setpts=PTS+360000/TB[s21]"
    )


def test_the_rate_is_set_before_anything_is_scaled():
    text = graph(frame_rate="1000/1")
    assert text.index("fps=fps=50") < text.index("scale=")


@pytest.mark.parametrize(
    ("changes", "frames"),
    [
        ({"picture_end_s": 10.0}, 250),
        # Whatever a last frame says, it is there.
        ({"picture_end_s": 11.25}, 281),
        ({"frames": 1, "picture_end_s": 0.01}, 1),
        ({"video_start_s": 0.014, "picture_end_s": 10.014}, 250),
        ({"frame_rate": "120000/1001", "frames": 1199, "picture_end_s": 10.001658}, 600),
        ({"frame_rate": "1/2", "frames": 4, "picture_end_s": 8.0}, 8),
    ],
)
def test_the_last_frame_is_shown_however_short_it_says_that_it_is(changes, frames):
    text = graph(**{"frames": 250, **changes})
    assert f":start_time=0[s0];[s0]trim=end_frame={frames}[s1];" in text
    assert text.startswith("[0:0]fps=eof_action=pass:")


@pytest.mark.parametrize("changes", [{"frames": 0}, {"variable_frame_rate": True}, {"format": "avi"}])
def test_a_picture_whose_end_is_not_known_to_the_frame_ends_as_it_says(changes):
    text = graph(**{"frames": 250, "picture_end_s": 10.0, **changes})
    assert "eof_action" not in text
    assert "trim" not in text


def test_a_turned_source_is_scaled_to_its_upright_size():
    assert "scale=720:1280:" in graph(rotation=90)


def test_interlaced_fields_are_joined_before_the_rate_is_set():
    text = graph(interlaced=True)
    assert text.index("bwdif") < text.index("fps=")
    # Of another size than the first, they would be read beyond their end.
    assert text.startswith("[0:0]scale=iw:ih:interl=-1[s0];[s0]bwdif=")


@pytest.mark.parametrize(
    ("changes", "is_made"),
    [
        ({"format": "mpegts"}, True),
        ({"format": "mpeg"}, True),
        ({"format": "mpegts", "width": 64, "height": 2}, False),
        ({"format": "matroska"}, False),
        ({}, False),
    ],
)
def test_a_broadcast_may_become_interlaced_on_the_way(changes, is_made):
    words = graph(**changes)
    assert ("bwdif=deint=interlaced:mode=send_frame" in words) is is_made


def test_hdr_is_mapped_after_the_first_downscale_with_its_colours_told():
    text = graph(color_transfer="smpte2084", pixel_format="yuv420p10le")
    assert text.index("scale=1280:720") < text.index("zscale")
    assert "min=bt2020nc:npl=100:p=bt2020:pin=bt2020:t=linear:tin=smpte2084" in text
    assert text.index("tonemap") < text.index("setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"untagged": True}, "bt709"),
        ({"untagged": True, "width": 1024, "height": 576}, None),
        ({"pixel_format": "gbrp"}, "bt709"),
        ({"pixel_format": "pal8", "untagged": True, "width": 640, "height": 360}, "bt709"),
    ],
)
def test_all_rungs_tell_of_their_colours_where_players_would_guess_otherwise_for_each(changes, told):
    text = graph(**changes)
    named = f"setparams=color_primaries={told}:color_trc={told}:colorspace={told}"
    assert (text.count("setparams"), named in text) == ((1, True) if told else (0, False))
    # An output that was told another matrix than its pictures' would convert them.
    assert "-colorspace" not in argv(**changes)


@pytest.mark.parametrize(
    ("pixels", "is_rgb"),
    [
        *((name, True) for name in ("rgb24", "bgra", "argb", "0bgr", "gbrp10le", "gbrap", "x2rgb10le", "pal8")),
        *((name, False) for name in ("yuv420p", "yuva420p", "gray", "nv12", "ya8")),
    ],
)
def test_red_green_and_blue_become_what_the_tags_say(pixels, is_rgb):
    assert ("scale=1280:720:flags=lanczos:out_color_matrix=bt709:out_range=tv" in graph(pixel_format=pixels)) is is_rgb


def test_without_zscale_hdr_is_shown_as_it_is():
    words = argv(tonemap=False, color_transfer="arib-std-b67")
    assert "zscale" not in after(words, "-filter_complex")
    assert "setparams" not in after(words, "-filter_complex")


def test_the_last_picture_is_held_for_sound_that_outlasts_it():
    assert "tpad=stop_duration=2.500000:stop_mode=clone" in graph(hold_s=2.5)


def test_every_rung_has_the_same_keyframes_and_a_bounded_rate():
    words = argv()
    assert all_after(words, "-g") == all_after(words, "-keyint_min") == ["50"] * 4
    assert all_after(words, "-sc_threshold") == ["0"] * 4
    assert all_after(words, "-maxrate")[0] == "2800000"
    assert all_after(words, "-bufsize")[0] == "5600000"


# --- the sound --------------------------------------------------------------------------------------------------


def test_the_sound_is_encoded_once_in_a_playlist_of_its_own():
    words = argv()
    assert all_after(words, "-c:a") == ["aac"]
    assert words.count("audio/index.m3u8") == 1


@pytest.mark.parametrize("video_start_s", [0.0, 1.5])
def test_sound_that_starts_late_is_preceded_by_silence(video_start_s):
    assert "first_pts=0" in after(argv(video_start_s=video_start_s, audio_start_s=1.5), "-filter:a")


def test_sound_that_starts_on_time_is_padded_at_its_end_alone():
    assert after(argv(), "-filter:a") == "aresample=48000:async=1:min_hard_comp=0.03,atrim=start=0,apad"


def test_what_a_codecs_delay_puts_before_time_zero_is_cut_and_not_padded():
    filters = after(argv(video_start_s=0.021, audio_start_s=0.0), "-filter:a")
    assert "atrim=start=0" in filters
    assert "first_pts" not in filters


def test_a_silent_source_has_no_audio_output():
    words = argv(audio_index=None)
    assert "-c:a" not in words
    assert "audio/index.m3u8" not in words


# --- segments ---------------------------------------------------------------------------------------------------


def test_each_track_is_written_as_fmp4_segments_below_its_own_name():
    words = argv()
    folders = ["720", "480", "360", "240", "audio"]
    assert all_after(words, "-hls_segment_filename") == [f"{folder}/%05d.m4s" for folder in folders]
    assert all_after(words, "-hls_segment_type") == ["fmp4"] * 5
    assert all_after(words, "-hls_flags") == ["temp_file+independent_segments"] * 5


def test_no_track_is_moved_for_its_codecs_delay():
    assert all_after(argv(), "-avoid_negative_ts") == ["disabled"] * 5


def test_stray_timestamps_can_not_prolong_an_output():
    assert all_after(argv(), "-t") == ["11.000000"] * 4 + ["10.000000", "11.000000"]


def test_nothing_about_the_uploader_is_taken_over():
    words = argv()
    assert all_after(words, "-map_metadata") == ["-1"] * 5
    assert all_after(words, "-map_chapters") == ["-1"] * 5


@pytest.mark.parametrize(
    ("rate", "frames", "length_s"),
    [
        (Fraction(25), 50, Fraction(4)),
        (Fraction(30000, 1001), 60, Fraction(4004, 1000)),
        (Fraction(24000, 1001), 48, Fraction(4004, 1000)),
        (Fraction(15, 2), 15, Fraction(4)),
        (Fraction(1), 2, Fraction(4)),
    ],
)
def test_segments_are_whole_keyframe_intervals_near_four_seconds(rate, frames, length_s):
    assert keyframe_frames(rate) == frames
    assert segment_s(rate) == length_s


# --- where picture and sound end --------------------------------------------------------------------------------

PACKETS = "0,1.960000,0.040000\n0,1.920000,0.040000\n1,4.970667,0.021333\n1,4.992000,0.008000\n1,N/A,N/A\n\n"


def test_the_end_of_a_stream_is_that_of_its_last_packet_in_time():
    assert stream_ends.ends(PACKETS) == {0: 2.0, 1: 5.0}


def test_the_picture_is_held_as_long_as_the_sound_goes_on():
    assert stream_ends.between({0: 2.0, 1: 5.0}, SOURCE) == 3.0


@pytest.mark.parametrize("ends", [{0: 5.0, 1: 5.1}, {0: 5.0, 1: 2.0}, {0: 5.0}, {}])
def test_a_picture_that_lasts_long_enough_is_not_held(ends):
    assert stream_ends.between(ends, SOURCE) == 0.0
