"""Real clips through the real ffmpeg: what comes out plays, is whole, and stands in step with what went in."""

import os
import signal
import subprocess
from contextlib import suppress

import pytest

from sluice.messages import EncodeFailed, EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import AAC, VIDEO_ID, X264, Encode, flash_and_beep, in_turn, make, picture, slowed, tone
from tests.hls import checker, measuring, reading
from tests.media.make import moved_by

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)
LOST = EncodeLost(VIDEO_ID, 1)


@pytest.fixture
def encoded(tmp_path):
    """Encode a clip to its end and look at the result."""

    def encode(clip):
        run = Encode(tmp_path, clip)
        assert run.run() == SUCCEEDED
        assert checker.problems(run.finished()) == []
        assert not run.work.exists()
        return run

    return encode


def frames(run, name="360"):
    return measuring.track(run.playlist(name)).frames


def length_s(run, name="360"):
    return measuring.track(run.playlist(name)).end_s


def test_a_plain_clip_keeps_every_frame_and_its_length(encoded, tmp_path):
    run = encoded(make(tmp_path / "plain.mp4", *picture(6), *tone(6), *X264, *AAC))
    assert [rung.name for rung in run.facts.renditions] == ["360", "240"]
    assert frames(run, "360") == frames(run, "240") == 150
    assert length_s(run) == pytest.approx(6, abs=0.1)
    assert length_s(run, "audio") == pytest.approx(6, abs=0.1)


def test_picture_and_sound_are_in_step_from_start_to_end(encoded, tmp_path):
    run = encoded(make(tmp_path / "sync.mp4", *flash_and_beep(10), *X264, *AAC))
    flashes, beeps = measuring.flashes(run.playlist("240")), measuring.beeps(run.playlist("audio"))
    assert len(flashes) == 9
    assert flashes[0] == pytest.approx(beeps[0], abs=0.04)
    assert flashes[-1] == pytest.approx(beeps[8], abs=0.04)
    assert frames(run) == 300


@pytest.mark.parametrize("late", ["video", "audio"])
def test_what_starts_late_stays_as_late_as_it_was(encoded, tmp_path, late):
    sync = make(tmp_path / "sync.mp4", *flash_and_beep(5, rate="25"), *X264, *AAC)
    order = ("-map", "0:v", "-map", "1:a") if late == "video" else ("-map", "1:v", "-map", "0:a")
    clip = make(tmp_path / "late.mp4", "-itsoffset", "1.5", "-i", sync, "-i", sync, *order, "-c", "copy")
    run = encoded(clip)
    assert f"late_{late}" in run.facts.repairs
    assert measuring.flashes(run.playlist("360")) == pytest.approx(measuring.flashes(clip), abs=0.04)
    assert measuring.beeps(run.playlist("audio"))[:4] == pytest.approx(measuring.beeps(clip)[:4], abs=0.04)
    assert length_s(run) == pytest.approx(run.facts.duration_s, abs=0.1)


@pytest.mark.parametrize("container", ["mkv", "mp4"])
@pytest.mark.parametrize("early", ["subtitles", "sound"])
def test_what_is_not_taken_may_begin_before_what_is(encoded, tmp_path, early, container):
    sync = make(tmp_path / "sync.mp4", *flash_and_beep(5, rate="25"), *X264, *AAC)
    (tmp_path / "subtitles.srt").write_text("1\n00:00:00,000 --> 00:00:04,000\nHello\n")
    other = tmp_path / "subtitles.srt" if early == "subtitles" else sync
    order = ("-map", "0", "-map", "1:s") if early == "subtitles" else ("-map", "0", "-map", "1:a")
    codecs = ("-c", "copy", "-c:s", "srt" if container == "mkv" else "mov_text")
    clip = make(tmp_path / f"late.{container}", "-itsoffset", "0.7", "-i", sync, "-i", other, *order, *codecs)
    run = encoded(clip)
    flashes, beeps = measuring.flashes(run.playlist("360")), measuring.beeps(run.playlist("audio"))
    assert flashes == pytest.approx([1.7, 2.7, 3.7, 4.7], abs=0.04)
    assert beeps[:4] == pytest.approx(flashes, abs=0.04)


