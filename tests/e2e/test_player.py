"""The site's player, above all with a film that is still being encoded."""

import pytest
import requests

from sluice import playlists
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e

PLAYER = "document.querySelector('hls-video')"
LEVELS = f"{PLAYER}?.api?.levels.length"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    one = Running(tmp_path_factory.mktemp("player")).start()
    yield one
    one.end()


@pytest.fixture(scope="module")
def film(running, clips):
    """A finished film of ten seconds, in three segments and two rungs."""
    ann = running.user("ann")
    return ann.wait_end(ann.upload(clips / "flash.mp4", title="Flash and beep"))


class Encode:
    """What a page sees of the film while it is being encoded, as far as a test says."""

    def __init__(self, page, film):
        self.attempt = 1
        self.playable = True
        self._page = page
        self._film = film
        page.route(f"**/api/videos/{film['id']}", self._still_encoding)
        page.route("**/2/*.m3u8", self._of_the_only_attempt)
        page.route("**/2/**/*.*", self._of_the_only_attempt)

    def changes(self, path, change):
        """This playlist, as it is by now; the returned call ends that."""

        def answer(route):
            text = requests.get(route.request.url, timeout=5).text
            route.fulfill(status=200, content_type=playlists.CONTENT_TYPE, body=change(text))

        self._page.route(path, answer)
        return lambda: self._page.unroute(path)

    def _still_encoding(self, route):
        progress = {"stage": "encoding", "percent": 50.0, "secondsLeft": 30.0}
        hls = self._film["playback"]["hls"].replace("/1/", f"/{self.attempt}/")
        playback = {"hls": hls, "thumbnail": None} if self.playable else None
        early = {"status": "processing", "progress": progress, "playable": self.playable, "playback": playback}
        route.fulfill(json=self._film | early)

    def _of_the_only_attempt(self, route):
        route.continue_(url=route.request.url.replace("/2/", "/1/"))


def with_one(which):
    """A master playlist while but one rung is named."""

    def change(text):
        head, *rungs = text.split("#EXT-X-STREAM-INF")
        return f"{head}#EXT-X-STREAM-INF{rungs[which]}"

    return change


def with_another(text):
    """A master playlist that also names a rung of which no browser knows the codec."""
    return f'{text}#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=3840x2160,CODECS="none.1"\nnone/index.m3u8\n'


def two_segments(text):
    """A playlist of pictures while two segments are there."""
    return "#EXTINF".join(text.split("#EXTINF")[:3])


def refuse_once(page, film, status):
    """Let the next question for the film be answered so."""
    headers = {"Retry-After": "1"}
    page.route(f"**/api/videos/{film['id']}", lambda route: route.fulfill(status=status, headers=headers), times=1)


# A browser that has taken what a stream is made of, and not yet anything to play: `letGo` ends that.
NOTHING_TO_PLAY = """
const append = SourceBuffer.prototype.appendBuffer;
const held = [];
const isInit = (bytes) => String.fromCharCode(...bytes.slice(4, 8)) === "ftyp";
SourceBuffer.prototype.appendBuffer = function (bytes) {
  if (isInit(new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0))) append.call(this, bytes);
  else held.push(() => append.call(this, bytes));
};
window.letGo = () => {
  SourceBuffer.prototype.appendBuffer = append;
  for (const one of held) one();
};
"""


@pytest.fixture
def visitor(visit):
    return visit()


@pytest.fixture
def encode(visitor, film):
    return Encode(visitor.page, film)


def test_it_obeys_the_keyboard(visitor, film):
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.2)
    visitor.page.locator("media-play-button").last.focus()

    visitor.page.keyboard.press("Space")

    visitor.until(f"{PLAYER}.paused")


def test_it_can_be_paused_before_there_is_anything_to_play(visitor, film):
    visitor.page.add_init_script(NOTHING_TO_PLAY)
    visitor.go(f"/watch/?v={film['id']}")
    visitor.until(f"{PLAYER}?.readyState === 1 && !{PLAYER}.paused")

    visitor.page.locator("media-control-bar media-play-button").click()
    visitor.page.evaluate("letGo()")

    visitor.until(f"{PLAYER}.readyState >= 3")
    assert visitor.page.evaluate(f"[{PLAYER}.paused, {PLAYER}.muted]") == [True, False]


