"""Films that are their own top rung: taken over as they are, and seamless with what is encoded beside."""

import logging
from dataclasses import replace

import pytest

from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import (
    AAC,
    CONFORMANT,
    OPEN_GOP,
    VIDEO_ID,
    Encode,
    copied,
    damaged,
    flash_and_beep,
    in_turn,
    kept_cpu_s,
    last_of,
    likeness,
    make,
    picture,
    receipt_of,
    scripted,
    segments,
    tone,
    tracks,
)
from tests.hls import checker, measuring, reading

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)


@pytest.mark.parametrize("keyframes", ["60", "37"])
def test_a_conformant_film_is_taken_over_as_its_own_top_rung(tmp_path, keyframes):
    clip = make(tmp_path / "film.mp4", *flash_and_beep(14), *CONFORMANT, "-g", keyframes, *AAC)
    run = Encode(tmp_path, clip)
    assert run.run() == SUCCEEDED
    assert copied(run) == {"360": True, "240": False}
    assert checker.problems(run.finished()) == []
    top, small = tracks(run).values()
    assert top.times == pytest.approx(small.times, abs=0.001)
    assert top.frames == 420
    beeps = measuring.beeps(run.playlist("audio"))
    assert measuring.flashes(run.playlist("360")) == measuring.flashes(run.playlist("240"))
    assert measuring.flashes(run.playlist("360")) == pytest.approx(beeps[:13], abs=0.04)


def test_a_film_taken_over_can_be_watched_before_any_picture_is_encoded(tmp_path):
    clip = make(tmp_path / "film.mp4", *flash_and_beep(9), *CONFORMANT, "-g", "60", *AAC)
    watched = tmp_path / "watched"
    too_early = f'case "$*" in *libx264*) [ -e {watched} ] || exit 1 ;; esac'
    run = Encode(tmp_path, clip, scripted(tmp_path, too_early))
    run.on_report = lambda news: watched.touch() if news.playable else None
    assert run.run() == SUCCEEDED
    masters = [text for folder, text in run.media.written if folder == "1"]
    assert [line for line in masters[0].splitlines() if not line.startswith("#")] == ["360/index.m3u8"]
    assert watched.exists()
    assert run.media.missing == []


def ended_before(written, others):
    """Which playlists had their end when a master first named more than so many rungs."""
    master = next(place for place, (_, text) in enumerate(written) if text.count("#EXT-X-STREAM-INF") > others)
    return {folder for folder, text in written[:master] if "#EXT-X-ENDLIST" in text}


def test_no_other_rung_joins_a_copied_one_before_its_end(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(16), *tone(16), *CONFORMANT, "-g", "50", *AAC)
    run = Encode(tmp_path, clip, pool=in_turn())
    assert run.run() == SUCCEEDED
    assert copied(run) == {"360": True, "240": False}
    assert ended_before(run.media.written, 0) == set()
    assert ended_before(run.media.written, 1) == {"360", "audio", "240"}


@pytest.mark.parametrize("seconds", [8, 8.2])
def test_no_short_rest_is_left_of_a_film_that_is_taken_over(tmp_path, seconds):
    clip = make(tmp_path / "film.mp4", *picture(seconds), *tone(seconds), *CONFORMANT, "-g", "50", *AAC)
    run = Encode(tmp_path, clip)
    assert run.run() == SUCCEEDED
    assert copied(run) == {"360": True, "240": False}
    assert checker.problems(run.finished()) == []
    lengths = reading.media(run.playlist("360")).durations
    assert lengths == pytest.approx([4, seconds - 4])


def test_a_copied_rest_that_claims_to_be_longer_is_cut_as_in_the_other_rungs(tmp_path):
    plain = make(
        tmp_path / "plain.mp4", *picture(9, rate="18"), "-frames:v", "151", *CONFORMANT, "-bf", "0", "-g", "18"
    )
    tells = "setts=duration=if(eq(N\\,150)\\,1331\\,1024)"
    clip = make(tmp_path / "film.mp4", "-i", plain, "-c", "copy", "-bsf:v", tells, "-video_track_timescale", "18432")
    run = Encode(tmp_path, clip)
    assert run.run() == SUCCEEDED
    assert copied(run)["360"]
    assert checker.problems(run.finished()) == []


@pytest.mark.parametrize(("rate", "taken"), [("25", True), ("30000/1001", False)])
def test_a_film_by_quicktimes_clock_is_taken_over_where_that_tells_its_times(tmp_path, caplog, rate, taken):
    caplog.set_level(logging.INFO)
    clock = ("-g", "48", "-video_track_timescale", "600")
    run = Encode(tmp_path, make(tmp_path / "film.mov", *picture(10, rate=rate), *CONFORMANT, *clock))
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    assert copied(run)["360"] is taken
    assert ("not copied: its clock is coarse" in caplog.text) is not taken
    assert "begins" not in caplog.text


