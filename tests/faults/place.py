"""The instance under attack: on a small disk of its own where we may mount one, with its database open beside it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.running import Running

from . import processes

START_WITHIN_S = 90
GONE_WITHIN_S = 6


class Place:
    """A folder with one Sluice in it, which can be started again and again."""

    def __init__(self, folder, *, disk_mb=0, reserve_mb=24, workers=2, settings=()):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.reserve_bytes = reserve_mb << 20
        self.mounted = _mount(self.data, disk_mb)
        sizes = {"WORKERS": str(workers), "RESERVE_BYTES": str(self.reserve_bytes)}
        self.running = Running(self.folder, **sizes, **dict(settings))

    @property
    def alive(self):
        """Whether its supervisor lives."""
        process = self.running.process
        return process is not None and process.poll() is None

    def start(self):
        """Run it, once the one before is gone; on a full disk it may take several tries."""
        self.survivors()
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                self.running.start()
            except AssertionError:
                self.kill_all()
                if time.monotonic() > deadline:
                    raise
            else:
                return self

    def survivors(self):
        """The processes that are still there when all had the time to end."""
        deadline = time.monotonic() + GONE_WITHIN_S
        while (left := processes.using(self.data)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def family(self):
        """Every process below the supervisor."""
        return processes.below(self.running.process.pid) if self.alive else []

    def kill_all(self):
        """End all of it at once."""
        family = self.family()
        if self.alive:
            self.running.process.kill()
        for one in family:
            kill(one.pid)
        if self.running.process is not None:
            self.running.process.wait(10)

    def stop(self):
        """Ask it to end, as an operator would; the processes that stay all the same."""
        if self.alive:
            self.running.process.send_signal(signal.SIGINT)
            self.running.process.wait(20)
        return self.survivors()

    def clean_up(self):
        """Nothing of it runs, and its disk is given back."""
        for one in processes.using(self.data):
            kill(one.pid)
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.data)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def database(self):
        """Its database, for a look or for mischief."""
        connection = sqlite3.connect(self.data / "sluice.db", timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, sql, values=()):
        """What a query finds."""
        with self.database() as database:
            return database.execute(sql, values).fetchall()

    def minute_passes(self):
        """What would be there after a minute in which nothing happened: rows are due, leftovers are old."""
        with self.database() as database:
            database.execute("UPDATE videos SET due_at = due_at - 60 WHERE due_at > unixepoch()")
        for path in (*self.leftovers(), *(self.data / "raw" / ".metadata").glob("*")):
            with suppress(FileNotFoundError):
                os.utime(path, (0, 0), follow_symlinks=False)

    def leftovers(self):
        """Whatever is unfinished: uploads, writes, work on orders."""
        folders = ("raw/.unfinished", "media/.unfinished", "work")
        return [path for folder in folders if (self.data / folder).is_dir() for path in (self.data / folder).iterdir()]


def kill(pid):
    """SIGKILL; fine for what has ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _mount(folder, megabytes):
    folder.mkdir(parents=True)
    if not megabytes:
        return False
    argv = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    return shutil.which("mount") is not None and subprocess.run(argv, capture_output=True).returncode == 0
