"""What `make bench` runs beside our own encodes, and how it reads off how that went."""

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from sluice.adapters.ffprobe import Ffprobe
from sluice.ladder import Order, plan
from sluice.settings import Settings
from tests.bench import films, ours, path, peers, quality
from tests.bench.runs import Run, in_rounds, middle, run_chains
from tests.e2e.encoding import X264, make, picture, tone
from tests.orders import SOURCE

FILM = Path("/films/film.mp4")


def an_order(**changes):
    source = replace(SOURCE, **changes)
    return Order("01JD0000000000000000000001", 1, source, plan(source, tall=False))


def after(words, option):
    return words[words.index(option) + 1]


def all_after(words, option):
    return [value for name, value in pairwise(words) if name == option]


# --- what others do ---------------------------------------------------------------------------------------------


def test_mediacms_runs_a_slow_encode_for_each_profile_and_cuts_it_afterwards(tmp_path):
    chains = peers.mediacms("ffmpeg", FILM, an_order(), tmp_path)
    assert [after(encode, "-vf").split(":")[1] for encode, _ in chains] == ["720", "480", "360", "240", "144"]
    assert {after(encode, "-preset") for encode, _ in chains} == {"medium"}
    assert after(chains[0][0], "-maxrate") == "3750k"
    assert {after(cut, "-c") for _, cut in chains} == {"copy"}


def test_peertube_takes_a_moderate_h264_as_it_is_and_encodes_the_others_one_by_one(tmp_path):
    (commands,) = peers.peertube("ffmpeg", FILM, an_order(bitrate=2_000_000), tmp_path)
    copied, cut, *others = commands
    assert (after(copied, "-c"), after(cut, "-c")) == ("copy", "copy")
    assert [after(words, "-vf") for words in others] == ["scale=854:480", "scale=640:360", "scale=426:240"]
    assert {after(words, "-threads") for words in others} == {"1"}


@pytest.mark.parametrize("changes", [{"bitrate": 25_000_000}, {"video_codec": "hevc"}])
def test_peertube_encodes_the_largest_rung_of_anything_else(tmp_path, changes):
    (commands,) = peers.peertube("ffmpeg", FILM, an_order(**changes), tmp_path)
    assert after(commands[0], "-c:v") == "libx264"


def test_one_per_rung_decodes_the_film_for_each_of_ours(tmp_path):
    order = an_order()
    (commands,) = peers.one_per_rung("ffmpeg", FILM, order, tmp_path)
    assert [after(words, "-i") for words in commands] == [str(FILM)] * len(order.facts.renditions)
    assert [after(words, "-maxrate") for words in commands] == [str(one.max_bitrate) for one in order.facts.renditions]


def test_a_first_look_alone_is_one_segment_of_one_small_rung(tmp_path):
    ((words,),) = peers.first_look("ffmpeg", Path("film.mp4"), an_order(), tmp_path)
    assert [folder.name for folder in tmp_path.iterdir()] == ["360"]
    assert words[words.index(str(tmp_path)) + 1] == "ffmpeg"
    assert after(words, "-i") == f"file:{Path.cwd() / 'film.mp4'}"
    assert all_after(words, "-hls_segment_filename") == ["360/%05d.m4s"]


def test_chunks_alone_are_all_of_the_film_in_one_thread_each(tmp_path):
    order = an_order()
    ((*chunks, sound),) = peers.chunks_alone("ffmpeg", FILM, order, tmp_path)
    assert len({words[words.index("ffmpeg") - 1] for words in chunks}) == len(chunks)
    assert {value for words in chunks for value in all_after(words, "-threads")} == {"1"}
    names = [name for words in chunks for name in all_after(words, "-hls_segment_filename")]
    assert {name.partition("/")[0] for name in names} == {one.name for one in order.facts.renditions}
    assert "-vn" in sound


def test_the_limit_decodes_each_part_once_in_one_thread_and_writes_nothing():
    order = an_order()
    (first,), (second,), (sound,) = peers.limit("ffmpeg", [Path("a.mkv"), Path("b.mkv")], FILM, order)
    assert (all_after(first, "-i"), all_after(second, "-i")) == (["a.mkv"], ["b.mkv"])
    assert set(all_after(first, "-threads")) == {"1"}
    assert first.count("null") == len(order.facts.renditions)
    assert "-vn" in sound


