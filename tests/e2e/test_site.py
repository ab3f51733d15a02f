"""The site in a real browser, against the real server, identity and encoder."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.e2e.browser import slow_ffmpeg
from tests.e2e.running import Running
from tests.e2e.visitor import DESKTOP, SMALL

pytestmark = pytest.mark.e2e

FIRST_LOAD_AT_MOST = 150_000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    one = Running(folder, FFMPEG=slow_ffmpeg(folder)).start()
    yield one
    one.end()


@pytest.fixture(scope="module")
def film(ann, clips):
    """A finished public video of Ann's."""
    words = "First line\nsecond, see https://example.org/a?b=1. <b>no markup</b>"
    return ann.wait_end(ann.upload(clips / "flash.mp4", title="Flash & <i>beep</i>", description=words))


# --- the story --------------------------------------------------------------------------------------------------------


def test_from_signing_up_to_watching_and_deleting(visit, clips):
    zoe = visit()
    zoe.sign_up("zoe@example.org", "Zoë Example")
    zoe.upload(clips / "long.mp4", "My first film")
    zoe.plays_beyond(1)
    zoe.sees("Preparing")
    zoe.sees("Ready to watch")
    after = zoe.time()
    zoe.plays_beyond(after + 1)

    zoe.link("Open its page").click()
    zoe.page.wait_for_url("**/watch/?v=*")
    zoe.page.get_by_role("heading", name="My first film").wait_for()
    zoe.sees("Zoë Example")
    zoe.plays_beyond(1)
    zoe.choose_rung("240p")
    zoe.height_becomes(240)
    after = zoe.time()
    zoe.plays_beyond(after + 1)

    zoe.link("Edit").click()
    zoe.page.get_by_label("Title").fill("Renamed")
    zoe.button("Save").click()
    zoe.page.get_by_role("heading", name="Renamed").wait_for()

    zoe.button("Delete Renamed").click()
    zoe.button("Delete").click()
    zoe.sees("You have no videos yet")


# --- watching ---------------------------------------------------------------------------------------------------------


def test_everybody_can_watch_what_is_public(visit, film):
    visitor = visit()
    visitor.go("/")
    visitor.link(film["title"]).click()
    visitor.plays_beyond(0.5)

    assert visitor.page.title() == f"{film['title']} – Sluice"
    link = visitor.link("https://example.org/a?b=1")
    assert "nofollow" in link.get_attribute("rel")
    visitor.sees("<b>no markup</b>")
    assert visitor.link("Edit").count() == 0


def test_a_private_video_is_there_for_its_owner_alone(visit, signed_in, ann, clips):
    video_id = ann.upload(clips / "short.mp4", title="Secret", visibility="private")
    ann.wait_end(video_id)
    owner, other = visit(state=signed_in), visit()
    other.watchdog.expect("404")

    owner.go(f"/watch/?v={video_id}")
    other.go(f"/watch/?v={video_id}")

    owner.plays_beyond(0.5)
    owner.sees("Private")
    other.sees("This video isn’t here")
    other.go("/")
    other.page.get_by_role("article").first.wait_for()
    assert other.page.get_by_text("Secret").count() == 0


def test_a_video_that_is_still_prepared_waits_and_starts(visit, film):
    def not_yet(route):
        answer = route.fetch()
        progress = {"stage": "encoding", "percent": 12.0, "secondsLeft": 30.0}
        early = {"status": "processing", "playable": False, "playback": None, "progress": progress}
        route.fulfill(json={**answer.json(), **early})

    visitor = visit()
    visitor.page.route(f"**/api/videos/{film['id']}", not_yet, times=2)
    visitor.go(f"/watch/?v={film['id']}")

    visitor.sees("It starts here by itself")
    visitor.sees("30 seconds left")
    visitor.plays_beyond(0.5)


def test_a_failed_video_says_so(at_home, ann, clips):
    video_id = ann.upload(clips / "text.mp4", title="No film")
    ann.wait_end(video_id)

    at_home.go(f"/watch/?v={video_id}")

    at_home.sees("This video could not be prepared")
    at_home.link("Go to my videos").wait_for()


@pytest.mark.parametrize(
    "address", ["/watch/?v=01JGFJJZ00PZ8K5N3V6X9YQ2RT", "/watch/?v=nonsense", "/watch/", "/no/such/page"]
)
def test_what_is_not_there_is_told(visit, address):
    visitor = visit()
    visitor.watchdog.expect("404")

    visitor.go(address)

    visitor.link("See all videos").wait_for()


