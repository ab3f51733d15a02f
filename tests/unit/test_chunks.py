"""Which films are cut into chunks, where, and how each chunk is encoded to fit the others."""

from fractions import Fraction

import pytest

from sluice.adapters.cadence import segment_frames
from sluice.adapters.chunks import cut, even, in_turn, shares, unsuited
from sluice.adapters.ffmpeg import chunk_argv, sound_argv
from tests.orders import all_after, order


def chunks(**changes):
    wanted = order(**changes)
    frames = segment_frames(wanted.facts.rate)
    return cut(wanted.facts.renditions, even(wanted, frames), frames)


def argv(place=2, **changes):
    wanted = order(**changes)
    return chunk_argv("ffmpeg", "/film.mp4", wanted, chunks(**changes)[place])


# --- which -------------------------------------------------------------------------------------------------------


def test_a_plain_film_can_be_cut():
    wanted = order()
    assert unsuited(wanted.source, wanted.facts) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "mpegts"}, "mpegts has no index"),
        ({"frames": 0}, "its frames could not be counted"),
        ({"frames": 1}, "it has but a few frames"),
        ({"order_untold": True}, "it tells only when its frames are decoded"),
        ({"variable_frame_rate": True}, "its frames come unevenly"),
        ({"frame_rate": "120/1"}, "its frame rate is changed"),
        ({"frame_rate": "5/1"}, "its frames are slow"),
        ({"interlaced": True}, "it is interlaced"),
        ({"video_start_s": 1.5}, "its picture starts late"),
        ({"video_start_s": 1.5, "audio_start_s": 1.5}, "its picture starts late"),
        ({"video_start_s": 1.5, "audio_index": None}, "its picture starts late"),
        ({"picture_end_s": 7.0}, "its sound outlasts its picture"),
        ({"keyframe_gap_s": 60.0}, "its keyframes are far apart"),
    ],
)
def test_what_might_not_come_out_exact_is_encoded_whole(changes, reason):
    wanted = order(**changes)
    assert unsuited(wanted.source, wanted.facts) == reason


# --- where -------------------------------------------------------------------------------------------------------


def test_one_small_rung_begins_and_the_others_follow_in_the_order_of_time():
    assert [(chunk.number, [one.name for one in chunk.renditions], chunk.last) for chunk in chunks()] == [
        (0, ["360"], False),
        (0, ["720", "480", "240"], False),
        (1, ["720", "480", "360", "240"], False),
        (2, ["720", "480", "360", "240"], True),
    ]


def test_a_film_of_one_segment_and_one_rung_is_one_chunk():
    (only,) = chunks(width=426, height=240, duration_s=2.0)
    assert (only.name, only.last) == ("00000-240", True)


@pytest.mark.parametrize(
    ("duration_s", "segments"), [(3.9, 1), (4.0, 1), (4.39, 1), (4.5, 2), (8.3, 2), (8.5, 3), (7200.0, 1800)]
)
def test_a_short_rest_goes_with_the_segment_before_it(duration_s, segments):
    assert chunks(duration_s=duration_s)[-1].number + 1 == segments


def test_a_rest_that_is_long_only_by_its_sound_goes_with_the_segment_before_it():
    assert chunks(duration_s=8.45, picture_end_s=8.24)[-1].number == 1


def test_chunks_of_one_film_have_names_of_their_own():
    names = [chunk.name for chunk in chunks(duration_s=60.0)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("segments", "at_once", "expected"),
    [
        (1, 4, (1,)),
        (2, 4, (1, 1)),
        (3, 4, (1, 2)),
        (6, 4, (1, 2, 1, 1, 1)),
        (10, 4, (1, 2, 2, 2, 2, 1)),
        (30, 4, (1, 2, 5, 5, 5, 3, 3, 2, 2, 2)),
        (15, 4, (1, 2, 3, 2, 2, 2, 2, 1)),
        (10, 1, (1, 2, 5, 2)),
        (12, 2, (1, 2, 5, 2, 2)),
        (30, 8, (1, 2, 4, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2)),
    ],
)
def test_chunks_are_longer_in_the_middle_of_a_film(segments, at_once, expected):
    assert shares(range(0, 100 * segments, 100), at_once) == expected