@pytest.fixture
def settings_told(tmp_path, monkeypatch):
    """In place of an encode, what it was to copy is told as the seconds that it took."""
    program = tmp_path / "python"
    told = r'{"began": 0, "wall_s": %d, "cpu_s": %d}'
    program.write_text(f"#!/bin/sh\nprintf '{told}' $SLUICE_COPY_TOP $SLUICE_COPY_SOUND\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.usefixtures("settings_told")
@pytest.mark.parametrize("settings", [ours.ENCODES_ALL, ours.ENCODES_PICTURES, ours.COPIES])
def test_we_take_over_what_the_settings_say(tmp_path, settings):
    leave_receipt(tmp_path, copied=settings is ours.COPIES)
    run = ours.encode(FILM, tmp_path, settings)
    assert (run.wall_s, run.cpu_s) == (int(settings["COPY_TOP"]), int(settings["COPY_SOUND"]))


@pytest.mark.usefixtures("settings_told")
def test_we_encode_the_sound_unless_told_otherwise(tmp_path):
    run = ours.encode(FILM, tmp_path)
    assert (run.wall_s, run.cpu_s) == (0, 0)


@pytest.mark.usefixtures("settings_told")
def test_a_top_rung_that_was_encoded_is_not_told_to_be_copied(tmp_path):
    leave_receipt(tmp_path, copied=False)
    with pytest.raises(RuntimeError, match="not copied"):
        ours.encode(FILM, tmp_path, ours.COPIES)


def leave_receipt(folder, *, copied):
    receipt = ours.media_of(folder) / "receipt.json"
    receipt.parent.mkdir(parents=True)
    receipt.write_text(json.dumps({"renditions": [{"copied": copied}]}))


# --- films ------------------------------------------------------------------------------------------------------


def test_a_film_of_yours_takes_the_place_of_ours(tmp_path, monkeypatch):
    yours = tmp_path / f"{films.NATURAL}.mkv"
    yours.write_bytes(b"a film")
    monkeypatch.setenv(films.YOURS, str(tmp_path))
    assert films.film(films.NATURAL) == yours


def test_without_the_excerpt_a_scene_is_made_up(tmp_path, monkeypatch):
    monkeypatch.setattr(films, "EXCERPT", tmp_path / "none.mp4")
    words = films.recipe(films.NATURAL, tmp_path / "film.mp4")
    assert all_after(words, "-f") == ["lavfi", "lavfi"]
    assert all_after(words, "-t") == ["40"]


@pytest.mark.parametrize(
    ("duration_s", "called"), [(40.02, "720p, 40 s"), (120.0, "720p, 2 min"), (150.0, "720p, 2.5 min")]
)
def test_a_film_is_called_by_its_lines_and_its_length(duration_s, called):
    assert films.label(an_order(duration_s=duration_s)) == called


@pytest.mark.parametrize(("audio_index", "sounds"), [(1, ["aac"]), (None, [])])
def test_sound_is_compared_with_where_there_is_some(audio_index, sounds):
    words = path._rungs(an_order(audio_index=audio_index).facts)
    assert all_after(words, "-c:a") == sounds
    assert ("0:a:0" in words) is bool(sounds)


@pytest.mark.e2e
@pytest.mark.parametrize("sound", [(), tone(1)])
def test_a_film_is_shown_over_and_over_with_whatever_sound_it_has(tmp_path, monkeypatch, sound):
    make(tmp_path / f"{films.NATURAL}.mp4", *picture(1), *sound, *X264)
    monkeypatch.setenv(films.YOURS, str(tmp_path))
    long = Ffprobe(Settings())(str(films.over_and_over(films.NATURAL, 3, tmp_path / "long.mp4")))
    assert long.duration_s == pytest.approx(3, abs=0.5)
    assert (long.audio_index is not None) is bool(sound)


# --- runs -------------------------------------------------------------------------------------------------------


def test_the_middle_of_runs_is_that_of_each_figure():
    runs = [Run(1, 30, 9), Run(2, 10, 8), Run(3, 20, float("inf"))]
    assert middle(runs) == Run(2, 20, 9)


def test_contenders_run_in_turns():
    ran = []
    contenders = {name: lambda name=name: ran.append(name) or Run(len(ran), 0) for name in ("ours", "theirs")}
    assert in_rounds(contenders) == {"ours": Run(3, 0), "theirs": Run(4, 0)}
    assert ran == ["ours", "theirs"] * 3


def test_a_chain_runs_to_its_end_and_is_seen_to_be_playable(tmp_path):
    write = f"import pathlib; pathlib.Path({str(tmp_path / 'index.m3u8')!r}).write_text('#EXTINF:4,')"
    run = run_chains([[[sys.executable, "-c", "pass"], [sys.executable, "-c", write]]], tmp_path, at_once=2)
    assert run.cpu_s > 0
    assert run.playable_s < float("inf")


def test_a_command_that_fails_is_no_run(tmp_path):
    with pytest.raises(Exception, match="exit status 3"):
        run_chains([[[sys.executable, "-c", "raise SystemExit(3)"]]], tmp_path, at_once=1)


# --- quality ----------------------------------------------------------------------------------------------------


def test_quality_is_compared_frame_by_frame_at_the_films_size():
    order = an_order()
    words = quality.score_argv("ffmpeg", "VMAF", order, Path("240/index.m3u8"), FILM)
    graph = after(words, "-filter_complex")
    assert graph.count(f"scale={order.facts.width}:{order.facts.height}") == 2
    assert graph.count("setpts=N") == 2
    assert "libvmaf" in graph


def test_quality_is_the_middle_of_encodes_in_turns(tmp_path, monkeypatch):
    encoded = []
    monkeypatch.setattr(films, "CACHE", tmp_path)
    monkeypatch.setattr(films, "film", lambda _: FILM)
    monkeypatch.setattr(ours, "order_of", lambda _: an_order())
    monkeypatch.setattr(ours, "encode", lambda film, folder, *, whole: encoded.append(whole))
    # Each encode is better, and takes more bytes, than the one before.
    monkeypatch.setattr(quality, "_score", lambda *_: float(len(encoded)))
    monkeypatch.setattr(quality, "_megabytes", lambda _: float(len(encoded)))
    assert {(row.ours, row.theirs) for row in quality.quality()} == {(3.0, 4.0)}
    assert encoded == [False, True] * 3
