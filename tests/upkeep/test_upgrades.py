"""A data folder that an older Sluice wrote is taken over at the start, with all that was under way in it."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sluice.adapters.local.orders import loads
from sluice.entry.processes import supervise
from sluice.errors import Unavailable
from sluice.settings import Settings
from sluice.tokens import OPERATORS
from sluice.upkeep import keeping
from sluice.video import Progress, Status, Video
from sluice.wiring.local import local_home
from tests.making import an_id
from tests.upkeep.conftest import Sluice, Told

VERSIONS = Path(__file__).parents[1] / "data" / "versions"
DATABASES = ("sluice", "identity")


def read(folder: Path, name: str, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        return connection.execute(sql).fetchall()


def write(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        connection.executescript(script)


@pytest.fixture
def old(data: Path) -> Path:
    """A folder with both databases at version 1."""
    write(data, "sluice", (VERSIONS / "sluice-1.sql").read_text())
    write(data, "identity", (VERSIONS / "identity-1.sql").read_text())
    return data


@pytest.fixture
def story(old: Path) -> Told:
    """The service of today, in that folder."""
    return Told(old)


def video(story: Told, number: int) -> Video:
    return story.app.videos.get(an_id(number))


@pytest.mark.parametrize("name", DATABASES)
def test_an_old_file_gets_the_tables_of_a_new_one(old: Path, tmp_path: Path, name: str) -> None:
    tables = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    before = read(old, name, tables)
    local_home(Settings(data=old))
    local_home(Settings(data=tmp_path / "new"))
    assert read(old, name, tables) == read(tmp_path / "new", name, tables) != before
    assert read(old, name, "PRAGMA user_version") == read(tmp_path / "new", name, "PRAGMA user_version")


def test_its_videos_are_what_they_were(story: Told) -> None:
    states = [video(story, number).status for number in (1, 2, 3, 4)]
    assert states == [Status.DONE, Status.FAILED, Status.PENDING, Status.PROCESSING]
    assert [one.title for one in story.app.videos.public(before=None, limit=10)] == ["A walk"]
    assert (video(story, 4).progress, video(story, 4).playable) == (Progress(40.0, 12.0), True)


def test_the_doctor_reads_it_before_it_is_taken_over(old: Path) -> None:
    found = list(keeping.findings(old))
    assert [(one.name, one.words) for one in found if not one.well] == [
        ("files", f"3 videos have none, {an_id(1)} for one")
    ]
    assert read(old, "sluice", "PRAGMA user_version") == [(1,)]


def test_what_waited_goes_on(story: Told) -> None:
    story.upload(video(story, 3))
    story.deliver("sources")
    assert video(story, 3).status is Status.PROCESSING


def test_an_order_to_the_encoder_can_still_be_read(story: Told) -> None:
    lease = story.home.queue.lease("encoder", 30)
    assert lease is not None
    assert loads(lease.body).video_id == an_id(1)


def test_its_accounts_are_known_and_can_do_what_is_new(old: Path) -> None:
    identity = local_home(Settings(data=old)).identity
    assert identity is not None
    user = identity.users.by_email("ann@example.org")
    assert user is not None
    identity.groups.join(user.id, OPERATORS)
    assert identity.groups.of(user.id) == [OPERATORS]


@pytest.mark.parametrize("name", DATABASES)
def test_a_newer_file_is_left_alone(sluice: Sluice, old: Path, name: str) -> None:
    write(old, name, "PRAGMA user_version = 99")
    with pytest.raises(Unavailable, match="newer Sluice"):
        local_home(Settings(data=old))
    assert read(old, name, "PRAGMA user_version") == [(99,)]
    assert "run that one, or restore a backup" in sluice("operators", "list").stderr
    assert f"{name}.db was written by a newer Sluice" in " ".join(sluice("doctor").stdout.split())


@pytest.mark.parametrize("name", DATABASES)
def test_nothing_is_started_on_a_newer_file(old: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.entry.processes.Supervisor", None)
    write(old, name, "PRAGMA user_version = 99")
    with pytest.raises(Unavailable, match="newer Sluice; run that one, or restore a backup"):
        supervise(Settings(data=old, port=0))


def test_accounts_that_are_not_used_here_may_be_newer(old: Path) -> None:
    write(old, "identity", "PRAGMA user_version = 99")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unavailable, match="can't be listened on"):
        supervise(Settings(data=old, port=taken.getsockname()[1], external_issuer="https://issuer.example.org"))


def test_a_step_that_breaks_off_leaves_the_file_as_it_was(old: Path) -> None:
    write(old, "sluice", "CREATE TABLE bookings (taken TEXT)")
    with pytest.raises(Unavailable):
        local_home(Settings(data=old))
    assert read(old, "sluice", "PRAGMA user_version") == [(1,)]
