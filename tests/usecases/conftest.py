"""The local home in a folder of its own, with a clock that stands still and a probe that does not look."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sluice import flow, layout, playlists, uploads
from sluice.adapters.local.database import Database
from sluice.adapters.local.orders import COMPLETE
from sluice.entry import aws_events
from sluice.errors import NotFound, Unavailable, Unplayable
from sluice.messages import SourceArrived
from sluice.settings import Settings
from sluice.sweep import sweep
from sluice.video import Visibility
from sluice.wiring.local import local_home
from tests import orders
from tests.making import ANN, NOW, an_id

DATA = Path(__file__).parent.parent / "data"
SOURCE = replace(orders.SOURCE, duration_s=8.0, width=640, height=360)


class Story:
    """A local home, and the outside's part in a video's story."""

    def __init__(self, folder):
        self.now = NOW
        self.verdict = None
        self._ids = iter(range(1, 1000))
        settings = Settings(data=folder, external_issuer="https://issuer.example.org")
        self.home = local_home(settings, now=lambda: self.now, new_id=lambda: an_id(next(self._ids)))
        self.app = replace(self.home.app, probe=self._probe)

    def _probe(self, location):
        if self.verdict:
            raise self.verdict
        return SOURCE

    def refuse_source(self, code="damaged"):
        self.verdict = Unplayable(code, "It is damaged.")

    def move(self, **amount):
        self.now += timedelta(**amount)

    def ticket(self, owner=ANN, **given):
        given = {"filename": "film.mov", "size": None, "title": None, **given}
        return uploads.issue_ticket(self.app, owner, **given).video

    def upload(self, video, owner=None):
        with self.home.sources.receive(video.id, {"user-id": owner or video.owner}) as incoming:
            incoming.write(b"film")
            incoming.commit()

    def publish(self, video, title="A film", visibility=Visibility.PUBLIC):
        return uploads.publish(self.app, video.owner, video.id, title=title, description="", visibility=visibility)[0]

    def video(self, video):
        return self.app.videos.get(video.id)

    def failure_code(self, video):
        failure = self.video(video).failure
        return failure and failure.code

    def is_known(self, video):
        try:
            self.video(video)
        except NotFound:
            return False
        return True

    def encode(self, video, attempt=None, leave_out=""):
        """Do what an encoder does for the current attempt, but for one file."""
        video = self.video(video)
        prefix = layout.attempt_prefix(video.id, attempt or video.attempt)
        for rendition in video.facts.renditions:
            self._rendition(f"{prefix}{rendition.name}/", "init_video.mp4", leave_out)
        self._rendition(f"{prefix}{layout.AUDIO}/", "init_audio.mp4", leave_out)

    def _rendition(self, prefix, init, leave_out):
        segments = (playlists.Segment("00000.m4s", 4.0), playlists.Segment("00001.m4s", 4.0))
        playlist = playlists.write(playlists.MediaPlaylist(target_s=4, init=layout.INIT, segments=segments, ended=True))
        files = {
            layout.PLAYLIST: playlist.encode(),
            layout.INIT: (DATA / init).read_bytes(),
            "00000.m4s": b"x" * 1000,
            "00001.m4s": b"x" * 1000,
        }
        for name, body in files.items():
            if name != leave_out:
                self.app.media.put(prefix + name, body, "video/mp4")

    def mark_complete(self, video):
        """Leave the encoder's sign that all of the current attempt is there."""
        video = self.video(video)
        self.app.media.put(layout.media_key(video.id, video.attempt, COMPLETE), b"{}", "application/json")

    def take(self, lane):
        """The lane's next message, taken off it; None if it is empty."""
        lease = self.home.queue.lease(lane, 30)
        if lease is None:
            return None
        self.home.queue.ack(lease)
        (message,) = aws_events.parse(lease.body)
        return message

    def deliver(self, lane):
        """Handle the lane's next message; what it was, or None."""
        if message := self.take(lane):
            self.handle(message)
        return message

    @contextmanager
    def failing(self, write):
        """The database stops answering at the n-th write inside."""
        real, left = Database.execute, [write]

        def execute(database, *statement):
            left[0] -= 1
            if left[0] == 0:
                raise Unavailable("the disk is gone")
            return real(database, *statement)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "execute", execute)
            yield

    def handle(self, message):
        flow.handle(self.app, message)

    def objects(self, video):
        """Every object that belongs to the video."""
        source = [video.id] if self.app.sources.head(video.id) else []
        return source + [key for key, _ in self.app.media.list(layout.video_prefix(video.id))]


@pytest.fixture
def story(tmp_path):
    return Story(tmp_path)


@pytest.fixture
def uploaded(story):
    """A pending video whose file is there and that publishes by itself."""
    video = story.ticket(title="A film")
    story.upload(video)
    return video


@pytest.fixture
def processing(story, uploaded):
    """One whose encode runs."""
    story.handle(SourceArrived(uploaded.id))
    return story.video(uploaded)


@pytest.fixture
def sweep_later(story):
    def later(**amount):
        story.move(**(amount or {"seconds": 61}))
        sweep(story.app)

    return later


@pytest.fixture
def hours_of_sweeps(sweep_later):
    def pass_by(hours):
        for _ in range(15 * hours):
            sweep_later(minutes=4)

    return pass_by