def test_a_film_of_one_process_has_no_sliver_of_a_segment_at_its_end(encoded, tmp_path):
    run = encoded(make(tmp_path / "clip.ts", *picture(4.04), *tone(4.04), *X264, *AAC))
    segments = {name: reading.media(run.playlist(name)).segments for name in ("360", "audio")}
    assert frames(run) == pytest.approx(101, abs=1)
    assert {name: len(found) for name, found in segments.items()} == {"360": 1, "audio": 1}


@pytest.mark.parametrize("container", ["mkv", "ts", "webm"])
def test_containers_with_coarse_or_shifted_clocks_lose_no_step(encoded, tmp_path, container):
    codecs = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus") if container == "webm" else (*X264, *AAC)
    clip = make(tmp_path / f"clip.{container}", *flash_and_beep(4), *codecs)
    run = encoded(clip)
    flashes, beeps = measuring.flashes(run.playlist("360")), measuring.beeps(run.playlist("audio"))
    assert abs(frames(run) - 120) <= 1
    assert flashes == pytest.approx(beeps[: len(flashes)], abs=0.04)


def test_a_fragmented_mp4_shows_its_first_picture_once(encoded, tmp_path):
    fragmented = ("-preset", "veryfast", "-bf", "3", *AAC, "-movflags", "frag_keyframe+empty_moov")
    run = encoded(make(tmp_path / "clip.mp4", *flash_and_beep(3, rate="25"), *X264[:2], *X264[4:], *fragmented))
    flashes, beeps = measuring.flashes(run.playlist("360")), measuring.beeps(run.playlist("audio"))
    assert abs(frames(run) - 75) <= 1
    assert flashes == pytest.approx(beeps[: len(flashes)], abs=0.04)


@pytest.mark.parametrize("container", ["mkv", "ts", "flv"])
def test_the_delay_of_the_sources_codec_does_not_add_to_that_of_ours(encoded, tmp_path, container):
    clip = make(tmp_path / f"clip.{container}", *flash_and_beep(3), *X264, *AAC)
    run = encoded(clip)
    beeps = measuring.beeps(run.playlist("audio"))
    assert measuring.track(run.playlist("audio")).start_s == pytest.approx(-1024 / 48000, abs=0.001)
    assert measuring.flashes(run.playlist("360")) == pytest.approx(beeps[:2], abs=0.04)


def test_sound_that_is_nothing_but_its_codecs_delay_becomes_silence(encoded, tmp_path):
    run = encoded(make(tmp_path / "click.ts", *picture(2), *tone(0.005), *X264, *AAC))
    assert length_s(run, "audio") == pytest.approx(2, abs=0.1)


def test_sound_that_outlasts_the_picture_is_heard_to_its_end(encoded, tmp_path):
    run = encoded(make(tmp_path / "long.mp4", *picture(2), *tone(5), *X264, *AAC))
    assert length_s(run) == pytest.approx(5, abs=0.1)
    assert length_s(run, "audio") == pytest.approx(5, abs=0.1)


def test_a_picture_that_outlasts_the_sound_goes_on_in_silence(encoded, tmp_path):
    run = encoded(make(tmp_path / "long.mp4", *picture(5), *tone(2), *X264, *AAC))
    assert frames(run) == 125
    assert length_s(run, "audio") == pytest.approx(5, abs=0.1)


def test_a_clip_without_sound_has_no_audio_group(encoded, tmp_path):
    run = encoded(make(tmp_path / "silent.mp4", *picture(2), *X264))
    assert "AUDIO" not in (run.folder / "master.m3u8").read_text()
    assert not (run.folder / "audio").exists()


def test_surround_sound_becomes_stereo(encoded, tmp_path):
    run = encoded(make(tmp_path / "surround.mp4", *picture(2), *tone(2, channels=6), *X264, *AAC))
    assert measuring.track(run.playlist("audio")).stream["channels"] == 2


def test_a_clip_on_its_side_is_turned_upright(encoded, tmp_path):
    clip = make(tmp_path / "turned.mp4", *picture(2), *X264)
    clip.write_bytes(moved_by(0, 1, -1, 0)(clip.read_bytes()))
    assert measuring.size(encoded(clip).playlist("360")) == (360, 640)