def test_a_step_down_after_a_failed_segment_is_nobodys_choice(visitor, film):
    visitor.watchdog.expect("ERR_FAILED")
    visitor.page.route("**/360/00002.*", lambda route: route.abort())

    visitor.go(f"/watch/?v={film['id']}")

    visitor.until(f"{PLAYER}?.currentTime > 8.5 && {PLAYER}.videoHeight === 240")
    assert visitor.page.evaluate(f"{PLAYER}.videoRenditions.selectedIndex") == -1
    assert visitor.page.evaluate(f"{PLAYER}.api.autoLevelEnabled")


def test_a_server_that_is_away_for_a_moment_is_not_noticed(visitor, film):
    visitor.watchdog.expect("ERR_", "refused")
    visitor.page.route("**/360/00002.*", lambda route: route.abort("connectionrefused"), times=2)
    visitor.go(f"/watch/?v={film['id']}")
    visitor.until(f"{PLAYER}?.currentTime > 0.2")
    visitor.page.evaluate(f"{PLAYER}.api.isTheFirst = true")

    visitor.until(f"{PLAYER}.currentTime > 8.5")

    assert visitor.page.evaluate(f"[{PLAYER}.api.isTheFirst, {PLAYER}.videoHeight]") == [True, 360]


def test_a_quality_that_is_shown_anyway_can_be_chosen_for_good(visitor, film):
    visitor.go(f"/watch/?v={film['id']}")
    visitor.until(f"{PLAYER}?.currentTime > 0.2 && {PLAYER}.api.currentLevel === 1 && {PLAYER}.api.nextLevel === 1")

    visitor.page.locator("media-rendition-menu-button").click()
    visitor.page.locator("media-rendition-menu").get_by_text("360p", exact=True).click()

    visitor.until(f"{PLAYER}.api.manualLevel === 1")


def test_it_takes_a_larger_picture_as_soon_as_there_is_one(visitor, encode, film):
    whole = encode.changes("**/master.m3u8", with_one(-1))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.5)
    before = visitor.time()

    whole()

    visitor.until(f"{LEVELS} === 2")
    visitor.plays_beyond(before + 1)


def test_it_is_not_loaded_again_and_again_for_what_the_browser_can_not_play(visitor, encode, film):
    encode.changes("**/master.m3u8", with_another)
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.2)
    visitor.page.evaluate(f"{PLAYER}.addEventListener('emptied', () => {PLAYER}.dataset.loads += 'again ')")

    visitor.plays_beyond(7)

    assert visitor.page.evaluate(LEVELS) == 2
    assert visitor.page.evaluate(f"{PLAYER}.dataset.loads ?? ''").count("again") <= 1


def test_it_does_not_interrupt_a_film_for_smaller_pictures(visitor, encode, film):
    whole = encode.changes("**/master.m3u8", with_one(0))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.5)

    whole()

    visitor.plays_beyond(5)
    assert visitor.page.evaluate(LEVELS) == 1
    visitor.page.evaluate(f"{PLAYER}.pause()")
    visitor.until(f"{LEVELS} === 2")
    visitor.until(f"{PLAYER}.paused && {PLAYER}.currentTime >= 5")


def test_it_does_not_interrupt_a_film_for_what_the_line_does_not_carry(visitor, encode, film):
    whole = encode.changes("**/master.m3u8", with_one(-1))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.until(f"{PLAYER}?.currentTime > 0.2 && {PLAYER}.buffered.end(0) > 9")
    visitor.page.evaluate(f"{PLAYER}.api.bandwidthEstimate = 10_000")

    whole()

    visitor.plays_beyond(5)
    assert visitor.page.evaluate(LEVELS) == 1
    visitor.page.evaluate(f"{PLAYER}.pause()")
    visitor.until(f"{LEVELS} === 2")
    assert visitor.page.evaluate(f"{PLAYER}.api.abrEwmaDefaultEstimate") == 10_000


