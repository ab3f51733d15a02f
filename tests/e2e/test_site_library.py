"""The site in a real browser: one's own videos."""

import pytest

from tests.e2e.browser import slow_ffmpeg
from tests.e2e.running import Running
from tests.e2e.visitor import cookies_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    one = Running(folder, FFMPEG=slow_ffmpeg(folder)).start()
    yield one
    one.end()


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


def test_the_keyboard_goes_on_where_a_dialog_was_opened(at_home, ann, clips):
    for title in ("Kept", "Gone"):
        ann.upload(clips / "text.mp4", title=title)
    at_home.go("/library/")
    edit = at_home.button("Edit Kept")
    edit.click()
    at_home.page.get_by_role("dialog").wait_for()
    at_home.page.keyboard.press("Escape")
    assert at_home.has_focus(edit)

    at_home.button("Delete Gone").click()
    at_home.button("Delete").click()
    at_home.page.get_by_role("article", name="Gone").wait_for(state="detached")
    assert at_home.has_focus(at_home.page.locator("main"))


# --- more than a page of them -----------------------------------------------------------------------------------------


@pytest.fixture
def collector(running, clips):
    """Somebody with four videos, one of which never came."""
    user = running.user("collector")
    user.oldest = user.upload(clips / "text.mp4", title="One")
    user.awaited = user.ticket(filename="awaited.mp4")["id"]
    user.upload(clips / "text.mp4", title="Two")
    user.upload(clips / "text.mp4", title="Three")
    yield user
    user.leave()


@pytest.fixture
def by_two(visit, browser, running, collector):
    """The collector, signed in; their videos come in pages of two."""

    def two(route):
        route.continue_(url=route.request.url.replace("limit=50", "limit=2"))

    visitor = visit(state=cookies_of(collector.mail, browser, running))
    visitor.page.route("**/api/me/videos?*", two)
    return visitor


def test_older_videos_are_kept_up_to_date_too(by_two, collector, clips):
    by_two.watchdog.expect("404")
    by_two.go("/library/")
    by_two.button("Show more").click()
    by_two.button("Edit One").click()
    by_two.page.get_by_label("Title").fill("Renamed")
    by_two.button("Save").click()
    by_two.page.get_by_role("article", name="Renamed").wait_for()

    collector.upload(clips / "text.mp4", title="Four")
    by_two.page.get_by_role("article", name="Four").wait_for()
    collector.call("DELETE", f"/videos/{collector.awaited}")

    by_two.page.get_by_role("article", name="awaited.mp4").wait_for(state="detached")
    titles = by_two.page.get_by_role("article").evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert titles == ["Four", "Three", "Two", "Renamed"]


def test_an_older_video_is_edited_from_its_page(by_two, collector):
    by_two.go(f"/watch/?v={collector.oldest}")
    by_two.link("Edit").click()

    by_two.page.get_by_role("dialog").get_by_label("Title").wait_for()
    assert by_two.page.get_by_label("Title").input_value() == "One"
