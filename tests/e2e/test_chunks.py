"""Films in chunks: as if one process had made them, and never made twice."""

import json
import shlex
from dataclasses import replace

import pytest

from sluice.adapters.local import encoder
from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import AAC, VIDEO_ID, X264, Encode, in_turn, make, picture, tone
from tests.hls import checker, measuring

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "250", "-pix_fmt", "yuv420p")
OPEN_GOP = ("-c:v", "libx264", "-preset", "veryfast", "-g", "20", "-x264-params", "open-gop=1", "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")


@pytest.fixture
def film(tmp_path):
    """Sixteen seconds: four segments."""
    return make(tmp_path / "film.mp4", *picture(16), *tone(16), *X264, *AAC)


def scripted(folder, body):
    """Settings whose ffmpeg writes down the number of each chunk it is asked for, after it ran the body."""
    script = folder / "scripted-ffmpeg"
    log = shlex.quote(str(folder / "chunks"))
    number = 'number=$(printf "%s\\n" "$*" | sed -n "s/.*-start_number \\([0-9]*\\).*/\\1/p")'
    script.write_text(f'#!/bin/sh\n{number}\n{body}\n[ -z "$number" ] || echo "$number" >> {log}\nexec ffmpeg "$@"\n')
    script.chmod(0o755)
    return replace(Settings(), ffmpeg=str(script))


def asked_for(folder):
    """The chunks that the scripted ffmpeg was asked for since the last call."""
    log = folder / "chunks"
    numbers = [int(line) for line in log.read_text().split()]
    log.unlink()
    return numbers


def tracks(run):
    return {name: measuring.track(run.playlist(name)) for name in ("360", "240")}


@pytest.mark.parametrize(
    ("name", "rate", "seconds", "codecs"),
    [
        ("ntsc.mp4", "30000/1001", 14.3, (*B_FRAMES, *AAC)),
        ("film.mkv", "24000/1001", 13.1, (*OPEN_GOP, *AAC)),
        ("fast.webm", "60", 8.6, VP9),
        ("exact.mov", "25", 8, (*X264, *AAC)),
    ],
)
def test_chunks_together_are_what_one_process_makes(tmp_path, monkeypatch, name, rate, seconds, codecs):
    clip = make(tmp_path / name, *picture(seconds, rate=rate), *tone(seconds), *codecs)
    cut = Encode(tmp_path / "cut", clip)
    assert cut.run() == SUCCEEDED
    monkeypatch.setattr(encoder, "unsuited", lambda *_: "for comparison")
    whole = Encode(tmp_path / "whole", clip)
    assert whole.run() == SUCCEEDED
    assert checker.problems(cut.finished()) == []
    assert tracks(cut)["360"].times == tracks(whole)["360"].times
    assert tracks(cut)["240"].keyframes == tracks(whole)["240"].keyframes
    assert measuring.track(cut.playlist("audio")).times == measuring.track(whole.playlist("audio")).times


def test_the_master_names_one_small_rung_first_and_then_all(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    assert run.run() == SUCCEEDED
    masters = [text for folder, text in run.media.written if folder == "1"]
    assert [text.count("#EXT-X-STREAM-INF") for text in masters] == [1, 2]
    assert "360/index.m3u8" in masters[0]
    assert run.media.missing == []


def test_the_next_attempt_encodes_only_what_is_missing(film, tmp_path):
    killed_once = f'[ "$number" != 2 ] || [ -e {tmp_path}/killed ] || {{ touch {tmp_path}/killed; kill -9 $$; }}'
    settings = scripted(tmp_path, killed_once)
    assert Encode(tmp_path, film, settings, pool=in_turn()).run() == EncodeLost(VIDEO_ID, 1)
    assert {0, 1} <= set(asked_for(tmp_path))
    again = Encode(tmp_path, film, settings, pool=in_turn(), attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert {0, 1}.isdisjoint(asked_for(tmp_path))
    assert checker.problems(again.finished()) == []
    assert measuring.track(again.playlist("360")).frames == 400
    assert not again.kept.exists()


def test_the_receipt_tells_what_it_took_and_how_good_it_is(film, tmp_path):
    run = Encode(tmp_path, film)
    assert run.run() == SUCCEEDED
    receipt = json.loads((run.folder / "receipt.json").read_text())
    assert (receipt["method"], receipt["chunks"], receipt["chunksReused"]) == ("chunks", 5, 0)
    assert 0.5 < receipt["cpuSeconds"] < 120
    top, small = receipt["renditions"]
    assert top["bytes"] == sum(file.stat().st_size for file in (run.folder / "360").iterdir() if file.suffix != ".m3u8")
    assert small["bytes"] < top["bytes"]
    assert min(top["ssim"], small["ssim"]) > 0.95


def test_who_is_told_to_stop_keeps_what_is_finished(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    run.on_report = lambda news: setattr(run, "stopping", news.playable)
    assert run.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert (run.kept / "00000-360" / "360" / "init.mp4").exists()
    assert not run.work.exists()


def test_a_source_whose_first_chunk_fails_is_encoded_whole_at_once(film, tmp_path):
    run = Encode(tmp_path, film, scripted(tmp_path, '[ -z "$number" ] || exit 1'))
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    assert measuring.track(run.playlist("360")).frames == 400


def test_a_source_whose_later_chunk_fails_is_encoded_whole_by_the_next_attempt(film, tmp_path):
    settings = scripted(tmp_path, '[ "$number" != 2 ] || { touch failed; exit 1; }')
    first = Encode(tmp_path, film, settings, pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    second = Encode(tmp_path, film, settings, pool=in_turn(), attempt=2)
    assert second.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert checker.problems(second.finished()) == []


def test_a_chunk_that_lacks_frames_is_not_published(film, tmp_path):
    short = """[ "$number" != 1 ] || exec ffmpeg $(printf '%s ' "$@" | sed 's/trim=end_frame=100/trim=end_frame=90/')"""
    first = Encode(tmp_path, film, scripted(tmp_path, short), pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert not (first.folder / "360" / "00001.m4s").exists()


def test_fragments_are_not_entered_in_the_middle(film, tmp_path):
    clip = make(tmp_path / "fragments.mp4", "-i", film, "-c", "copy", "-movflags", "frag_keyframe+empty_moov")
    run = Encode(tmp_path, clip, scripted(tmp_path, '[ -z "$number" ] || exit 1'))
    assert run.run() == SUCCEEDED
    assert not (tmp_path / "chunks").exists()
