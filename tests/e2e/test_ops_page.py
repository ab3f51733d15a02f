"""The operator's page in a real browser: for operators alone, up to date by itself, quiet while nobody looks."""

import sqlite3
from contextlib import closing

import pytest

from tests.e2e.browser import slow_ffmpeg
from tests.e2e.running import Running, until
from tests.e2e.visitor import DESKTOP, SMALL, cookies_of

pytestmark = pytest.mark.e2e

LETTER = """
    INSERT INTO messages (lane, body, sent_at, visible_at, receives, dead, error)
    VALUES (?, ?, unixepoch() - 90, 0, 5, 1, 'Unavailable: the disk is gone') RETURNING seq
"""
UNKNOWN = "01JD0000000000000000000001"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ops")
    one = Running(folder, FFMPEG=slow_ffmpeg(folder)).start()
    yield one
    one.end()


@pytest.fixture(scope="module")
def olga(running):
    user = running.user("olga")
    running.sluice("operators", "add", user.mail)
    return user


@pytest.fixture(scope="module")
def signed_in(browser, running, olga):
    """Olga's cookies."""
    return cookies_of(olga.mail, browser, running)


@pytest.fixture
def operator(visit, signed_in):
    return visit(state=signed_in)


@pytest.fixture
def bury(running):
    """Lays a dead letter into a lane; its number."""

    def bury(lane="sources", kind="SourceArrived"):
        body = f'{{"type":"{kind}","video_id":"{UNKNOWN}"}}'
        with closing(sqlite3.connect(running.folder / "data" / "sluice.db")) as database, database:
            return database.execute(LETTER, (lane, body)).fetchone()[0]

    return bury


def test_the_menu_of_an_operator_leads_there(operator):
    operator.go("/")
    operator.button("Account of Olga").click()
    operator.link("Operations").click()
    operator.page.get_by_role("heading", name="Operations").wait_for()
    row = operator.page.get_by_role("row", name="encoder").first
    row.wait_for()
    assert operator.page.get_by_role("region", name="Workers").get_by_role("row").count() >= 3


def test_nobody_else_is_led_there_or_sees_anything(visit, running):
    zoe = visit()
    zoe.sign_in(running.user("zoe").mail)
    zoe.button("Account of Zoe").click()
    zoe.button("Sign out").wait_for()
    assert zoe.link("Operations").count() == 0
    zoe.go("/ops/")
    zoe.page.get_by_role("heading", name="For operators").wait_for()


def test_a_visitor_is_asked_to_sign_in(visit):
    visitor = visit()
    visitor.go("/ops/")
    visitor.sees("Sign in as an operator")


def test_an_encode_is_seen_while_it_runs_and_a_failure_after_it(operator, olga, clips):
    operator.go("/ops/")
    video_id = olga.upload(clips / "long.mp4", title="On its way")
    operator.page.get_by_role("progressbar", name="Encoding On its way").wait_for()
    olga.upload(clips / "text.mp4", title="No film")
    operator.sees("not_a_video")
    operator.link("No film").wait_for()
    olga.wait_end(video_id)
    operator.page.get_by_role("progressbar", name="Encoding On its way").wait_for(state="detached")


def test_a_dead_letter_is_replayed(operator, running, bury):
    number = bury()
    operator.go("/ops/")
    operator.sees("Unavailable: the disk is gone")
    operator.button(f"Replay letter {number}").click()
    operator.page.get_by_role("status").get_by_text(f"Letter {number} is delivered again.").wait_for()
    operator.button(f"Replay letter {number}").wait_for(state="detached")
    until(lambda: UNKNOWN not in running.sluice("queue"), 10, "it was delivered")


def test_a_dead_letter_is_dropped_after_a_question(operator, running, bury):
    number = bury("encoder", "order")
    operator.go("/ops/")
    operator.button(f"Drop letter {number}").click()
    assert operator.button(f"Replay letter {number}").count() == 0
    operator.button("Drop").click()
    operator.button(f"Drop letter {number}").wait_for(state="detached")
    assert f"dead {number}:" not in running.sluice("queue")


def test_a_hidden_page_asks_nothing(operator):
    asked = []
    operator.page.on("request", lambda request: asked.append(request.url) if "/api/ops" in request.url else None)
    operator.page.clock.install()
    operator.go("/ops/")
    operator.page.get_by_role("heading", name="Queues").wait_for()
    operator.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.away })")
    before = len(asked)
    operator.page.evaluate("window.away = true")
    operator.page.clock.run_for(60_000)
    assert len(asked) == before
    operator.page.evaluate("(window.away = false, document.dispatchEvent(new Event('visibilitychange')))")
    until(lambda: operator.page.evaluate("1") and len(asked) > before, 10, "it asks again")


def test_a_service_that_does_not_answer_is_told_and_found_again(operator):
    operator.watchdog.expect("503")
    operator.go("/ops/")
    operator.page.get_by_role("heading", name="Queues").wait_for()
    problem = {"code": "unavailable", "detail": "Something we need does not answer now; try again soon."}
    operator.page.route("**/api/ops", lambda route: route.fulfill(status=503, json=problem), times=1)
    operator.sees("What stands here is older.")
    operator.page.get_by_text("What stands here is older.").wait_for(state="detached")


def test_where_another_service_shows_it_that_is_told(operator):
    operator.watchdog.expect("501")
    problem = {"code": "not_here", "detail": "This Sluice is on AWS, whose dashboard in CloudWatch shows this."}
    operator.page.route("**/api/ops", lambda route: route.fulfill(status=501, json=problem))
    operator.go("/ops/")
    operator.sees("whose dashboard in CloudWatch shows this")


@pytest.mark.parametrize("size", [DESKTOP, SMALL], ids=["desktop", "small"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_accessible_and_fits(visit, signed_in, bury, size, dark):
    bury("tasks", "OwnerDeleted")
    visitor = visit(state=signed_in, size=size, dark=dark)
    visitor.go("/ops/")
    visitor.page.get_by_role("article").first.wait_for()
    assert visitor.violations() == []
    assert visitor.overflow() <= 0
