"""A real browser plays what Sluice makes, by hls.js."""

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sluice.messages import EncodeSucceeded
from tests.e2e.browser import HERE, slow_ffmpeg
from tests.e2e.encoding import AAC, VIDEO_ID, X264, Encode, flash_and_beep, make, picture, tone
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What lies beside the player's page."""
    return tmp_path_factory.mktemp("player")


@pytest.fixture(scope="module")
def player(folder):
    """The address of a page that plays a stream, on an origin of its own."""
    shutil.copy(HERE / "player.html", folder / "index.html")
    shutil.copy(HERE / "node_modules" / "hls.js" / "dist" / "hls.min.js", folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser, player):
    """The player's page; no error may stand in its console at the end."""
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    page.set_default_timeout(60_000)
    page.goto(player)
    yield page
    missing_icon = [text for text in complaints if "favicon" in text or "404 (File not found)" in text]
    assert [text for text in complaints if text not in missing_icon] == []
    assert page.evaluate("window.fatal") == []
    page.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    one = Running(folder, FFMPEG=slow_ffmpeg(folder)).start()
    yield one
    one.end()


@pytest.fixture(scope="module")
def ann(running):
    return running.user()


@pytest.fixture(scope="module")
def film(ann, clips):
    return ann.wait_end(ann.upload(clips / "flash.mp4"))


def time_of(page):
    return page.evaluate("document.getElementById('video').currentTime")


def test_it_plays_from_start_to_end_with_picture_and_sound(page, film):
    page.evaluate("address => window.play(address)", film["playback"]["hls"])
    page.wait_for_function("window.ended")
    seen = page.evaluate(
        "() => { const v = document.getElementById('video'); const q = v.getVideoPlaybackQuality();"
        "return { duration: v.duration, time: v.currentTime, frames: q.totalVideoFrames,"
        "sound: v.webkitAudioDecodedByteCount, picture: v.webkitDecodedFrameCount } }"
    )
    assert abs(seen["duration"] - 10) < 0.1
    assert abs(seen["time"] - 10) < 0.1
    assert seen["picture"] > 250
    assert seen["sound"] > 10_000


@pytest.mark.parametrize("height", [360, 240])
def test_every_quality_can_be_chosen(page, film, height):
    page.evaluate("address => window.play(address)", film["playback"]["hls"])
    page.wait_for_function("window.heights().length === 2")
    page.evaluate("height => window.choose(height)", height)
    page.wait_for_function("height => document.getElementById('video').videoHeight === height", arg=height)
    page.wait_for_function("document.getElementById('video').currentTime > 1")


def test_it_plays_before_and_after_it_is_done(page, ann, clips):
    video_id = ann.upload(clips / "long.mp4")
    early = ann.wait(video_id, lambda video: video["playable"])
    assert early["status"] == "processing"
    page.evaluate("address => window.play(address)", early["playback"]["hls"])
    page.wait_for_function("document.getElementById('video').currentTime > 1")
    assert ann.video(video_id)["status"] == "processing"
    before = time_of(page)
    assert ann.wait_end(video_id)["status"] == "done"
    page.wait_for_function("time => document.getElementById('video').currentTime > time + 1", arg=before)
    page.evaluate("document.getElementById('video').currentTime = 28")
    page.wait_for_function("window.ended")
    assert abs(time_of(page) - 30) < 0.1


COPYABLE = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "37", "-bf")
# Another rung for each segment; where the player had to wait or to leap over a hole, and which sizes it showed.
IN_TURN = """() => {
    window.breaks = [];
    window.sizes = [];
    const video = document.getElementById('video');
    video.addEventListener('resize', () => window.sizes.push(video.videoHeight));
    hls.on(Hls.Events.ERROR, (_, { details }) => /stall|hole|nudge/i.test(details) && window.breaks.push(details));
    hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => {
        if (frag.type === 'main') hls.loadLevel = (frag.level + 1) % hls.levels.length;
    });
}"""


@pytest.mark.parametrize("b_frames", ["0", "3"])
def test_copied_and_encoded_rungs_take_turns_without_a_gap(page, player, folder, b_frames):
    film = folder / f"film-{b_frames}"
    film.mkdir()
    clip = make(film / "film.mp4", *flash_and_beep(20), *COPYABLE, b_frames, *AAC)
    run = Encode(film, clip)
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    address = run.finished().relative_to(folder)
    page.evaluate(IN_TURN)
    page.evaluate("address => window.play(address)", f"{player}{address}")
    page.evaluate("document.getElementById('video').playbackRate = 2")
    page.wait_for_function("window.ended")
    assert json.loads((run.folder / "receipt.json").read_text())["renditions"][0]["copied"]
    buffered = "(buffered => [buffered.length, buffered.start(0), buffered.end(0)])(hls.media.buffered)"
    assert page.evaluate(buffered) == pytest.approx([1, 0, 20.02], abs=0.05)
    assert page.evaluate("window.sizes").count(360) >= 1
    assert page.evaluate("window.sizes").count(240) >= 1
    assert page.evaluate("window.breaks") == []


def test_a_film_of_whole_segments_comes_to_its_end(page, player, folder):
    film = folder / "whole"
    film.mkdir()
    run = Encode(film, make(film / "film.mp4", *picture(8), *tone(8), *X264, *AAC))
    assert run.run() == EncodeSucceeded(VIDEO_ID, 1)
    page.evaluate("address => window.play(address)", f"{player}{run.finished().relative_to(folder)}")
    page.evaluate("document.getElementById('video').playbackRate = 2")
    page.wait_for_function("window.ended")
    assert abs(time_of(page) - 8) < 0.05
