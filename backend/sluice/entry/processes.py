"""The supervisor: starts the web server and the workers, starts them again when they die, stops them together."""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sluice.adapters.local import counters
from sluice.adapters.local.doorbell import clear
from sluice.adapters.local.durable import make_folder
from sluice.adapters.local.folders import require_accounts, require_complete
from sluice.adapters.local.listening import reachable, require_port
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.errors import Unavailable
from sluice.messages import LANES
from sluice.settings import Settings
from sluice.upkeep.keeping import require_ours

from .starting import try_tools

# What a process needs beyond the time it may go on.
STOP_SPARE_S = 1.0
LIVES_LONG_S = 10.0
RESTART_AT_MOST_S = 5.0
LOOK_EVERY_S = 0.2
TIE_LOOK_EVERY_S = 0.5
GREET_WITHIN_S = 60.0

log = logging.getLogger(__name__)


@dataclass
class Child:
    """One process to keep alive, and how it has fared."""

    name: str
    argv: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """Run it, in a session of its own: Ctrl-C in the terminal reaches the supervisor alone."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.argv, start_new_session=True, stdin=subprocess.DEVNULL)

    def look(self) -> None:
        """Start it if it is due, and plan its next start if it has died."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self._try_to_start()
        elif (code := self.process.poll()) is not None:
            self._plan(f"ended with {code}")

    def _try_to_start(self) -> None:
        try:
            self.start()
        except OSError as error:
            # A machine that has no process left now may have one soon.
            self._plan(f"can't be started ({error})")

    def _plan(self, what_happened: str) -> None:
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > LIVES_LONG_S else self.deaths + 1
        delay_s = min(RESTART_AT_MOST_S, 0.1 * 2 ** (self.deaths - 1))
        log.warning("process=%s %s, starts again in %.1f s", self.name, what_happened, delay_s)
        self.process, self.start_at = None, now + delay_s

    def signal(self, number: int) -> None:
        """Send it, and all it started, a signal."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


class Supervisor:
    """Keeps its children alive until SIGINT, SIGTERM or SIGHUP; a second one cuts short what they still do."""

    def __init__(self, children: Sequence[Child], stop_s: float) -> None:
        self._children = children
        self._stop_s = stop_s
        # No event: whoever waits for one when a signal comes, and sets it, may wait for himself.
        self._signals = 0

    def run(self) -> None:
        """Return when every child has ended, within `stop_s` and 1 s of the signal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Who was started with nohup outlives the terminal.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: self._told_to_stop())
        while not self._signals:
            for child in self._children:
                child.look()
            time.sleep(LOOK_EVERY_S)
        self._stop()

    def _told_to_stop(self) -> None:
        self._signals += 1

    def _stop(self) -> None:
        for child in self._children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._stop_s + STOP_SPARE_S
        while time.monotonic() < deadline and self._signals < 2 and not all(child.ended() for child in self._children):
            time.sleep(0.02)
        for child in self._children:
            child.signal(signal.SIGKILL)


def supervise(settings: Settings) -> None:
    """Run the whole of Sluice for these settings until told to stop. Unavailable if it runs already.

    BadSettings if ffmpeg or ffprobe can't do their work."""
    with _alone(settings):
        try_tools(settings)
        print(f"Sluice is starting; what it keeps is in {settings.data}", flush=True)
        threading.Thread(target=_greet, args=(settings,), name="greet", daemon=True).start()
        Supervisor(_children(settings), settings.stop_s).run()


def _children(settings: Settings) -> list[Child]:
    # One process for all encodes: only so do they share the machine by what is most urgent.
    return [
        sluice_child("web", "serve"),
        sluice_child("lanes", "worker", *LANES),
        sluice_child("encoder", "worker", ENCODER),
    ]


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder and be sure of the port, so that a second start says what is wrong."""
    with _lock_file(settings.data) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Unavailable(f"another Sluice uses {settings.data}; stop it, or set SLUICE_DATA") from error
        require_complete(settings.data)
        if settings.local_identity:
            require_accounts(settings.data)
        require_ours(settings.data, accounts=settings.local_identity)
        require_port(settings)
        clear(settings.data / "run", even_of_the_living=True)
        counters.clear(settings.data / "run")
        yield


def _lock_file(folder: Path) -> IO[str]:
    try:
        make_folder(folder)
        return (folder / "lock").open("w")
    except OSError as error:
        remedy = "let this account write to it, or set SLUICE_DATA"
        raise Unavailable(f"{folder} can't be used as data folder ({error.strerror}); {remedy}") from error


def _greet(settings: Settings) -> None:
    """Say where to go, as soon as somebody is there."""
    deadline = time.monotonic() + GREET_WITHIN_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection((reachable(settings.host), settings.port), timeout=1).close()
            print(greeting(settings), flush=True)
            return
        except OSError:
            time.sleep(LOOK_EVERY_S)
    log.warning("the web server does not answer on port %d; the lines above should say why", settings.port)


def greeting(settings: Settings) -> str:
    """Where to find everything, once it runs."""
    lines = [f"Sluice runs: {settings.public_url}", f"  the API     {settings.public_url}/api/docs"]
    if settings.shows_outbox:
        lines.append(f"  its mail    {settings.public_url}/cognito/outbox (set SLUICE_SMTP_URL to send it)")
    return "\n".join([*lines, "Ctrl-C stops it."])


def sluice_child(name: str, *words: str) -> Child:
    """A child that runs one of our own commands."""
    return Child(name, [sys.executable, "-m", "sluice", *words, "--tied-to", str(os.getpid())])


def tie_to(parent: int | None, stop_s: float) -> None:
    """Stop this process as its supervisor would, once that is gone: a killed one leaves nothing running."""
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent, stop_s), name="tie", daemon=True).start()


def _outlive(parent: int, stop_s: float) -> None:
    while os.getppid() == parent:
        time.sleep(TIE_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(stop_s + STOP_SPARE_S)
    os.kill(os.getpid(), signal.SIGKILL)
