"""Who sleeps is woken as soon as there is something to do."""

import os
import subprocess
import sys
import threading

import pytest

from sluice.adapters.local.doorbell import Doorbell, clear, ring_all, sleepers

WITHIN_S = 10


@pytest.fixture
def bell(tmp_path):
    with Doorbell(tmp_path, "sources", "sources-0") as bell:
        yield bell


@pytest.fixture
def sleeper(bell):
    """Somebody who would sleep for far longer than a test takes."""
    sleeper = threading.Thread(target=bell.wait, args=(60,), daemon=True)
    sleeper.start()
    return sleeper


def test_a_sleeper_wakes_when_its_lane_is_rung(tmp_path, sleeper):
    ring_all(tmp_path, "sources")
    sleeper.join(WITHIN_S)
    assert not sleeper.is_alive()


def test_a_sleeper_wakes_when_it_is_rung_itself(bell, sleeper):
    bell.ring()
    sleeper.join(WITHIN_S)
    assert not sleeper.is_alive()


def test_a_lane_without_sleepers_can_be_rung(tmp_path):
    ring_all(tmp_path, "sources")
    assert list(tmp_path.iterdir()) == []


def test_a_sleeper_whom_nobody_rings_wakes_when_its_time_is_up(bell):
    sleeper = threading.Thread(target=bell.wait, args=(0.01,), daemon=True)
    sleeper.start()
    sleeper.join(WITHIN_S)
    assert not sleeper.is_alive()


def test_the_bells_of_those_who_were_killed_are_removed(tmp_path, bell):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(WITHIN_S)
    os.mkfifo(tmp_path / f"sources.{dead.pid}-0.bell")
    clear(tmp_path)
    assert [pid for _, pid in sleepers(tmp_path)] == [os.getpid()]
    assert len(list(tmp_path.iterdir())) == 1
    clear(tmp_path, even_of_the_living=True)
    assert list(tmp_path.iterdir()) == []
