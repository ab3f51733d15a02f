"""A data folder that lost a database: nothing begins a new one beside what belongs to the old."""

from dataclasses import replace
from pathlib import Path

import pytest

from sluice.entry.processes import supervise
from sluice.errors import Unavailable
from sluice.settings import Settings
from sluice.wiring.local import local_home
from tests.upkeep.conftest import Sluice, Told


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started here, even where nothing is noticed."""
    monkeypatch.setattr("sluice.entry.processes.Supervisor", None)
    monkeypatch.setattr("sluice.entry.serve.WebServer", None)
    monkeypatch.setattr("sluice.entry.worker.Worker", None)


def files(data: Path) -> set[Path]:
    return {path for path in data.rglob("*") if path.is_file() and path.name != "lock"}


@pytest.fixture
def without_videos(story: Told, data: Path) -> set[Path]:
    """The database of the videos is lost; what is left."""
    story.done()
    (data / "sluice.db").unlink()
    return files(data)


def test_nothing_starts_where_the_database_of_videos_is_lost(without_videos: set[Path], settings: Settings) -> None:
    with pytest.raises(Unavailable, match=r"holds videos, and no sluice\.db that knows them; put it back, restore"):
        supervise(settings)
    with pytest.raises(Unavailable, match="holds videos"):
        local_home(settings)
    assert files(settings.data) == without_videos


@pytest.mark.parametrize("command", ["serve", "worker", "sweep", "gc", "videos", "queue"])
def test_every_command_says_what_is_lost_and_leaves_the_rest(
    sluice: Sluice, without_videos: set[Path], data: Path, command: str
) -> None:
    end = sluice(command)
    assert (end.exit_code, end.stdout) == (1, "")
    assert "holds videos, and no sluice.db that knows them; put it back" in end.stderr
    assert files(data) == without_videos


def test_nothing_starts_where_the_accounts_are_lost(settings: Settings) -> None:
    local_home(settings).close()
    (settings.data / "identity.db").unlink()
    with pytest.raises(Unavailable, match=r"the key of an identity\.db, and none that it fits; put it back, restore"):
        supervise(settings)
    with pytest.raises(Unavailable, match="the key of an identity"):
        local_home(settings)
    assert not (settings.data / "identity.db").exists()


def test_accounts_that_are_kept_elsewhere_are_not_missed(settings: Settings) -> None:
    local_home(settings).close()
    (settings.data / "identity.db").unlink()
    local_home(replace(settings, external_issuer="https://issuer.example.org"))


def test_a_new_folder_and_one_without_videos_begin(settings: Settings) -> None:
    local_home(settings).close()
    (settings.data / "sluice.db").unlink()
    local_home(settings)
