"""A real server on a real port, its users, and what a command starts from."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from sluice.client.api import Api, KeptTokens
from sluice.client.retries import Patience
from sluice.client.server import Server, connect
from sluice.client.sessions import Sessions
from sluice.client.sign_in import Accounts
from sluice.entry.cli import main
from sluice.entry.serve import web_app
from sluice.identity import passwords
from sluice.identity.service import POOL
from sluice.identity.users import User
from sluice.ports import App
from sluice.settings import Settings
from sluice.video import Failure
from sluice.wiring.local import LocalHome, local_home
from tests.client.line import Line
from tests.making import FACTS

PASSWORD = "Correct-horse-7"
LIMIT = 3_000_000

Sluice = Callable[..., Result]


class Running:
    """One local home behind a port."""

    def __init__(self, folder: Path) -> None:
        self._server = make_server("127.0.0.1", 0, lambda *request: self._web(*request), threaded=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.home: LocalHome = local_home(Settings(data=folder, public_url=self.url, max_upload_bytes=LIMIT))
        self._web = web_app(self.home)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def user(self, email: str) -> str:
        """Somebody with an account; their address."""
        identity = self.home.identity
        assert identity is not None
        lock = passwords.new_lock(POOL, str(uuid4()), PASSWORD)
        sealed, now = lock.sealed(identity.vault), identity.clock()
        identity.users.add(User(lock.user_id, email, lock.salt, sealed, {"name": "Ann"}, now, True, True))
        return email


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests; each brings users of its own."""
    one = Running(tmp_path_factory.mktemp("home"))
    yield one
    one.stop()


@pytest.fixture
def email(running: Running, request: pytest.FixtureRequest) -> str:
    """An account that no other test has."""
    return running.user(f"{abs(hash(request.node.nodeid))}@example.org")


@pytest.fixture
def pauses() -> list[float]:
    """How long the client has waited."""
    return []


@pytest.fixture
def patience(pauses: list[float]) -> Patience:
    """Tries again without waiting."""
    return Patience(pauses.append)


@pytest.fixture
def server(running: Running, patience: Patience) -> Server:
    return connect(running.url, patience)


@pytest.fixture
def accounts(server: Server, patience: Patience) -> Accounts:
    return Accounts(server, patience)


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "config")


@pytest.fixture
def signed_in(server: Server, accounts: Accounts, sessions: Sessions, email: str) -> Sessions:
    """The kept session of a user."""
    with sessions.locked():
        sessions.keep(server.address, accounts.sign_in(email, PASSWORD))
    return sessions


@pytest.fixture
def api(server: Server, accounts: Accounts, signed_in: Sessions, patience: Patience) -> Api:
    """The calls of a signed-in user."""
    return Api(server, KeptTokens(signed_in, server, accounts), patience)


@pytest.fixture
def line(running: Running) -> Iterator[Callable[..., Line]]:
    """Makes lines to the server that break."""
    made: list[Line] = []

    def make(**wanted: bool | int) -> Line:
        made.append(Line(running.port, **wanted))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def sluice(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Sluice:
    """Runs the command at a folder of settings of its own, and never waits."""
    monkeypatch.setattr(time, "sleep", pauses.append)
    # Whatever home folder the machine's own rules lead to.
    monkeypatch.setattr(click, "get_app_dir", lambda name: str(tmp_path / name))

    def run(*words: str, typed: str | bytes = "", **environ: str) -> Result:
        return CliRunner().invoke(main, words, input=typed, env={"SLUICE_SERVER": running.url, **environ})

    return run


@pytest.fixture
def ann(sluice: Sluice, email: str) -> Sluice:
    """The same, signed in."""
    assert sluice("login", "--email", email, "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    return sluice


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "a walk.mp4"
    path.write_bytes(b"film" * 1000)
    return path


@pytest.fixture
def uploaded(ann: Sluice, film: Path) -> str:
    """The id of a video of hers."""
    return ann("upload", str(film)).stdout.split("\t")[0]


def ended(app: App, video_id: str, failure: Failure | None = None) -> None:
    """The video is as the end of its encode would leave it."""
    video = app.videos.get(video_id).start(FACTS, app.now())
    app.videos.save(video.fail(failure, app.now()) if failure else video.finish(1, FACTS, app.now()))
