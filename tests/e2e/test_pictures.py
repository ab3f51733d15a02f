"""Pictures that are placed, coloured, timed or joined in odd ways look alike at every size, and as they were meant."""

import json
import subprocess
from fractions import Fraction

import pytest

from sluice.adapters.local import encoder
from sluice.messages import EncodeSucceeded
from sluice.settings import Settings
from tests.e2e.encoding import (
    AAC,
    CONFORMANT,
    VIDEO_ID,
    X264,
    Encode,
    copied,
    flash_and_beep,
    likeness,
    make,
    picture,
    tone,
    tracks,
)
from tests.hls import checker, measuring
from tests.media.craft import edit_list, with_edits
from tests.media.make import moved_by

pytestmark = pytest.mark.e2e

SUCCEEDED = EncodeSucceeded(VIDEO_ID, 1)
SHORT_LAST = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "50", "-video_track_timescale", "600")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime")
TOP_LEFT_WHITE = ("-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=5,drawbox=w=320:h=180:c=white:t=fill")


def encoded(folder, clip, *, copy_top=False):
    run = Encode(folder, clip, Settings(copy_top=copy_top))
    assert run.run() == SUCCEEDED
    assert checker.problems(run.finished()) == []
    return run


def quarters(run, name):
    """Which quarters of the first picture are bright."""
    return [sum(colour) > 380 for colour in measuring.corners(run.playlist(name))]


@pytest.mark.parametrize(
    ("matrix", "bright"), [((1, 0, 0, -1), 2), ((-1, 0, 0, 1), 1), ((-1, 0, 0, -1), 3), ((1, 0, 0, 1), 0)]
)
def test_a_mirrored_film_is_so_at_every_size(tmp_path, matrix, bright):
    clip = make(tmp_path / "film.mp4", *TOP_LEFT_WHITE, *CONFORMANT, "-g", "50")
    clip.write_bytes(moved_by(*matrix)(clip.read_bytes()))
    run = encoded(tmp_path, clip, copy_top=True)
    expected = [place == bright for place in range(4)]
    assert [quarters(run, "360"), quarters(run, "240")] == [expected, expected]
    assert copied(run)["360"] == (matrix == (1, 0, 0, 1))


def test_what_pictures_say_of_themselves_turns_none(tmp_path):
    lies = ("-bsf:v", "h264_metadata=display_orientation=insert:rotate=90")
    run = encoded(tmp_path, make(tmp_path / "film.ts", *TOP_LEFT_WHITE, *X264, "-g", "1", *lies))
    assert quarters(run, "240") == [True, False, False, False]


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize(("rate", "frames"), [("24000/1001", 216), ("30000/1001", 270)])
def test_a_last_frame_that_claims_to_end_at_once_is_shown(tmp_path, monkeypatch, rate, frames, cut):
    clip = make(tmp_path / "film.mp4", *picture(9, rate=rate), *SHORT_LAST)
    if not cut:
        monkeypatch.setattr(encoder, "unsuited", lambda *_: "for comparison")
    run = encoded(tmp_path, clip)
    assert [track.frames for track in tracks(run).values()] == [frames, frames]


@pytest.mark.parametrize("container", ["mkv", "ts", "webm"])
def test_an_end_that_is_a_tick_late_adds_no_frame(tmp_path, container):
    codecs = VP8 if container == "webm" else X264
    clip = make(tmp_path / f"film.{container}", *picture(9, rate="30000/1001"), *codecs)
    assert measuring.track(encoded(tmp_path, clip).playlist("240")).frames == 270


def test_sound_that_outlasts_a_short_last_frame_is_heard_to_its_end(tmp_path):
    clip = make(tmp_path / "film.mp4", *picture(3, rate="24000/1001"), *tone(5), *SHORT_LAST, *AAC)
    run = encoded(tmp_path, clip)
    assert measuring.track(run.playlist("240")).end_s == pytest.approx(5, abs=0.1)
    assert measuring.track(run.playlist("audio")).end_s == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("pause_s", [0, 2.013, 0.75])
