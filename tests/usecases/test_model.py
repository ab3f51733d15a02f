"""Whatever is repeated, reordered, dropped or cut short: every video ends, and no end is left again."""

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from sluice import library, uploads
from sluice.errors import Conflict, NotFound, Refused, Unavailable
from sluice.messages import LANES, EncodeFailed, EncodeLost, EncodeProgressed, EncodeSucceeded, SourceArrived
from sluice.sweep import sweep
from sluice.video import Status
from tests.making import ANN
from tests.usecases.conftest import Story

ENDS = (Status.DONE, Status.FAILED)
# tmpfs where there is one: durability is not what this test is about, and it commits thousands of times.
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Lives(RuleBasedStateMachine):
    """A few videos, an owner who does as they like, and a world that delivers as it likes."""

    videos = Bundle("videos")
    messages = Bundle("messages")

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory(dir=FAST)
        self.story = Story(Path(self.folder.name))
        self.ended = {}
        self.all = []
        self.broken = False

    # the owner

    @rule(target=videos, title=st.sampled_from([None, "A film"]))
    def ask_for_a_ticket(self, title):
        return self._ticket(title) or multiple()

    @rule(target=messages, video=videos)
    def upload(self, video):
        if uploads.may_arrive(self.story.app, video.id):
            self.story.upload(video)
        return SourceArrived(video.id)

    @rule(target=videos, lose=st.booleans())
    def start_a_video(self, lose):
        """The everyday beginning at one stroke, so that lives get far; its announcement may get lost."""
        video = self._ticket("A film")
        if video is None:
            return multiple()
        self.story.upload(video)
        if not lose:
            self._handle(SourceArrived(video.id))
        return video

    @rule(video=videos)
    def publish(self, video):
        with suppress(Refused, NotFound):
            self.story.publish(video)

    @rule(video=videos)
    def retry(self, video):
        with suppress(Refused, NotFound):
            library.retry(self.story.app, ANN, video.id)
            self.ended.pop(video.id, None)

    @rule(video=videos)
    def delete(self, video):
        with suppress(NotFound):
            library.delete(self.story.app, ANN, video.id)
            self.ended.pop(video.id, None)

    # the encoder

    @rule(target=messages, video=videos)
    def end_an_encode_well(self, video):
        current = self._running(video)
        if current is None:
            return multiple()
        self.story.encode(current)
        self.story.mark_complete(current)
        self.story.home.queue.drop("encoder", current.job)
        return EncodeSucceeded(current.id, current.attempt)

    @rule(target=messages, video=videos)
    def end_an_encode_badly(self, video):
        current = self._running(video)
        if current is None:
            return multiple()
        self.story.home.queue.drop("encoder", current.job)
        return EncodeFailed(current.id, current.attempt, "damaged", "It is damaged.")

    @rule(video=videos)
    def lose_an_encode(self, video):
        if current := self._running(video):
            self.story.home.queue.drop("encoder", current.job)

    @rule(
        video=videos,
        ahead=st.integers(-1, 1),
        news=st.sampled_from([EncodeSucceeded, EncodeLost, lambda *of: EncodeProgressed(*of, 40.0, None, True)]),
    )
    def spread_false_news(self, video, ahead, news):
        with suppress(NotFound):
            self._handle(news(video.id, self.story.video(video).attempt + ahead))

    # the world

    @rule(target=messages)
    def collect(self):
        return multiple(*self._waiting())

    @rule(message=messages)
    def deliver(self, message):
        self._handle(message)

    @rule(message=consumes(messages))
    def lose_a_message(self, message):
        pass

    @rule(message=messages, write=st.integers(1, 3))
    def cut_short(self, message, write):
        """The machine stops at the n-th thing that handling the message stores."""
        with self._failing(write), suppress(Unavailable):
            self._handle(message)

    @rule(minutes=st.sampled_from([0, 1, 5, 90, 60 * 24 * 8]))
    def pass_time(self, minutes):
        self.story.move(minutes=minutes)
        sweep(self.story.app)

    # what must hold

    @invariant()
    def no_end_is_left_again(self):
        for video in getattr(self, "all", []):
            with suppress(NotFound):
                current = self.story.video(video)
                if current.gone:
                    self.ended.pop(video.id, None)
                before = self.ended.get(video.id)
                assert before in (None, current.status)
                if current.status in ENDS and not current.gone:
                    self.ended[video.id] = current.status

    @invariant()
    def what_is_done_is_whole(self):
        for video in getattr(self, "all", []):
            with suppress(NotFound):
                current = self.story.video(video)
                if current.status is Status.DONE and not current.gone:
                    assert f"media/{current.id}/{current.attempt}/master.m3u8" in self.story.objects(current)

    def teardown(self):
        if not hasattr(self, "story"):
            return
        fresh = [video for video in self.all if self.story.is_known(video) and self.story.video(video).nudges == 0]
        for _ in range(12):
            self._settle()
        for video in fresh:
            assert not (self.story.is_known(video) and self.story.failure_code(video) == "not_processed")
        for video in self.all:
            with suppress(NotFound):
                current = self.story.video(video)
                uploaded = current.arrived or uploads.has_arrived(self.story.app, current)
                assert current.gone or current.status in ENDS or not uploaded
                if current.status is Status.DONE:
                    assert current.id not in self.story.objects(current)
        self.folder.cleanup()

    def _settle(self):
        """Three hours in which nothing goes wrong any more; twelve times that is longer than the sweep ever waits."""
        for video in self.all:
            with suppress(NotFound):
                if current := self._running(video):
                    self.story.encode(current)
                    self.story.mark_complete(current)
                    self.story.home.queue.drop("encoder", current.job)
        for message in self._waiting():
            self._handle(message)
        self.story.move(hours=3)
        sweep(self.story.app)

    def _ticket(self, title):
        """A ticket, unless the day is used up."""
        with suppress(Refused):
            self.all.append(self.story.ticket(title=title))
            return self.all[-1]
        return None

    def _running(self, video):
        with suppress(NotFound):
            current = self.story.video(video)
            if current.job and self.story.home.queue.has("encoder", current.job):
                return current
        return None

    def _waiting(self):
        found = []
        for lane in LANES:
            while message := self.story.take(lane):
                found.append(message)
        return found

    def _handle(self, message):
        with suppress(Conflict):
            self.story.handle(message)

    def _failing(self, write):
        return self.story.failing(write)


Lives.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLives = Lives.TestCase


class LivesUnderALimit(Lives):
    """The same, where a user may have one minute a day encoded: six of these films."""

    LIMIT_S = 60

    @initialize()
    def begin(self):
        super().begin()
        settings = replace(self.story.app.settings, daily_minutes=self.LIMIT_S // 60)
        self.story.app = replace(self.story.app, settings=settings)

    @invariant()
    def the_limit_holds(self):
        if hasattr(self, "story"):
            assert self.story.app.ledger.booked(ANN, self.story.now.date()) <= self.LIMIT_S


LivesUnderALimit.TestCase.settings = settings(Lives.TestCase.settings, max_examples=50)
TestLivesUnderALimit = LivesUnderALimit.TestCase
