"""The site in a real browser, against the real server, identity and encoder."""

import base64
import gzip
import json
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.e2e.browser import slow_ffmpeg
from tests.e2e.running import Running
from tests.e2e.visitor import DESKTOP, SMALL, cookies_of

pytestmark = pytest.mark.e2e

FIRST_LOAD_AT_MOST = 150_000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    one = Running(folder, FFMPEG=slow_ffmpeg(folder), MAX_UPLOAD_BYTES="80000000").start()
    yield one
    one.end()


@pytest.fixture(scope="module")
def ann(running):
    return running.user("ann")


@pytest.fixture(scope="module")
def signed_in(browser, running, ann):
    """Ann's cookies."""
    return cookies_of(ann.mail, browser, running)


@pytest.fixture
def at_home(visit, signed_in):
    """Ann, signed in."""
    return visit(state=signed_in)


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
    # The menu closes when the player learns of the rungs, which it has to before it plays.
    zoe.plays_beyond(1)
    zoe.page.locator("media-rendition-menu-button").click()
    zoe.page.locator("media-rendition-menu").get_by_text("240p").click()
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


def test_a_forgotten_password_is_replaced(visit, running):
    mail = running.user("forgetful").mail
    visitor = visit()
    visitor.go("/sign-in/")
    visitor.button("Forgot your password?").click()
    visitor.page.get_by_label("Email").fill(mail)
    visitor.button("Send code").click()
    visitor.button("Show my code").click()
    visitor.page.get_by_label("Code").fill(visitor.page.locator("output strong").inner_text())
    visitor.page.get_by_label("New Password").fill("Another-Horse-2")
    visitor.page.get_by_label("Confirm Password").fill("Another-Horse-2")
    visitor.button("Submit").click()
    visitor.page.get_by_label("Email").fill(mail)
    visitor.page.get_by_label("Password", exact=True).fill("Another-Horse-2")
    visitor.page.locator("button[type=submit]").click()

    visitor.page.wait_for_url("**/upload/")


def test_a_wrong_password_is_told(visit, ann):
    visitor = visit()
    visitor.watchdog.expect("400")
    visitor.go("/sign-in/")
    visitor.page.get_by_label("Email").fill(ann.mail)
    visitor.page.get_by_label("Password", exact=True).fill("Wrong-Horse-1")
    visitor.page.locator("button[type=submit]").click()

    visitor.sees("Incorrect username or password")


def test_signing_out_leaves_nothing_of_the_session(visit, running):
    visitor = visit()
    visitor.sign_in(running.user("leaver").mail)
    visitor.button("Account of Leaver").click()
    visitor.button("Sign out").click()
    visitor.link("Sign in").wait_for()

    names = [cookie["name"] for cookie in visitor.context.cookies()]
    assert [name for name in names if "Token" in name or "LastAuthUser" in name] == []


def test_nobody_is_led_to_another_site_after_signing_in(visit, ann, running):
    visitor = visit()
    visitor.go("/sign-in/?next=https://evil.example.org/")
    visitor.page.get_by_label("Email").fill(ann.mail)
    visitor.page.get_by_label("Password", exact=True).fill("Correct-Horse-1")
    visitor.page.locator("button[type=submit]").click()
    visitor.button("Account of Ann").wait_for()

    visitor.page.wait_for_url(f"{running.url}/")


# --- uploads ----------------------------------------------------------------------------------------------------------


def test_what_can_not_be_uploaded_is_told_before_a_byte_goes(at_home, tmp_path):
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(80_000_001)
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    at_home.go("/upload/")

    at_home.choose(large, text, empty)

    at_home.sees("at most 80 MB can be uploaded")
    at_home.sees("This is not a video")
    at_home.sees("This file is empty")
    assert at_home.button("Upload").count() == 0


def test_a_broken_connection_is_told_and_the_upload_goes_on(at_home, clips):
    at_home.watchdog.expect("ERR_")
    at_home.page.route("**/storage/raw", lambda route: route.abort("connectionreset"), times=1)
    at_home.upload(clips / "short.mp4", "Broken once")
    at_home.sees("The connection broke")

    at_home.button("Try again").click()

    at_home.sees("Ready to watch")


def test_an_upload_can_be_cancelled(at_home, ann, clips):
    at_home.page.route("**/storage/raw", lambda route: None)
    at_home.upload(clips / "short.mp4", "Never mind")
    at_home.page.get_by_role("progressbar").wait_for()

    with at_home.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        at_home.button("Cancel").click()

    assert at_home.page.get_by_text("Never mind").count() == 0
    assert "Never mind" not in [video["title"] for video in ann.call("GET", "/me/videos").json()["items"]]


