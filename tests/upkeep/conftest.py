"""A local home with a story to tell, and the operator's view of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluice.entry.cli import main
from sluice.messages import EncodeFailed, EncodeSucceeded, SourceArrived
from sluice.settings import Settings
from sluice.upkeep.place import Place
from sluice.video import Video
from sluice.wiring import utc_now
from tests.usecases.conftest import Story

Sluice = Callable[..., Result]


class Told(Story):
    """The same, in the present, with videos that have come all the way to a state."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now = utc_now()

    def processing(self) -> Video:
        video = self.ticket()
        self.upload(video)
        self.publish(video)
        self.handle(SourceArrived(video.id))
        found: Video = self.video(video)
        return found

    def done(self) -> Video:
        video = self.processing()
        self.encode(video)
        self.handle(EncodeSucceeded(video.id, video.attempt))
        found: Video = self.video(video)
        return found

    def failed(self) -> Video:
        video = self.processing()
        self.handle(EncodeFailed(video.id, video.attempt, "damaged", "It is damaged."))
        found: Video = self.video(video)
        return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def settings(data: Path) -> Settings:
    return Settings(data=data)


@pytest.fixture
def story(data: Path) -> Told:
    return Told(data)


@pytest.fixture
def place(story: Told, settings: Settings) -> Place:
    return Place(settings)


@pytest.fixture
def sluice(data: Path) -> Sluice:
    """Runs the command on this folder."""

    def run(*words: str, **environ: str) -> Result:
        return CliRunner().invoke(main, words, env={"SLUICE_DATA": str(data), **environ})

    return run