def test_uneven_frames_become_even_ones(encoded, tmp_path):
    uneven = "select='if(lt(t,2),not(mod(n,2)),if(lt(t,4),not(mod(n,5)),1))'"
    words = (*picture(6, rate="60"), *tone(6), "-vf", uneven, "-fps_mode", "vfr", *X264, *AAC)
    run = encoded(make(tmp_path / "vfr.mp4", *words))
    assert "variable_frame_rate" in run.facts.repairs
    assert length_s(run) == pytest.approx(6, abs=0.1)


def test_hdr_becomes_sdr_that_is_neither_dark_nor_pale(encoded, tmp_path):
    tags = ("-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc")
    x265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le")
    run = encoded(make(tmp_path / "hdr.mp4", *picture(2, rate="24"), *x265, *tags))
    assert "hdr_to_sdr" in run.facts.repairs
    assert 40 < measuring.brightness(run.folder / "thumbnail.jpg") < 220


@pytest.mark.parametrize("range_name", ["pc", "tv"])
def test_hdr_that_tells_its_transfer_alone_becomes_sdr_too(encoded, tmp_path, range_name):
    x264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
    tags = ("-vf", f"setparams=color_trc=smpte2084:range={range_name}")
    run = encoded(make(tmp_path / "hdr.mp4", *picture(1), *x264, *tags))
    assert "hdr_to_sdr" in run.facts.repairs
    assert 40 < measuring.brightness(run.folder / "thumbnail.jpg") < 220


def test_interlaced_fields_become_whole_frames(encoded, tmp_path):
    fields = ("-vf", "tinterlace=interleave_top,setfield=tff", *X264, "-flags", "+ildct+ilme")
    run = encoded(make(tmp_path / "fields.mp4", *picture(2, rate="50"), *fields))
    assert "deinterlaced" in run.facts.repairs
    assert frames(run) == 50


def test_pixels_that_are_not_square_become_square(encoded, tmp_path):
    run = encoded(make(tmp_path / "wide.mp4", *picture(2, size="720x576"), "-vf", "setsar=64/45", *X264))
    assert measuring.size(run.playlist("480")) == (854, 480)


def test_odd_sizes_become_even(encoded, tmp_path):
    run = encoded(make(tmp_path / "odd.mkv", *picture(2, size="853x481"), "-c:v", "ffv1", "-pix_fmt", "yuv444p"))
    assert measuring.size(run.playlist("480")) == (852, 480)


def test_one_frame_is_a_video_too(encoded, tmp_path):
    run = encoded(make(tmp_path / "one.mp4", *picture(1), "-frames:v", "1", *X264))
    assert frames(run) == 1


def test_a_change_of_size_and_sound_in_the_middle_is_followed(encoded, tmp_path):
    first = make(tmp_path / "first.ts", *picture(3), *tone(3), *X264, *AAC)
    second = make(tmp_path / "second.ts", *picture(3, size="320x240"), *tone(3, channels=1), *X264, *AAC)
    (tmp_path / "list.txt").write_text(f"file {first}\nfile {second}\n")
    run = encoded(make(tmp_path / "both.ts", "-f", "concat", "-safe", "0", "-i", tmp_path / "list.txt", "-c", "copy"))
    assert length_s(run) == pytest.approx(6, abs=0.2)
    assert measuring.track(run.playlist("audio")).frames == pytest.approx(6 * 48000 / 1024, abs=8)


def test_the_thumbnail_of_a_film_that_begins_black_is_not_black(encoded, tmp_path):
    dark = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=3,fade=in:st=1.5:d=1")
    run = encoded(make(tmp_path / "fade.mp4", *dark, *X264))
    assert measuring.brightness(run.folder / "thumbnail.jpg") > 60


def test_a_film_that_is_all_black_has_a_thumbnail_all_the_same(encoded, tmp_path):
    run = encoded(make(tmp_path / "black.mp4", "-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=1", *X264))
    assert (run.folder / "thumbnail.jpg").exists()