def test_each_picture_of_a_jittery_camera_is_shown_once_after_a_pause_too(tmp_path, pause_s):
    jittery = f"settb=1/90000,setpts='(N/30+gte(N,150)*{pause_s}+(random(1)-0.5)*0.03)/TB'"
    flashing = f"drawbox=c=white:t=fill:enable='eq(mod(n,2),1)',{jittery}"
    words = ("-vf", flashing, "-fps_mode", "passthrough", "-enc_time_base", "1/90000", *CONFORMANT)
    clip = make(tmp_path / "film.mp4", *picture(10, rate="30"), *words, "-video_track_timescale", "90000")
    run = encoded(tmp_path, clip)
    assert run.facts.frame_rate == pytest.approx(30, abs=0.05)
    assert len(measuring.flashes(run.playlist("240"))) == pytest.approx(150, abs=1)
    found = measuring.track(run.playlist("240"))
    assert (found.frames, found.end_s) == (
        pytest.approx(300 + 30 * pause_s, abs=2),
        pytest.approx(10 + pause_s, abs=0.1),
    )


def of_parts(clip, *parts, delays):
    """Have a film show nothing but these parts, each from one millisecond to another.

    Its own clock has 1000 ticks a second, its tracks' have 48000.
    """
    lists = (edit_list(*((end - start, 48 * start + delay, 1) for start, end in parts)) for delay in delays)
    clip.write_bytes(with_edits(*lists)(clip.read_bytes().replace(b"edts", b"free")))
    return clip


@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_a_film_of_several_parts_is_shown_whole_and_in_step(tmp_path, rate):
    clocks = ("-video_track_timescale", "48000", "-movie_timescale", "1000")
    clip = make(tmp_path / "film.mp4", *flash_and_beep(12, rate), *CONFORMANT, *AAC, *clocks)
    two_frames = round(96_000 / Fraction(rate))
    of_parts(clip, (1500, 4500), (6400, 8000), (2700, 5700), delays=(1024, two_frames))
    run = encoded(tmp_path, clip)
    frames = round(7.6 * Fraction(rate))
    assert run.facts.repairs == ()
    assert [track.frames for track in tracks(run).values()] == [pytest.approx(frames, abs=1)] * 2
    expected = [0.5, 1.5, 2.5, 3.6, 4.9, 5.9, 6.9]
    assert measuring.flashes(run.playlist("240")) == pytest.approx(expected, abs=0.035)
    assert measuring.beeps(run.playlist("audio"))[:7] == pytest.approx(expected, abs=0.025)


def joined(folder, container, *parts):
    """Parts of five seconds in one film, of which each ends with a white frame."""
    white = "drawbox=c=white:t=fill:enable='gte(n,124)'"
    for place, (size, *words) in enumerate(parts):
        black = ("-f", "lavfi", "-i", f"color=black:s={size}:r=25:d=5,{white}")
        make(folder / f"{place}.{container}", *black, *X264, "-g", "50", *words)
    (folder / "list").write_text("".join(f"file {folder}/{place}.{container}\n" for place in range(len(parts))))
    return make(folder / f"film.{container}", "-f", "concat", "-safe", "0", "-i", folder / "list", "-c", "copy")


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("other", [("320x180",), ("640x360", "-pix_fmt", "yuv422p10le"), ("1280x720",)])
def test_no_frame_is_lost_where_the_pictures_change(tmp_path, container, other):
    run = encoded(tmp_path, joined(tmp_path, container, ("640x360",), other))
    assert measuring.flashes(run.playlist("240")) == pytest.approx([4.96, 9.96], abs=0.001)
    assert measuring.track(run.playlist("240")).frames == 250


def test_interlaced_pictures_may_change_as_well(tmp_path):
    fields = ("-vf", "setfield=tff", "-flags", "+ildct+ilme")
    clip = joined(tmp_path, "ts", ("720x576", *fields), ("352x288", *fields, "-pix_fmt", "yuv422p"), ("1280x720",))
    run = encoded(tmp_path, clip)
    assert "deinterlaced" in run.facts.repairs
    assert measuring.track(run.playlist("240")).frames == 375
    assert measuring.flashes(run.playlist("240")) == pytest.approx([4.96, 9.96, 14.96], abs=0.001)


