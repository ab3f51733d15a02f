"""Clips and running instances for the tests with real processes."""

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS, browser_path
from tests.e2e.encoding import AAC, X264, flash_and_beep, make, picture, tone
from tests.e2e.running import Running
from tests.e2e.visitor import Visitor, cookies_of


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """A folder of generated clips."""
    folder = tmp_path_factory.mktemp("clips")
    make(folder / "short.mp4", *picture(3), *tone(3), *X264, *AAC)
    make(folder / "long.mp4", *picture(30, "1280x720"), *tone(30), *X264, *AAC)
    make(folder / "flash.mp4", *flash_and_beep(10), *X264, *AAC)
    (folder / "text.mp4").write_text("This is no film.\n" * 100)
    return folder


@pytest.fixture
def new_running(tmp_path):
    """Starts instances that end with the test, however it ends."""
    started = []

    def start(folder="home", **settings):
        home = tmp_path / folder
        home.mkdir(exist_ok=True)
        started.append(Running(home, **settings).start())
        return started[-1]

    yield start
    for running in started:
        running.end()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One instance for the tests of a module that leave it as they found it."""
    one = Running(tmp_path_factory.mktemp("running")).start()
    yield one
    one.end()


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, running):
    """Opens browsers; nothing may have gone wrong in them in the end."""
    visitors = []

    def open_one(**wanted):
        visitors.append(Visitor(browser, running, **wanted))
        return visitors[-1]

    yield open_one
    complaints = [text for visitor in visitors for text in visitor.watchdog.unexpected()]
    for visitor in visitors:
        visitor.leave()
    assert complaints == []


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
