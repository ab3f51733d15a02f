"""Somebody in front of the site, and what they do there by mouse and keyboard."""

import base64
import json
import re
import time

from playwright.sync_api import Error

from tests.e2e.browser import HERE, Watchdog
from tests.e2e.running import PASSWORD, until

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 800}
SMALL = {"width": 320, "height": 640}
PATIENCE_MS = 45_000


class Visitor:
    """One browser profile with one tab; `watchdog` notes what went wrong in it."""

    def __init__(self, browser, running, *, size=DESKTOP, dark=False, state=None):
        self.running = running
        self.watchdog = Watchdog([running.url])
        self.context = browser.new_context(
            base_url=running.url, viewport=size, color_scheme="dark" if dark else "light", storage_state=state
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.watchdog.watch(self.page)

    def leave(self):
        self.context.close()

    # --- going about ---

    def go(self, path):
        self.page.goto(path)
        return self.page

    def button(self, name, exact=True):
        return self.page.get_by_role("button", name=name, exact=exact)

    def link(self, name, exact=True):
        return self.page.get_by_role("link", name=name, exact=exact)

    def has_focus(self, element):
        """Whether the keyboard goes to this element."""
        return element.evaluate("element => element === document.activeElement")

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for()

    # --- accounts ---

    def sign_up(self, mail, name="Ann Example"):
        """From the form to being signed in, with the code that is a click away."""
        self.create_account(mail, name)
        self.button("Show my code").click()
        self.confirm_account()

    def create_account(self, mail, name="Ann Example"):
        """As far as to the question for the code."""
        self.go("/sign-in/")
        self.page.get_by_role("tab", name="Create Account").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Email").fill(mail)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("Confirm Password").fill(PASSWORD)
        self.button("Create Account").click()

    def confirm_account(self):
        """With the code that is shown; that signs in, too."""
        self.enter_code()
        self.page.wait_for_url("**/upload/")

    def enter_code(self):
        """Answer the question for the code with the one that is shown."""
        self.page.get_by_label("Confirmation Code").fill(self.page.locator("output strong").inner_text())
        self.button("Confirm").click()

    def sign_in(self, mail, back="/library/"):
        self.fill_sign_in(mail, back)
        self.page.wait_for_url(self.running.url + back)

    def fill_sign_in(self, mail, back="/library/"):
        """As far as to what the service says to it."""
        self.go(f"/sign-in/?next={back}")
        self.page.get_by_label("Email").fill(mail)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.locator("button[type=submit]").click()

    def let_token_run_out(self):
        """The access token that the browser keeps is over; the service has not said so."""
        self.context.add_cookies([{**one, "value": ran_out(one["value"])} for one in self.cookies("accessToken")])

    # --- uploads ---

    def choose(self, *files):
        """Choose files on the upload page."""
        self.page.locator("input[type=file]").set_input_files([str(file) for file in files])

    def upload(self, file, title):
        """Choose, name and send a file; the page then waits for the video."""
        self.go("/upload/")
        self.choose(file)
        self.page.get_by_label("Title").fill(title)
        self.button("Upload").click()

    # --- watching ---

    def time(self):
        """Where the player is, in seconds."""
        return self.page.evaluate("document.querySelector('hls-video').currentTime")

    def plays_beyond(self, seconds):
        self.until(f"document.querySelector('hls-video')?.currentTime > {seconds}")

    def choose_rung(self, name):
        """By the menu, which closes whenever the player learns of a rung."""
        rung = self.page.locator("media-rendition-menu").get_by_text(name)
        for tries_left in reversed(range(5)):
            if not rung.is_visible():
                self.page.locator("media-rendition-menu-button").click()
            try:
                rung.click(timeout=PATIENCE_MS / 10)
            except Error:
                if not tries_left:
                    raise
            else:
                return

    def height_becomes(self, height):
        self.until(f"document.querySelector('hls-video').videoHeight === {height}")

    def video_id(self):
        """The id in the address of the watch page."""
        return re.search(r"v=(\w{26})", self.page.url)[1]

    # --- judging ---

    def until(self, expression, frame=None):
        """Wait for it to be true; Playwright's own waiting needs `eval`, which the pages forbid."""
        until(lambda: (frame or self.page).evaluate(expression), PATIENCE_MS / 1000, expression)

    def cookies(self, kind):
        return [cookie for cookie in self.context.cookies() if cookie["name"].endswith(kind)]

    def violations(self):
        """What axe calls serious or critical on this page."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def overflow(self):
        """How many pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def ran_out(token):
    """The token as it would be had it run out an hour ago."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    old = json.dumps({**claims, "exp": int(time.time()) - 3600}).encode()
    return ".".join((head, base64.urlsafe_b64encode(old).decode().rstrip("="), signature))


def cookies_of(mail, browser, running):
    """Those that somebody with this address has after signing in."""
    visitor = Visitor(browser, running)
    visitor.sign_in(mail)
    state = visitor.context.storage_state()
    visitor.leave()
    return state
