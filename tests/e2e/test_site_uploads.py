"""The site in a real browser: files on their way, and whatever comes in between."""

import pytest

from tests.e2e.running import Running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    one = Running(tmp_path_factory.mktemp("uploads"), MAX_UPLOAD_BYTES="80000000").start()
    yield one
    one.end()


def test_what_can_not_be_uploaded_is_told_before_a_byte_goes(at_home, tmp_path):
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(80_000_001)
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    strange = tmp_path / "old.wmv"
    strange.write_bytes(b"0")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    at_home.go("/upload/")

    at_home.choose(large, text, strange, empty)

    at_home.sees("at most 80 MB can be uploaded")
    at_home.page.get_by_text("This is not a video").nth(1).wait_for()
    at_home.sees("This file is empty")
    assert at_home.button("Upload").count() == 0


def test_a_broken_connection_is_told_and_the_upload_goes_on(at_home, clips):
    at_home.watchdog.expect("ERR_")
    at_home.page.route("**/storage/raw", lambda route: route.abort("connectionreset"), times=1)
    at_home.upload(clips / "short.mp4", "Broken once")
    at_home.sees("The connection broke")

    at_home.button("Try again").click()

    at_home.sees("Ready to watch")


@pytest.mark.parametrize("address", ["**/storage/raw", "**/api/uploads"])
def test_what_broke_for_a_moment_goes_on_by_itself(at_home, clips, address):
    at_home.watchdog.expect("ERR_")
    at_home.page.route(address, lambda route: route.abort("connectionrefused"), times=1)
    at_home.upload(clips / "short.mp4", "Broken for a moment")

    at_home.sees("It goes on by itself in a moment.")

    at_home.sees("Ready to watch")


def test_a_title_of_blanks_is_told_before_and_stops_nothing_after(at_home, clips):
    at_home.upload(clips / "short.mp4", "  ")
    assert at_home.page.get_by_label("Title").evaluate("field => field.validity.patternMismatch")
    at_home.page.get_by_label("Title").fill("Named")
    held = []
    at_home.page.route("**/storage/raw", lambda route: held.append(route), times=1)
    with at_home.page.expect_request("**/storage/raw"):
        at_home.button("Upload").click()
    at_home.page.get_by_label("Title", exact=True).fill("  ")

    held[0].continue_()

    at_home.page.get_by_role("region", name="short").get_by_text("Ready to watch").wait_for()


def test_nobody_is_told_that_a_video_is_private_while_it_goes_out_as_public(at_home, clips):
    at_home.page.route("**/storage/raw", lambda route: None)
    at_home.upload(clips / "short.mp4", "Out it goes")
    at_home.sees("It goes out as public")

    assert at_home.page.get_by_label("Who can watch it").is_disabled()
    assert at_home.violations() == []


def test_what_has_arrived_stays_without_a_word_when_the_page_is_left(at_home, ann, clips):
    at_home.watchdog.expect("ERR_")
    at_home.page.route("**/api/videos", lambda route: route.abort(), times=1)
    at_home.upload(clips / "short.mp4", "Precious")
    at_home.sees("The service can’t be reached")

    assert leaving_asks(at_home) == []
    at_home.page.get_by_role("article", name="Precious").wait_for()


def test_what_may_have_arrived_stays_when_the_page_is_left(at_home, ann, clips):
    at_home.watchdog.expect("ERR_")
    held = []
    at_home.page.route("**/storage/raw", lambda route: held.append(route), times=1)
    with at_home.page.expect_response("**/api/uploads") as ticket, at_home.page.expect_request("**/storage/raw"):
        at_home.upload(clips / "short.mp4", "Answer lost")
    ann.post_file(ticket.value.json(), clips / "short.mp4")
    held[0].abort("connectionreset")
    at_home.sees("The connection broke")

    assert leaving_asks(at_home) == ["confirm"]
    at_home.page.get_by_role("article", name="Answer lost").wait_for()


def leaving_asks(visitor):
    """What the browser asks on the way to "My videos", which is then loaded anew; every answer is yes."""
    asked = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visitor.link("My videos").click()
    visitor.page.wait_for_url("**/library/")
    visitor.page.get_by_role("article").first.wait_for()
    visitor.page.reload()
    return asked


def test_an_upload_can_be_cancelled(at_home, ann, clips):
    at_home.page.route("**/storage/raw", lambda route: None)
    at_home.upload(clips / "short.mp4", "Never mind")
    at_home.page.get_by_role("progressbar").wait_for()

    with at_home.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        at_home.button("Cancel").click()

    assert at_home.page.get_by_text("Never mind").count() == 0
    assert "Never mind" not in [video["title"] for video in ann.call("GET", "/me/videos").json()["items"]]


def test_what_is_cancelled_while_the_line_is_down_is_taken_back_later(at_home, ann, clips):
    at_home.watchdog.expect("ERR_")
    at_home.page.route("**/storage/raw", lambda route: None)
    at_home.upload(clips / "short.mp4", "Taken back")
    at_home.page.get_by_role("progressbar").wait_for()
    at_home.page.route("**/api/videos/*", lambda route: route.abort(), times=1)

    with at_home.page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.status == 204):
        at_home.button("Cancel").click()

    assert "Taken back" not in [video["title"] for video in ann.call("GET", "/me/videos").json()["items"]]


def test_what_came_through_unheard_is_not_sent_again_under_another_ticket(at_home, ann, clips):
    at_home.watchdog.expect("ERR_")
    held, tickets = [], []
    at_home.page.route("**/storage/raw", lambda route: held.append(route), times=1)
    at_home.page.on("response", lambda answer: tickets.append(answer) if answer.url.endswith("/api/uploads") else None)
    at_home.page.clock.install()
    with at_home.page.expect_response("**/api/uploads") as ticket, at_home.page.expect_request("**/storage/raw"):
        at_home.upload(clips / "short.mp4", "Only once")
    ann.post_file(ticket.value.json(), clips / "short.mp4")
    at_home.page.clock.fast_forward("59:30")

    held[0].abort("connectionreset")
    at_home.page.clock.run_for(10_000)

    at_home.page.get_by_role("region", name="Only once").get_by_text("Ready to watch").wait_for()
    assert len(tickets) == 1


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

    at_home.page.get_by_role("alert").get_by_text("This is not a video file; upload an MP4").wait_for()
    at_home.go("/library/")
    at_home.sees("Failed")