def test_another_site_can_frame_the_player_and_nothing_else(visit, film, tmp_path):
    origin = Served(tmp_path)
    visitor = visit()
    visitor.watchdog.origins.add(origin.url)
    visitor.watchdog.expect("frame-ancestors", "X-Frame-Options", "favicon", "404 (File not found)")
    embed = requests.get(
        f"{visitor.running.url}/api/oembed", params={"url": f"{visitor.running.url}/watch/?v={film['id']}"}, timeout=5
    ).json()
    (tmp_path / "index.html").write_text(
        f"{embed['html']}<iframe id=whole src='{visitor.running.url}/watch/?v={film['id']}'></iframe>"
    )

    visitor.go(origin.url + "/")
    player, whole = visitor.page.frames[1], visitor.page.frames[2]
    player.locator("media-play-button").last.click()

    visitor.until("document.querySelector('hls-video')?.currentTime > 0.5", player)
    assert whole.locator("header").count() == 0
    origin.stop()


class Served:
    """A folder on an origin of its own."""

    def __init__(self, folder):
        handler = partial(_Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


# --- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (SMALL, False)], ids=["light", "dark", "small"]
)
@pytest.mark.parametrize("page", ["/", "/upload/", "/library/", "/account/", "/watch/?v={id}", "/embed/?v={id}"])
def test_every_page_is_for_everybody(visit, signed_in, film, page, size, dark):
    visitor = visit(state=signed_in, size=size, dark=dark)
    visitor.go(page.format(id=film["id"]))
    visitor.page.wait_for_load_state("networkidle")

    assert visitor.violations() == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", ["/", "/upload/", "/sign-in/", "/watch/", "/nothing/"])
def test_so_it_is_for_visitors(visit, film, page, dark):
    visitor = visit(dark=dark, size=SMALL)
    visitor.watchdog.expect("404")
    visitor.go(page)
    visitor.page.wait_for_load_state("networkidle")

    assert visitor.violations() == []
    assert visitor.overflow() <= 0


def test_dialogs_and_cards_are_for_everybody_too(at_home, film, clips):
    at_home.go(f"/watch/?v={film['id']}")
    at_home.button("Embed").click()
    at_home.page.get_by_role("dialog").wait_for()
    embed = at_home.violations()
    at_home.go(f"/library/?edit={film['id']}")
    at_home.page.get_by_role("dialog").wait_for()
    edit = at_home.violations()
    at_home.go("/account/")
    at_home.button("Delete my account …").click()
    at_home.page.get_by_role("dialog").wait_for()
    delete = at_home.violations()
    at_home.go("/upload/")
    at_home.choose(clips / "short.mp4", clips / "text.mp4")
    at_home.button("Upload 2 videos").wait_for()

    assert (embed, edit, delete, at_home.violations()) == ([], [], [], [])


def test_the_first_load_of_home_is_small(visit):
    visitor = visit()
    scripts = []
    visitor.page.on(
        "response", lambda answer: scripts.append(answer.url) if answer.url.split("?")[0].endswith(".js") else None
    )
    visitor.go("/")
    visitor.page.wait_for_load_state("networkidle")

    sizes = [len(gzip.compress(requests.get(url, timeout=5).content)) for url in set(scripts)]
    assert 0 < sum(sizes) <= FIRST_LOAD_AT_MOST


def test_home_goes_on_as_far_as_there_are_videos(visit, film):
    def page(route):
        first = "cursor=" not in route.request.url
        letters = "0123456789ABCDEFGHJKMNPQ" if first else "RST"
        items = [{**film, "id": film["id"][:-1] + letter, "title": f"Film {letter}"} for letter in letters]
        route.fulfill(json={"items": items, "nextCursor": "more" if first else None})

    visitor = visit()
    visitor.page.route("**/api/videos?**", page)
    visitor.go("/")
    visitor.link("Film Q").scroll_into_view_if_needed()

    visitor.link("Film T").wait_for()
    assert visitor.page.get_by_role("article").count() == 27


def test_an_empty_home_leads_to_uploading(visit):
    visitor = visit()
    visitor.page.route("**/api/videos?**", lambda route: route.fulfill(json={"items": [], "nextCursor": None}))

    visitor.go("/")

    visitor.link("Upload a video").click()
    visitor.sees("Sign in first")