def test_a_film_that_is_loaded_again_does_not_look_paused(visitor, encode, film):
    whole = encode.changes("**/master.m3u8", with_one(-1))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.5)
    visitor.page.route("**/360/*.m4s", lambda route: None)
    visitor.page.route("**/240/*.m4s", lambda route: None)

    whole()

    visitor.until(f"{LEVELS} === 2 && {PLAYER}.paused")
    assert not visitor.page.locator(".player-begin").is_visible()
    shown = "getComputedStyle(document.querySelector('.player media-loading-indicator'))"
    assert visitor.page.evaluate(f"{shown}.getPropertyValue('--media-loading-indicator-opacity')") == "1"


def test_another_attempt_goes_on_where_the_viewer_is(visitor, encode, film):
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(2)
    visitor.page.evaluate(f"{PLAYER}.playbackRate = 1.25")
    visitor.page.evaluate(f"{PLAYER}.addEventListener('playing', () => {PLAYER}.dataset.began = {PLAYER}.currentTime)")

    encode.attempt = 2

    visitor.until(f"{PLAYER}.src.includes('/2/') && {PLAYER}.dataset.began >= 2")
    assert visitor.page.evaluate(f"{PLAYER}.playbackRate") == 1.25
    visitor.plays_beyond(4)


def test_what_a_lost_attempt_has_left_is_played_until_there_is_something_of_the_next(visitor, encode, film):
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(1)
    visitor.page.evaluate(f"{PLAYER}.addEventListener('emptied', () => {PLAYER}.dataset.loads = 'again')")

    encode.playable = False

    visitor.plays_beyond(4)
    assert visitor.page.evaluate(f"{PLAYER}.dataset.loads") is None
    encode.attempt, encode.playable = 2, True
    visitor.until(f"{PLAYER}.src.includes('/2/')")
    visitor.plays_beyond(5)


def test_another_attempt_does_not_begin_to_play_by_itself(visitor, encode, film):
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(2)
    visitor.page.evaluate(f"{PLAYER}.pause()")

    encode.attempt = 2

    visitor.until(f"{PLAYER}.src.includes('/2/') && {PLAYER}.readyState >= 2 && {PLAYER}.currentTime >= 2")
    assert visitor.page.evaluate(f"{PLAYER}.paused")


def test_who_comes_to_the_end_of_what_is_there_waits_for_more(visitor, encode, film):
    more = [encode.changes(f"**/{rung}/index.m3u8", two_segments) for rung in ("360", "240")]
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(2)
    back = f"{PLAYER}.addEventListener('seeking', () => {PLAYER}.dataset.led = 'back')"
    visitor.page.evaluate(back)

    visitor.until(f"{PLAYER}.currentTime > 7.9 && {PLAYER}.readyState < 3")
    visitor.page.wait_for_selector(".player media-loading-indicator[medialoading]")
    visitor.until("getComputedStyle(document.querySelector('.player-middle')).opacity === '1'")
    [one() for one in more]

    visitor.plays_beyond(9)
    assert visitor.page.evaluate(f"{PLAYER}.dataset.led") is None


@pytest.mark.parametrize("status", [408, 429])
def test_who_asks_too_often_keeps_the_film_and_its_news(visitor, encode, film, status):
    visitor.watchdog.expect(str(status))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.plays_beyond(0.5)

    with visitor.page.expect_response(lambda answer: answer.status == status):
        refuse_once(visitor.page, film, status)

    encode.attempt = 2
    visitor.until(f"{PLAYER}?.src.includes('/2/')")


@pytest.mark.parametrize("page", ["watch", "embed"])
def test_who_asks_too_often_for_a_film_gets_it_later(visitor, film, page):
    visitor.watchdog.expect("429")
    refuse_once(visitor.page, film, 429)

    visitor.go(f"/{page}/?v={film['id']}")

    visitor.sees("can’t be loaded")
    visitor.until(f"{PLAYER}?.readyState >= 1")


def test_a_film_that_could_not_be_loaded_goes_on_by_itself(visitor, encode, film):
    visitor.watchdog.expect("ERR_", "refused")
    visitor.page.route("**/*.m3u8", lambda route: route.abort("connectionrefused"))
    visitor.go(f"/watch/?v={film['id']}")
    visitor.sees("The video can’t be loaded any more.")

    visitor.page.unroute("**/*.m3u8")
    visitor.page.evaluate("dispatchEvent(new Event('online'))")

    visitor.plays_beyond(0.5)
    assert visitor.page.locator(".player [role=alert]").count() == 0
