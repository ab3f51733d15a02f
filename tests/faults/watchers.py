"""Watchers: what viewers fetch while encodes run, and whether the lanes go on."""

import random
import re
import sqlite3
import threading
import time
from urllib.parse import urljoin

import requests

from . import processes

LEASE_S = 15.0
RESUMES_WITHIN_S = LEASE_S + 5
FITS_WITHIN_S = 0.3
_DURATION = re.compile(r"^#EXTINF:([0-9.]+)", re.MULTILINE)


class Watcher(threading.Thread):
    """Looks again and again until it is told to stop; what can't be reached now is no news."""

    pause_s = 0.1

    def __init__(self, book):
        super().__init__(name=type(self).__name__, daemon=True)
        self.book = book
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(self.pause_s):
            try:
                self.look()
            except (requests.RequestException, sqlite3.Error, FileNotFoundError):
                continue

    def end(self):
        """Stop looking."""
        self._over.set()
        self.join(30)


class Viewer(Watcher):
    """Fetches the playlists of videos that can be watched; a playlist with an end must be the whole of it."""

    def __init__(self, book, clips):
        super().__init__(book)
        self._clips = clips
        self._seen = set()

    def look(self):
        unseen = [one for one in self.book.stored if one.video_id not in self._seen]
        for kept in random.sample(unseen, min(8, len(unseen))):
            answer = kept.user.call("GET", f"/videos/{kept.video_id}")
            self.book.answers[f"view {answer.status_code}"] += 1
            video = answer.json() if answer.status_code == 200 else {}
            if video.get("playable") and video.get("playback"):
                self._watch(kept, video["playback"]["hls"])
            if video.get("status") in ("done", "failed"):
                self._seen.add(kept.video_id)

    def _watch(self, kept, master):
        listed = requests.get(master, timeout=10)
        names = [line for line in listed.text.splitlines() if line and not line.startswith("#")]
        for name in names if listed.status_code == 200 else ():
            playlist = requests.get(urljoin(master, name), timeout=10)
            if playlist.status_code == 200 and "#EXT-X-ENDLIST" in playlist.text:
                self._judge(kept, urljoin(master, name), playlist.text)

    def _judge(self, kept, url, text):
        self.book.final_playlists += 1
        plays_s = sum(map(float, _DURATION.findall(text)))
        wanted_s = self._clips[kept.clip].duration_s
        if wanted_s is None or abs(plays_s - wanted_s) > FITS_WITHIN_S:
            self.book.violated(f"a partial playlist was served as final: {url} plays {plays_s} s of {wanted_s}")


class LaneWatch(Watcher):
    """Measures for how long there was work that nobody did, though all had the means to."""

    pause_s = 0.25

    def __init__(self, book, place):
        super().__init__(book)
        self.hindered = threading.Event()
        self.backlog = 0
        self._place = place
        self._since = {}
        self._blamed = set()

    def look(self):
        sql = "SELECT seq, lane, lease, visible_at, receives FROM messages WHERE dead = 0"
        with self._place.database() as database:
            rows = database.execute(sql).fetchall()
        self.backlog = len(rows)
        alive = processes.living()
        lanes = {lane: [row for row in rows if row["lane"] == lane] for lane in {row["lane"] for row in rows}}
        idle = {lane for lane, waiting in lanes.items() if _is_idle(waiting, alive)}
        for lane in list(self._since):
            if lane not in idle or self.hindered.is_set():
                del self._since[lane]
        for lane in idle if not self.hindered.is_set() else ():
            stalled_s = time.monotonic() - self._since.setdefault(lane, time.monotonic())
            self.book.longest_stall_s = max(self.book.longest_stall_s, stalled_s)
            if stalled_s > RESUMES_WITHIN_S:
                self._blame(lane, lanes[lane])

    def _blame(self, lane, waiting):
        """Once: what waits will wait on at the next look."""
        if lane not in self._blamed:
            self._blamed.add(lane)
            words = "; ".join(f"{row['seq']}: {_words(row)}" for row in waiting)
            self.book.violated(f"lane {lane}: no work on it for more than {RESUMES_WITHIN_S:.0f} s ({words})")


def _is_idle(rows, alive):
    """Whether there is something to take, and nobody at work."""
    now = time.time()
    if any(row["lease"] and row["visible_at"] > now and int(row["lease"].split("-")[0]) in alive for row in rows):
        return False
    return any(row["lease"] or row["visible_at"] <= now for row in rows)


def _words(row):
    holder = f"leased by {row['lease'].partition('-')[0]}" if row["lease"] else "free"
    return f"{holder}, visible in {row['visible_at'] - time.time():.1f} s, received {row['receives']} times"
