"""The site in a real browser: one's own videos."""

import pytest

from tests.e2e.browser import slow_ffmpeg
from tests.e2e.running import Running

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