def test_a_broadcast_that_becomes_interlaced_is_made_progressive(tmp_path):
    # One field white, the other black, and then the other way round: grey, unless a frame is made of a single one.
    changing = "color=black:s=720x576:r=25:d=3,geq=lum='16+219*mod(Y+N\\,2)':cb=128:cr=128"
    first = make(tmp_path / "first.ts", "-f", "lavfi", "-i", "color=black:s=720x576:r=25:d=3", *X264)
    fields = ("-vf", "setfield=tff", *X264, "-qp", "0", "-flags", "+ildct+ilme")
    second = make(tmp_path / "second.ts", "-f", "lavfi", "-i", changing, *fields)
    (tmp_path / "list").write_text(f"file {first}\nfile {second}\n")
    clip = make(tmp_path / "film.ts", "-f", "concat", "-safe", "0", "-i", tmp_path / "list", "-c", "copy")
    run = encoded(tmp_path, clip)
    assert run.facts.repairs == ("no_audio",)
    assert measuring.track(run.playlist("480")).frames == 150
    assert len(measuring.flashes(run.playlist("480"))) > 30


GREEN = ("-f", "lavfi", "-i", "color=0x20c040:s=1280x720:r=25:d=3,format=gbrp")
IN_709 = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=colorspace"
TAGGED = f"{IN_709}=bt709:color_primaries=bt709:color_trc=bt709"


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("rgb.mp4", ("-c:v", "libx264rgb", "-preset", "ultrafast")),
        ("pictures.mov", ("-c:v", "png")),
        ("untagged.mp4", ("-vf", f"{IN_709}=unknown", *CONFORMANT)),
        ("tagged.mkv", ("-vf", TAGGED, *CONFORMANT)),
    ],
)
def test_colours_are_right_at_every_size_and_on_the_thumbnail(tmp_path, name, codecs):
    run = encoded(tmp_path, make(tmp_path / name, *GREEN, *codecs))
    found = [measuring.corners(run.playlist(size))[0] for size in ("720", "480", "240")]
    found.append(measuring.corners(run.folder / "thumbnail.jpg")[0])
    assert found == [pytest.approx((0x20, 0xC0, 0x40), abs=4)] * 4
    assert min(likeness(run).values()) > 0.98


def named_colours(playlist):
    """What a stream says of its colours."""
    shown = ("-show_entries", "stream=color_space,color_primaries,color_transfer", "-of", "json")
    told = subprocess.run(["ffprobe", "-v", "error", *shown, playlist], check=True, timeout=60, capture_output=True)
    return json.loads(told.stdout)["streams"][0]


@pytest.mark.parametrize("name", ["film.avi", "film.mp4"])
def test_colours_that_are_named_in_part_are_alike_where_rungs_are_encoded_or_taken_over(tmp_path, name):
    in_601 = "scale=out_color_matrix=bt601,format=yuvj420p" if name == "film.avi" else "scale=out_color_matrix=bt601"
    partly = ("-vf", f"{in_601},setparams=colorspace=bt470bg:color_primaries=unknown:color_trc=unknown")
    codecs = ("-c:v", "mjpeg", "-q:v", "2") if name == "film.avi" else (*CONFORMANT, "-g", "50")
    run = encoded(tmp_path, make(tmp_path / name, *GREEN, *partly, *codecs), copy_top=True)
    assert copied(run)["720"] == (name == "film.mp4")
    pal = {"color_space": "bt470bg", "color_primaries": "bt470bg", "color_transfer": "smpte170m"}
    assert [named_colours(run.playlist(size)) for size in ("720", "480", "240")] == [pal] * 3
    found = [measuring.corners(run.playlist(size))[0] for size in ("720", "240")]
    assert found == [pytest.approx((0x20, 0xC0, 0x40), abs=4)] * 2
