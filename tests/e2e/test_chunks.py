"""Films in chunks: as if one process had made them, and never made twice."""

import json
import threading

import pytest

from sluice import playlists
from sluice.adapters.local import chunked, encoder
from sluice.adapters.local.pool import Band, Pool
from sluice.messages import EncodeLost, EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import (
    AAC,
    CONFORMANT,
    OPEN_GOP,
    VIDEO_ID,
    X264,
    Encode,
    in_turn,
    kept_cpu_s,
    last_of,
    likeness,
    make,
    picture,
    receipt_of,
    scripted,
    segments,
    stored,
    tone,
    tracks,
)
from tests.hls import checker, measuring, reading

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "250", "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")


@pytest.fixture
def film(tmp_path):
    """Sixteen seconds: four segments, of which the second and the third are encoded together."""
    return make(tmp_path / "film.mp4", *picture(16), *tone(16), *X264, *AAC)


@pytest.mark.parametrize(
    ("name", "rate", "seconds", "codecs"),
    [
        ("ntsc.mp4", "30000/1001", 14.3, (*B_FRAMES, *AAC)),
        ("film.mkv", "24000/1001", 13.1, (*OPEN_GOP, *AAC)),
        ("fast.webm", "60", 8.6, VP9),
        ("exact.mov", "25", 8, (*X264, *AAC)),
        ("rest.mp4", "25", 12.2, (*X264, *AAC)),
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


def test_segments_that_are_encoded_together_lie_where_others_do(tmp_path):
    clip = make(tmp_path / "ntsc.mp4", *picture(23, size="426x240", rate="30000/1001"), *B_FRAMES)
    run = Encode(tmp_path, clip, pool=in_turn())
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    assert len(set(measuring.track(run.playlist("240")).times)) == 690
    receipt = receipt_of(run)
    assert (receipt["method"], receipt["chunks"]) == ("chunks", 3)


def test_the_master_names_one_small_rung_first_and_then_all(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    assert run.run() == SUCCEEDED
    masters = [text for folder, text in run.media.written if folder == "1"]
    assert [text.count("#EXT-X-STREAM-INF") for text in masters] == [1, 2]
    assert "360/index.m3u8" in masters[0]
    assert run.media.missing == []


def test_nothing_more_than_a_first_look_is_published_before_the_first_master(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    assert run.run() == SUCCEEDED
    folders = [folder for folder, _ in run.media.written]
    before = run.media.written[: folders.index("1")]
    assert {folder: text.count("#EXTINF") for folder, text in before} == {"360": 1, "audio": 1}


def length_s(text):
    return sum(segment.duration_s for segment in playlists.parse(text).segments)


def leads_s(written):
    """By how much sound was ahead of the picture that was shown at first, whenever it grew."""
    shown = {}
    for folder, text in written:
        shown[folder] = text
        if folder == "audio" and not playlists.parse(text).ended:
            yield length_s(text) - length_s(shown.get("360", ""))


def test_sound_is_never_a_segment_ahead_of_the_pictures(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    assert run.run() == SUCCEEDED
    assert max(leads_s(run.media.written)) < 0.5


class Watched(Pool):
    """One slot, and what was shown each time that chunks were submitted."""

    def __init__(self, shown):
        super().__init__(1, 1 << 40)
        self.submitted = []
        self._shown = shown

    def submit(self, tasks):
        if any(task.band is not Band.SOUND for task in tasks):
            self.submitted.append((len(tasks), self._shown.exists()))
        super().submit(tasks)


def test_a_first_look_is_shown_before_anything_else_is_begun(film, tmp_path):
    pool = Watched(tmp_path / "media" / VIDEO_ID / "1" / "master.m3u8")
    assert Encode(tmp_path, film, pool=pool).run() == SUCCEEDED
    assert pool.submitted == [(1, False), (3, True)]


def test_all_that_is_missing_is_begun_at_once_by_an_attempt_whose_first_look_is_kept(film, tmp_path):
    settings = scripted(tmp_path, f'[ "$number" != 1 ] || [ -e {tmp_path / "spared"} ] || kill -9 $$')
    assert Encode(tmp_path, film, settings, pool=in_turn()).run() == EncodeLost(VIDEO_ID, 1, planned=True)
    (tmp_path / "spared").touch()
    pool = Watched(tmp_path / "nowhere")
    assert Encode(tmp_path, film, settings, pool=pool, attempt=2).run() == EncodeSucceeded(VIDEO_ID, 2)
    assert pool.submitted == [(2, False)]


def test_an_encode_goes_on_as_soon_as_a_part_of_it_has_ended(film, tmp_path, monkeypatch):
    monkeypatch.setattr(chunked, "_LOOK_EVERY_S", 600)
    run = Encode(tmp_path, film)
    encode = threading.Thread(target=run.run, daemon=True)
    encode.start()
    encode.join(60)
    assert not encode.is_alive()
    assert checker.problems(run.finished()) == []


def test_the_next_attempt_encodes_only_what_is_missing(film, tmp_path):
    spared = tmp_path / "spared"
    settings = scripted(tmp_path, f'[ "$number" != 1 ] || [ -e {spared} ] || kill -9 $$')
    first = Encode(tmp_path, film, settings, pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    finished, spent_s = segments(first.kept), kept_cpu_s(first)
    spared.touch()
    again = Encode(tmp_path, film, settings, pool=in_turn(), attempt=2)
    assert again.run() == EncodeSucceeded(VIDEO_ID, 2)
    # The same files, by another name: those of both chunks before it at least.
    assert len(finished) >= 2
    assert finished <= segments(again.folder)
    assert checker.problems(again.finished()) == []
    assert measuring.track(again.playlist("360")).frames == 400
    assert not again.kept.exists()
    receipt = receipt_of(again)
    assert 0 < receipt["chunksReused"] < receipt["chunks"]
    assert receipt["cpuSeconds"] > spent_s > 0
    # What was found out about the kept chunks is known, too.
    assert min(likeness(again).values()) > 0.95
    assert (again.folder / "thumbnail.jpg").exists()


def test_a_kill_counts_only_where_nothing_was_finished_since_the_last_one(tmp_path):
    film = make(tmp_path / "film.mp4", *picture(16), *X264)
    settings = scripted(tmp_path, '[ "${number:-0}" = 0 ] || kill -9 $$')
    runs = [Encode(tmp_path, film, settings, pool=in_turn(), attempt=attempt) for attempt in (1, 2)]
    assert [run.run() for run in runs] == [EncodeLost(VIDEO_ID, 1, planned=True), EncodeLost(VIDEO_ID, 2)]


@pytest.mark.parametrize("copy_top", [True, False])
def test_a_film_whose_last_frame_is_held_is_whole(tmp_path, copy_top):
    plain = make(tmp_path / "plain.mp4", *picture(16), *CONFORMANT, "-bf", "0", "-g", "50")
    tells = "setts=duration=if(eq(N\\,399)\\,0.7*12800\\,DURATION)"
    clip = make(tmp_path / "film.mp4", "-i", plain, "-c", "copy", "-bsf:v", tells)
    run = last_of(Encode(tmp_path, clip, Settings(copy_top=copy_top), attempt=attempt) for attempt in (1, 2))
    assert checker.problems(run.finished()) == []
    assert measuring.track(run.playlist("240")).end_s == pytest.approx(16.66, abs=0.05)


def test_a_film_that_tells_only_when_its_frames_are_decoded_is_encoded_in_one_piece(tmp_path, caplog):
    caplog.set_level("INFO", "sluice")
    plain = make(tmp_path / "plain.avi", *picture(9), *CONFORMANT, "-g", "50")
    run = Encode(tmp_path, make(tmp_path / "film.mp4", "-i", plain, "-c", "copy"))
    assert run.run() == SUCCEEDED
    assert "not copied: it tells only when its frames are decoded" in caplog.text
    assert checker.problems(run.finished()) == []
    assert json.loads((run.folder / "receipt.json").read_text())["method"] == "whole"


def test_the_receipt_tells_what_it_took_and_how_good_it_is(film, tmp_path):
    run = Encode(tmp_path, film)
    assert run.run() == SUCCEEDED
    receipt = receipt_of(run)
    assert (receipt["method"], receipt["chunks"], receipt["chunksReused"]) == ("chunks", 4, 0)
    assert 0.5 < receipt["cpuSeconds"] < 120
    assert receipt["sourceBitrate"] == run.order.source.bitrate > 0
    assert receipt["audioBytes"] == stored(run, "audio")
    top, small = receipt["renditions"]
    assert [top["bytes"], small["bytes"]] == [stored(run, "360"), stored(run, "240")]
    assert [top["maxBitrate"], small["maxBitrate"]] == [one.max_bitrate for one in run.facts.renditions]
    assert min(top["ssim"], small["ssim"]) > 0.95


def test_a_receipt_tells_of_a_rung_that_lost_much(tmp_path):
    noise = ("-f", "lavfi", "-i", "nullsrc=s=640x360:r=25:d=5,geq=random(1)*255:128:128")
    run = Encode(tmp_path, make(tmp_path / "noise.mp4", *noise, *X264, "-qp", "10"))
    assert run.run() == SUCCEEDED
    assert 0.1 < min(likeness(run).values()) < 0.9


@pytest.mark.parametrize("codecs", [X264, (*CONFORMANT, "-g", "50")])
def test_the_thumbnail_is_found_wherever_a_film_is_not_black(tmp_path, codecs):
    film = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=13,drawbox=c=black:t=fill:enable=lt(t\\,9.2)+gt(t\\,10.4)")
    run = Encode(tmp_path, make(tmp_path / "dark.mp4", *film, *codecs))
    assert run.run() == SUCCEEDED
    assert measuring.brightness(run.folder / "thumbnail.jpg") > 60


def test_who_is_not_wanted_any_more_leaves_the_chunks_to_who_may_have_followed(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn())
    run.on_report = lambda news: setattr(run, "wanted", not news.playable)
    assert run.run() is None
    assert (run.kept / "00000-360").exists()
    assert run.keys == []


def test_who_lost_the_order_to_another_leaves_what_that_one_goes_on_publishing(film, tmp_path):
    run = Encode(tmp_path, film, pool=in_turn(), taken_over=True)
    run.on_report = lambda news: setattr(run, "wanted", not news.playable)
    assert run.run() is None
    assert (run.folder / "master.m3u8").exists()
    assert (run.kept / "00000-360").exists()


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
    settings = scripted(tmp_path, '[ "$number" != 1 ] || { touch failed; exit 1; }')
    first = Encode(tmp_path, film, settings, pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    second = Encode(tmp_path, film, settings, pool=in_turn(), attempt=2)
    assert second.run() == EncodeSucceeded(VIDEO_ID, 2)
    assert checker.problems(second.finished()) == []


def garbled(folder, wrong):
    """Settings whose ffmpeg has one word wrong in the command for the chunk of the second and third segment."""
    exec_wrong = f"""exec ffmpeg $(printf '%s ' "$@" | sed '{wrong}')"""
    return scripted(folder, f'[ "$number" != 1 ] || {exec_wrong}')


def test_a_chunk_that_lacks_frames_is_not_built_upon(film, tmp_path):
    first = Encode(tmp_path, film, garbled(tmp_path, "s/trim=end_frame=200/trim=end_frame=190/"), pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert not (first.kept / "00001+1-360").exists()
    assert not (first.folder / "360" / "00003.m4s").exists()


def test_a_chunk_that_begins_late_is_not_published(film, tmp_path):
    first = Encode(tmp_path, film, garbled(tmp_path, "s/start_pts=100/start_pts=103/"), pool=in_turn())
    assert first.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert not (first.folder / "360" / "00001.m4s").exists()


def test_segments_that_are_encoded_together_are_shown_as_they_come(film, tmp_path):
    shown = tmp_path / "media" / VIDEO_ID / "1" / "360" / "00001.m4s"
    slowly = f"""[ "$number" != 1 ] || {{
        ffmpeg -readrate 2 "$@" & slow=$!
        until [ -e {shown} ]; do kill -0 $slow || exit 1; sleep 0.05; done
        kill -TERM $slow; wait $slow; code=$?; sleep 0.7; exit $code; }}"""
    run = Encode(tmp_path, film, scripted(tmp_path, slowly), pool=in_turn())
    assert run.run() == EncodeLost(VIDEO_ID, 1, planned=True)
    assert not (run.kept / "00001+1-360").exists()
    # It says that it has ended, too, but that is believed only of what came out exact; and chunks will still do.
    assert not (run.folder / "360" / "00003.m4s").exists()
    assert not (run.kept / "refused").exists()


def test_no_short_rest_is_shown_of_a_chunk_that_has_written_it_but_has_not_ended_yet(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(12.04), *tone(12.04), *X264, *AAC)
    ends_late = '[ "$number" != 1 ] || { ffmpeg "$@"; code=$?; sleep 1.2; exit $code; }'
    run = Encode(tmp_path, clip, scripted(tmp_path, ends_late))
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    assert reading.media(run.playlist("360")).durations == pytest.approx([4, 4, 4.04])


@pytest.mark.parametrize("seconds", [4.24, 12.24])
def test_no_sliver_is_left_of_a_picture_that_its_sound_outlasts(tmp_path, seconds):
    clip = make(tmp_path / "film.mp4", *picture(seconds), *tone(seconds + 0.22), *X264, *AAC)
    run = Encode(tmp_path, clip)
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    assert reading.media(run.playlist("360")).durations[-1] == pytest.approx(4.24)


def test_fragments_are_not_entered_in_the_middle(film, tmp_path):
    clip = make(tmp_path / "fragments.mp4", "-i", film, "-c", "copy", "-movflags", "frag_keyframe+empty_moov")
    run = Encode(tmp_path, clip, scripted(tmp_path, '[ -z "$number" ] || exit 1'))
    assert run.run() == SUCCEEDED
    assert not (tmp_path / "chunks").exists()
