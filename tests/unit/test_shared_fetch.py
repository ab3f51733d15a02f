"""Web processes share what one of them fetched."""

from datetime import timedelta

import pytest

from sluice.adapters.local.shared_fetch import SharedFetch
from sluice.errors import Unavailable
from tests.making import NOW


class Issuer:
    """Counts how often it is asked, and answers with the count."""

    def __init__(self):
        self.asked = 0
        self.now = NOW

    def fetch(self):
        self.asked += 1
        return {"keys": [], "answer": self.asked}

    def clock(self):
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def processes(issuer, tmp_path):
    return [SharedFetch(issuer.fetch, tmp_path / "run" / "jwks.json", issuer.clock) for _ in range(2)]


def test_the_second_process_takes_over_what_the_first_one_got(issuer, processes):
    first, second = processes
    assert first() == second()
    assert issuer.asked == 1


def test_a_process_that_asks_again_gets_something_newer(issuer, processes):
    first, _ = processes
    first()
    assert first()["answer"] == 2


def test_what_one_process_asked_for_again_serves_the_other(issuer, processes):
    first, second = processes
    first()
    second()
    first()
    assert second()["answer"] == 2
    assert issuer.asked == 2


def test_an_old_answer_is_not_taken_over(issuer, processes):
    first, second = processes
    first()
    issuer.now += timedelta(seconds=10)
    assert second()["answer"] == 2


def test_a_broken_file_is_fetched_over(issuer, processes, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "jwks.json").write_text("{")
    assert processes[0]()["answer"] == 1


def test_a_failure_is_not_shared(issuer, processes, monkeypatch):
    def fail():
        raise Unavailable("down")

    failing = SharedFetch(fail, processes[0]._path, issuer.clock)
    with pytest.raises(Unavailable):
        failing()
    assert processes[0]()["answer"] == 1
