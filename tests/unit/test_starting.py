"""How commands begin: the log in the form that was asked for."""

import json
import logging

import pytest

from sluice.entry.starting import ready
from tests.making import an_id


@pytest.fixture
def line(monkeypatch, capsys):
    """What one line of the log looks like under these settings."""
    root = logging.getLogger()
    level = root.level

    def line(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"SLUICE_{name}", value)
        # Those of the test's own runner are there by now.
        monkeypatch.setattr(root, "handlers", [])
        ready()
        logging.getLogger("sluice.changes").info("video=%s request=%s pending->processing", an_id(1), "r-1")
        return capsys.readouterr().err

    yield line
    root.setLevel(level)


def test_lines_are_text_for_people_unless_asked_otherwise(line):
    assert line().endswith(f"INFO sluice.changes video={an_id(1)} request=r-1 pending->processing\n")


def test_lines_are_json_for_machines(line):
    found = json.loads(line(LOG_FORMAT="json"))
    assert (found["level"], found["logger"]) == ("INFO", "sluice.changes")
    assert (found["video"], found["request"]) == (an_id(1), "r-1")


def test_lines_below_the_level_are_left_out(line):
    assert line(LOG_LEVEL="WARNING") == ""
