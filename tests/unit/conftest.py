"""What several unit tests begin with."""

import threading
from queue import Empty, Queue

import pytest

from sluice.adapters.local.pool import Band, Task

WITHIN_S = 10
# Who waits for a beginning gives up long before what runs ends by itself.
AT_LAST_S = 6 * WITHIN_S


class Films:
    """Tasks that say when they begin, and end when they are told to."""

    def __init__(self):
        self.begun = Queue()
        self.gates = {}

    def task(self, name, band=Band.REST, rank=0, memory_bytes=1, **given):
        self.gates[name] = threading.Event()
        return Task(name[0], band, rank, memory_bytes, lambda task: self._work(name, task), **given)

    def _work(self, name, task):
        self.begun.put((name, task.threads))
        self.gates[name].wait(AT_LAST_S)

    def next(self):
        return self.begun.get(timeout=WITHIN_S)[0]

    def several(self, number):
        return {self.next() for _ in range(number)}

    def end(self, *names):
        for name in names:
            self.gates[name].set()

    def nobody_begins(self):
        with pytest.raises(Empty):
            self.begun.get_nowait()
        return True


@pytest.fixture
def films():
    films = Films()
    yield films
    films.end(*films.gates)