@pytest.mark.parametrize(("keyframes", "at_most"), [(100, 0), (250, 300)])
def test_chunks_begin_where_it_costs_little_to_enter_the_film(keyframes, at_most):
    starts = range(0, 3000, 100)
    taken = shares(starts, 4, range(0, 3000, keyframes))
    begun = [starts[sum(taken[:place])] for place in range(len(taken))]
    assert sum(start % keyframes for start in begun[2:]) <= at_most


@pytest.mark.parametrize("segments", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 100])
@pytest.mark.parametrize("at_once", [1, 2, 3, 16])
def test_every_segment_is_in_one_chunk_and_no_chunk_outlasts_the_others(segments, at_once):
    taken = shares(range(0, 100 * segments, 100), at_once, [0])
    assert sum(taken) == segments
    assert max(taken[2:], default=1) <= max(2, -(-segments // at_once))


def test_the_longest_of_the_last_chunks_are_begun_first():
    made = cut(order().facts.renditions, range(0, 1300, 100), 100, shares=(1, 2, 3, 2, 1, 2, 1, 1))
    assert [chunk.number for chunk in in_turn(made, 4)] == [0, 0, 1, 3, 6, 9, 8, 11, 12]
    assert [chunk.number for chunk in in_turn(made, 16)] == [0, 0, 1, 3, 6, 9, 8, 11, 12]
    assert [chunk.number for chunk in in_turn(made[:3], 16)] == [0, 0, 1]


def test_a_chunk_of_several_segments_is_cut_where_each_begins():
    rungs = order().facts.renditions
    *_, middle, last = cut(rungs, (0, 100, 200, 300), 50, shares=(1, 2, 1))
    assert (middle.number, middle.start, middle.lengths, middle.last) == (1, 100, (100, 100), False)
    assert (last.number, last.start, last.lengths, last.last) == (3, 300, (50,), True)
    words = chunk_argv("ffmpeg", "/film.mp4", order(), middle)
    assert all_after(words, "-hls_time") == ["4.000000"] * 4
    assert "trim=end_frame=200" in all_after(words, "-filter_complex")[0]


def test_chunks_of_other_shares_have_other_names():
    rungs = order().facts.renditions
    single, shared = (cut(rungs, (0, 100, 200, 300), 50, shares=together) for together in ((), (1, 2, 1)))
    assert single[2].number == shared[2].number
    assert single[2].name != shared[2].name


# --- how ---------------------------------------------------------------------------------------------------------


def test_a_chunk_begins_a_little_early_and_keeps_the_times_of_the_film():
    words = argv()
    assert all_after(words, "-ss") == ["3.650000"]
    assert all_after(words, "-t") == ["4.700000"]
    assert "-copyts" in words
    assert "-start_at_zero" in words
    graph = all_after(words, "-filter_complex")[0]
    assert graph.startswith("[0:0]fps=eof_action=pass:fps=25[s0];[s0]trim=end_pts=209:start_pts=100[s1]")


KNOWN = {"keyframes": (0, 50, 130, 250), "regular": True, "decoded_early_s": 0.2}


def test_a_chunk_is_entered_so_that_no_index_leads_behind_its_keyframe():
    words = argv(**KNOWN)
    assert all_after(words, "-ss") == ["4.200000"]
    assert "-noaccurate_seek" in words
    assert all_after(argv(**{**KNOWN, "keyframes": (0, 50, 107)}), "-ss") == ["4.060000"]


def test_frames_that_are_missing_at_the_beginning_of_a_chunk_are_not_made_up_for():
    assert "start_time" not in all_after(argv(), "-filter_complex")[0]


def test_a_chunk_before_which_there_is_no_keyframe_is_decoded_from_the_beginning():
    assert "-ss" not in argv(**{**KNOWN, "keyframes": (104,), "decoded_early_s": 5.0})


def test_the_keyframes_of_a_film_with_a_late_picture_are_late():
    assert all_after(argv(**KNOWN, video_start_s=0.05), "-ss") == ["4.250000"]


def test_a_chunk_is_not_entered_by_keyframes_where_the_picture_is_held_back():
    assert all_after(argv(**KNOWN, video_start_s=0.5, audio_start_s=0.5), "-ss") == ["3.650000"]


def test_the_first_chunk_is_not_looked_for():
    assert "-ss" not in argv(0)
    assert "start_time=0," in all_after(argv(0), "-filter_complex")[0].replace("[", ",")


def test_a_chunk_has_its_number_of_frames_whatever_the_source_lacks():
    graph = all_after(argv(), "-filter_complex")[0]
    assert "tpad=stop=-1:stop_mode=clone" in graph
    assert "trim=end_frame=100" in graph


def test_the_last_chunk_ends_where_the_film_ends():
    graph = all_after(argv(3), "-filter_complex")[0]
    assert "tpad" not in graph
    assert "trim=end_frame" not in graph
    assert "fps=eof_action=pass:fps=25[s0];[s0]trim=end_pts=250:start_pts=200" in graph


def test_a_chunk_of_one_segment_is_not_cut_and_bears_its_number():
    words = argv()
    assert all_after(words, "-start_number") == ["1"] * 4
    assert all_after(words, "-hls_time") == ["3600"] * 4
    assert all_after(words, "-hls_segment_options") == ["movflags=+frag_discont"] * 4


@pytest.mark.parametrize(("threads", "decoding"), [(1, 1), (2, 1), (3, 5), (4, 6), (64, 16)])
def test_encoders_have_the_threads_that_are_given_and_more_than_two_want_more_to_decode_for_them(threads, decoding):
    words = chunk_argv("ffmpeg", "/film.mp4", order(), chunks()[2], threads=threads)
    assert all_after(words, "-threads") == [str(decoding), *[str(threads)] * 4]
    assert all_after(words, "-filter_complex_threads") == ["1"]


@pytest.mark.parametrize(("threads", "decoding"), [(1, 1), (2, 4)])
def test_a_first_look_which_is_mostly_decoded_has_more_threads_for_that_even_with_two(threads, decoding):
    words = chunk_argv("ffmpeg", "/film.mp4", order(), chunks()[0], threads=threads)
    assert all_after(words, "-threads") == [str(decoding), str(threads)]


def test_a_rate_that_is_no_whole_number_is_cut_at_whole_frames():
    assert segment_frames(Fraction(30000, 1001)) == 120
    assert all_after(argv(frame_rate="30000/1001"), "-ss") == ["3.654000"]


def test_frames_are_looked_at_where_the_smallest_rung_is_encoded():
    first, others = (all_after(argv(place), "-filter_complex")[0] for place in (0, 1))
    assert "signalstats" not in first
    assert "select=not(mod(n\\,12))" in others
    assert "metadata=file=240/looks:mode=print" in others


@pytest.mark.parametrize(("duration_s", "number"), [(2.0, 0), (8.0, 1), (24.0, 1), (40.0, 2), (160.0, 10)])
def test_one_segment_is_compared_that_is_neither_at_the_beginning_nor_late(duration_s, number):
    assert {chunk.number for chunk in chunks(duration_s=duration_s) if chunk.sampled} == {number}


def test_a_few_frames_of_what_is_compared_are_kept_as_they_were():
    words = argv(2)
    assert [word for word in words if word.endswith(".yuv")] == [
        f"{name}/reference.yuv" for name in (720, 480, 360, 240)
    ]
    assert all_after(words, "-filter_complex")[0].count("trim=end_frame=3[") == 4
    assert not any(word.endswith(".yuv") for word in argv(3))


def test_the_sound_is_encoded_by_itself_as_it_is_in_one_piece():
    words = sound_argv("ffmpeg", "/film.mp4", order())
    assert all_after(words, "-c:a") == ["aac"]
    assert "-copyts" not in words
    assert words.count("audio/index.m3u8") == 1
    assert "-c:v" not in words


@pytest.mark.parametrize(
    ("length_s", "segment_s"),
    [
        (8.0, "4.021333"),
        (7.99, "4.016333"),
        (8.3, "4.171333"),
        (8.36, "4.000000"),
        (7.95, "4.000000"),
        (3.0, "4.000000"),
    ],
)
def test_no_segment_of_the_sound_begins_where_the_picture_ends(length_s, segment_s):
    words = sound_argv("ffmpeg", "/film.mp4", order(duration_s=length_s))
    assert all_after(words, "-hls_time") == [segment_s]
