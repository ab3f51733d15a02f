"""A local home whose ends are counted, and a scraper of its numbers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sluice.adapters.local.counters import Counters
from sluice.adapters.local.doorbell import Doorbell
from sluice.entry.serve import web_app
from sluice.entry.worker import ALL_LANES
from sluice.messages import SourceArrived
from sluice.vitals.observed import observed
from sluice.wiring import utc_now
from tests.usecases.conftest import Story
from tests.vitals.exposition import read

HERE = {"base_url": "http://localhost:8000"}


class Watched(Story):
    """A story in the present whose ends are counted, as a worker counts them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now = utc_now()
        self.counters = Counters(self.home.bells)
        self.app = replace(observed(self.home, self.counters).app, probe=self._probe)

    def processing(self) -> Any:
        video = self.ticket()
        self.upload(video)
        self.publish(video)
        self.handle(SourceArrived(video.id))
        return self.video(video)


@pytest.fixture
def story(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.fixture
def client(story: Watched) -> FlaskClient:
    return web_app(story.home).test_client()


@pytest.fixture
def workers(story: Watched) -> Iterator[None]:
    """Somebody waits at every lane."""
    with ExitStack() as stack:
        for lane in ALL_LANES:
            stack.enter_context(Doorbell(story.home.bells, lane, "test"))
        yield


@pytest.fixture
def scrape(client: FlaskClient) -> Callable[..., float | None]:
    """The value of a sample, in a scrape that every scraper would take."""

    def scrape(name: str, **labels: str) -> float | None:
        answer = client.get("/metrics", **HERE)
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
        found: float | None = read(answer.text).get((name, frozenset(labels.items())))
        return found

    return scrape
