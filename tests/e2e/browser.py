"""The system's Chromium, and what a page must never do."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
SLOW_ENCODES = """#!/bin/sh
case "$*" in *libx264*) exec ffmpeg -readrate 4 "$@" ;; *) exec ffmpeg "$@" ;; esac
"""


def browser_path():
    """The system's Chromium."""
    found = [shutil.which(name) for name in BROWSERS] + [path for path in MAC_BROWSERS if Path(path).exists()]
    return next(filter(None, found))


def slow_ffmpeg(folder):
    """An ffmpeg that encodes at four times real time at most: a while to watch, however many cores there are."""
    script = Path(folder) / "slow-ffmpeg"
    script.write_text(SLOW_ENCODES)
    script.chmod(0o755)
    return str(script)


class Watchdog:
    """Notes errors in the console, uncaught exceptions, failed answers, and requests to other origins."""

    def __init__(self, origins):
        self.origins = set(origins)
        self.complaints = []
        self.expected = []

    def watch(self, page):
        page.on("console", lambda message: self._complain(told(message)) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on(
            "response", lambda answer: self._complain(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        )
        page.on("request", self._judge)

    def expect(self, *words):
        """What this test brings about itself is no complaint."""
        self.expected += words

    def unexpected(self):
        """The complaints that nobody expected."""
        return [text for text in self.complaints if not any(word in text for word in self.expected)]

    def _complain(self, text):
        self.complaints.append(text)

    def _judge(self, request):
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self._complain(f"a request to elsewhere: {request.url}")


def told(message):
    """What a line in the console says, and of what: the text of a failed answer doesn't name it."""
    return " ".join(filter(None, [message.text, (message.location or {}).get("url")]))