@pytest.mark.parametrize("way", ["link", "reload"])
def test_leaving_in_the_middle_asks_first(at_home, clips, way):
    asked = []
    at_home.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    at_home.page.route("**/storage/raw", lambda route: None)
    at_home.upload(clips / "short.mp4", "Half-way")
    at_home.page.get_by_role("progressbar").wait_for()

    ways = {
        "link": lambda: at_home.link("My videos").click(),
        "reload": lambda: at_home.page.evaluate("location.reload()"),
    }
    ways[way]()

    at_home.page.wait_for_timeout(300)
    assert asked == [{"link": "confirm", "reload": "beforeunload"}[way]]
    assert at_home.page.url.endswith("/upload/")
    at_home.page.unroute("**/storage/raw")


def test_signing_out_in_the_middle_asks_first_and_then_leaves_nothing(visit, running, clips):
    quitter, answers = running.user("quitter"), iter(["dismiss", "accept"])
    visitor = visit()
    visitor.page.on("dialog", lambda dialog: getattr(dialog, next(answers))())
    visitor.page.route("**/storage/raw", lambda route: None)
    visitor.sign_in(quitter.mail)
    visitor.upload(clips / "short.mp4", "Half-way")
    visitor.page.get_by_role("progressbar").wait_for()
    visitor.button("Account of Quitter").click()

    visitor.button("Sign out").click()

    assert visitor.page.url.endswith("/upload/")
    assert len(quitter.call("GET", "/me/videos").json()["items"]) == 1
    visitor.button("Sign out").click()
    visitor.link("Sign in").wait_for()
    assert quitter.call("GET", "/me/videos").json()["items"] == []


def test_several_files_become_several_videos(at_home, clips):
    at_home.go("/upload/")
    at_home.choose(clips / "short.mp4", clips / "flash.mp4")
    at_home.button("Upload 2 videos").click()

    at_home.page.get_by_text("Ready to watch").nth(1).wait_for()


def test_what_is_no_film_after_all_fails_with_a_reason(at_home, clips):
    at_home.upload(clips / "text.mp4", "Text")

    at_home.page.get_by_role("alert").get_by_text("Upload another file").wait_for()
    at_home.go("/library/")
    at_home.sees("Failed")


# --- my videos --------------------------------------------------------------------------------------------------------


def test_my_videos_shows_how_far_an_encode_is(at_home, ann, clips):
    ann.upload(clips / "long.mp4", title="On its way")
    at_home.go("/library/")
    row = at_home.page.get_by_role("article", name="On its way")

    row.get_by_text("Preparing").wait_for()
    row.get_by_text("Ready").wait_for()


def test_a_draft_is_published_from_my_videos(at_home, ann, clips):
    ticket = ann.ticket(filename="holiday.mp4")
    ann.post_file(ticket, clips / "short.mp4")
    at_home.go("/library/")
    at_home.sees("Draft, not published yet")

    at_home.button("Publish holiday.mp4").click()
    at_home.page.get_by_label("Title").fill("Holiday")
    at_home.button("Publish").click()

    at_home.page.get_by_role("article", name="Holiday", exact=True).wait_for()
    assert ann.video(ticket["id"])["title"] == "Holiday"


def test_the_original_of_a_failed_video_is_downloaded(at_home, ann, clips):
    ann.wait_end(ann.upload(clips / "text.mp4", title="To keep"))
    at_home.go("/library/")
    with at_home.page.expect_download() as begun:
        at_home.button("Download original of To keep").click()

    assert begun.value.suggested_filename == "text.mp4"
    assert begun.value.path().read_bytes() == (clips / "text.mp4").read_bytes()
    at_home.page.get_by_role("heading", name="My videos").wait_for()


def ran_out(token):
    """The token as it would be had it run out an hour ago."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    old = json.dumps({**claims, "exp": int(time.time()) - 3600}).encode()
    return ".".join((head, base64.urlsafe_b64encode(old).decode().rstrip("="), signature))


def test_a_session_that_ended_leads_to_signing_in(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.watchdog.expect("400", "401")
    visitor.context.add_cookies([{**one, "value": ran_out(one["value"])} for one in visitor.cookies("accessToken")])
    visitor.context.add_cookies([{**one, "value": "forgotten"} for one in visitor.cookies("refreshToken")])

    visitor.go("/library/")

    visitor.link("Sign in or sign up").wait_for()


def test_a_token_that_ran_out_is_renewed_without_a_word(visit, signed_in):
    visitor = visit(state=signed_in)
    visitor.context.add_cookies([{**one, "value": ran_out(one["value"])} for one in visitor.cookies("accessToken")])

    visitor.go("/library/")

    visitor.page.get_by_role("heading", name="My videos").wait_for()
    visitor.page.get_by_role("article").first.wait_for()


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
@pytest.mark.parametrize("page", ["/", "/upload/", "/library/", "/watch/?v={id}", "/embed/?v={id}"])
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
    at_home.go("/upload/")
    at_home.choose(clips / "short.mp4", clips / "text.mp4")
    at_home.button("Upload 2 videos").wait_for()

    assert (embed, edit, at_home.violations()) == ([], [], [])


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