def test_playlists_grow_and_end_once_and_never_name_what_is_not_there(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(12), *tone(12), *X264, *AAC)
    run = Encode(tmp_path, clip, slowed(tmp_path, Settings()), pool=in_turn())
    assert run.run() == SUCCEEDED
    top = [text for folder, text in run.media.written if folder == "360"]
    assert len(top) >= 3
    assert [("#EXT-X-ENDLIST" in text, "PLAYLIST-TYPE:VOD" in text) for text in top[:-1]] == [(False, False)] * (
        len(top) - 1
    )
    assert top[-1].endswith("#EXT-X-ENDLIST\n")
    assert run.media.missing == []


def test_it_is_playable_before_it_is_done(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(12), *tone(12), *X264, *AAC)
    run = Encode(tmp_path, clip, slowed(tmp_path, Settings()), pool=in_turn())
    seen = []
    run.on_report = lambda news: seen.append(first_segments(run)) if news.playable else None
    assert run.run() == SUCCEEDED
    assert seen[0] in ({"audio": True, "360": True}, {"audio": True, "360": True, "240": True})
    assert seen[-1] == {"audio": True, "360": True, "240": True}
    assert [news.percent for news in run.reports] == sorted(news.percent for news in run.reports)


def test_what_nobody_wants_any_more_stops_and_leaves_nothing(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(12), *tone(12), *X264, *AAC)
    run = Encode(tmp_path, clip, slowed(tmp_path, Settings()), pool=in_turn())
    run.on_report = lambda news: setattr(run, "wanted", not news.playable)
    assert run.run() is None
    assert run.keys == []
    assert not run.work.exists()
    assert readers(tmp_path) == []


def test_an_ffmpeg_that_somebody_kills_is_lost_not_failed(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(12), *tone(12), *X264, *AAC)
    run = Encode(tmp_path, clip, slowed(tmp_path, Settings()), pool=in_turn())
    run.on_report = lambda news: kill(tmp_path) if news.playable else None
    assert run.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert not any("#EXT-X-ENDLIST" in text for _, text in run.media.written)
    assert not run.work.exists()


def test_a_second_run_never_adds_to_what_a_first_one_left(tmp_path):
    run = Encode(tmp_path, make(tmp_path / "clip.mp4", *picture(1), *X264))
    run.media.put(f"media/{VIDEO_ID}/1/360/init.mp4", b"left by a crash", "video/mp4")
    assert run.run() == LOST
    assert run.reports == []


def test_what_killed_runs_left_in_the_work_folder_goes_at_the_end(tmp_path):
    run = Encode(tmp_path, make(tmp_path / "clip.mp4", *picture(1), *X264))
    (tmp_path / "work" / f"{VIDEO_ID}-1-1" / "00000-360").mkdir(parents=True)
    (tmp_path / "work" / "another").mkdir()
    assert run.run() == SUCCEEDED
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["another"]


def test_a_second_run_of_a_finished_order_has_nothing_to_do(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(1), *X264)
    assert Encode(tmp_path, clip).run() == SUCCEEDED
    again = Encode(tmp_path, clip, Settings(ffmpeg="/nowhere/ffmpeg"))
    assert again.run() == SUCCEEDED


def test_half_a_file_is_damaged_and_nothing_of_it_stays(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(8), *tone(8), *X264, *AAC, "-movflags", "+faststart")
    run = Encode(tmp_path, clip)
    os.truncate(clip, clip.stat().st_size * 6 // 10)
    end = run.run()
    assert isinstance(end, EncodeFailed)
    assert end.code == "damaged"
    assert run.keys == []


def test_a_full_disk_fails_the_encode_instead_of_passing_it(tmp_path):
    clip = make(tmp_path / "clip.mp4", *picture(6), *tone(6), *X264, *AAC)
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        end = Encode(small, clip).run()
    finally:
        subprocess.run(["umount", small], check=True)
    assert isinstance(end, EncodeFailed)
    assert end.code == "no_space"


def first_segments(run):
    """Whether the first segment of each playlist that the master names can be played at this moment."""
    master = reading.master(run.folder / "master.m3u8")
    lists = {one.name: one.media for one in (*master.sound, *master.variants)}
    return {name: measuring.starts_with_keyframe(one.init, one.segments[0]) for name, one in lists.items()}


def kill(folder):
    # One chunk's process may have ended, and that of the next not begun.
    for pid in readers(folder)[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def readers(folder):
    """The processes that were told to read a file of this folder."""
    lines = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in lines.splitlines() if f" file:{folder}/" in line]