def test_the_next_attempt_copies_nothing_again(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(12), *tone(12), *CONFORMANT, "-g", "50", *AAC)
    first = Encode(tmp_path, clip, scripted(tmp_path, '[ "$number" != 2 ] || kill -9 $$'), pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    finished, spent_s = segments(first.kept / "copied"), kept_cpu_s(first)
    never_copies = scripted(tmp_path, 'case "$*" in *"-c copy"*) exit 1 ;; esac')
    again = Encode(tmp_path, clip, never_copies, pool=in_turn(), attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert copied(again) == {"360": True, "240": False}
    assert likeness(again)["360"] == 1.0
    assert 0.95 < likeness(again)["240"] < 1.0
    assert receipt_of(again)["cpuSeconds"] > spent_s > 0
    assert len(finished) == 3
    assert finished <= segments(again.folder)
    assert checker.problems(again.finished()) == []


def test_the_sound_is_not_made_again_where_the_next_attempt_encodes_in_another_way(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(12), *tone(12), *CONFORMANT, "-g", "50", *AAC)
    first = Encode(tmp_path, clip, scripted(tmp_path, '[ "$number" != 2 ] || kill -9 $$'), pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    mute = scripted(tmp_path, 'case "$*" in *libx264*) ;; *hls*) exit 1 ;; esac')
    again = Encode(tmp_path, clip, replace(mute, copy_top=False), attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert receipt_of(again)["method"] == "chunks"
    assert copied(again) == {"360": False, "240": False}
    assert checker.problems(again.finished()) == []


def joined(folder):
    """Two films in one that are coded with different parameters, each told in its own pictures."""
    parts = [make(folder / f"{refs}.mp4", *picture(6), *CONFORMANT, "-g", "50", "-refs", refs) for refs in "15"]
    (folder / "list").write_text("".join(f"file '{part}'\n" for part in parts))
    return make(folder / "film.mp4", "-f", "concat", "-safe", "0", "-i", folder / "list", "-c", "copy")


def open_groups(folder):
    return make(folder / "film.mp4", *picture(9), *tone(9), *OPEN_GOP, *AAC)


def refreshed(folder):
    """Without a picture that decoding could begin with, but for the first."""
    refresh = ("-x264-params", "intra-refresh=1:bframes=0", "-g", "50")
    return make(folder / "film.mp4", *picture(9), *tone(9), *CONFORMANT, *refresh, *AAC)


def with_frames_not_shown(folder):
    whole = make(folder / "whole.mp4", *picture(10), *tone(10), *CONFORMANT, "-g", "50", *AAC)
    return make(folder / "film.mp4", "-ss", "1", "-i", whole, "-c", "copy")


def of_a_high_level(folder):
    return make(folder / "film.mp4", *picture(9), *tone(9), *CONFORMANT, "-g", "50", "-level", "5.2", *AAC)


@pytest.mark.parametrize(
    ("film_in", "reason"),
    [
        (open_groups, "frames are out of their places, or open groups"),
        (with_frames_not_shown, "250 frames of 225"),
        (of_a_high_level, "it asks for decoders of level 5.2"),
    ],
)
def test_a_film_that_would_not_play_everywhere_is_not_taken_over(tmp_path, caplog, film_in, reason):
    caplog.set_level("INFO", "sluice")
    run = Encode(tmp_path, film_in(tmp_path))
    assert run.run() == SUCCEEDED
    assert reason in caplog.text
    assert copied(run) == {"360": False, "240": False}
    assert checker.problems(run.finished()) == []


def test_a_film_that_is_joined_of_others_is_not_taken_over(tmp_path, caplog):
    caplog.set_level("INFO", "sluice")
    film = joined(tmp_path)
    run = last_of(Encode(tmp_path, film, attempt=attempt) for attempt in (1, 2))
    assert "is coded with other parameters than the beginning of the film" in caplog.text
    assert copied(run) == {"360": False, "240": False}
    assert checker.problems(run.finished()) == []


@pytest.mark.parametrize("at", [0.1, 0.6, 0.99])
def test_a_film_with_a_damaged_picture_is_not_taken_over(tmp_path, caplog, at):
    caplog.set_level("INFO", "sluice")
    film = make(tmp_path / "film.mp4", *picture(13), *tone(13), *CONFORMANT, "-g", "50", *AAC)
    run = last_of(Encode(tmp_path, damaged(film, "v", at), attempt=attempt) for attempt in (1, 2))
    assert "not copied: damaged, says a part of it" in caplog.text
    assert copied(run) == {"360": False, "240": False}
    assert checker.problems(run.finished()) == []
    assert receipt_of(run)["method"] == "chunks"
    assert measuring.track(run.playlist("360")).frames == 325


def test_no_film_is_taken_over_where_that_is_switched_off(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(6), *tone(6), *CONFORMANT, "-g", "50", *AAC)
    run = Encode(tmp_path, clip, Settings(copy_top=False))
    assert run.run() == SUCCEEDED
    assert copied(run) == {"360": False, "240": False}


def test_a_film_that_decoding_can_not_begin_in_the_middle_of_is_encoded_in_one_piece(tmp_path):
    film, settings = refreshed(tmp_path), Settings(copy_top=False)
    first = Encode(tmp_path, film, settings, pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    again = Encode(tmp_path, film, settings, pool=in_turn(), attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert checker.problems(again.finished()) == []
    assert receipt_of(again)["method"] == "whole"
    assert receipt_of(again)["cpuSeconds"] > 0
    assert measuring.track(again.playlist("240")).frames == 225
