"""Files one after another, each with its bar, then the encodes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from .answers import Video
from .api import Api
from .bars import Bar
from .retries import Patience
from .troubles import Tally
from .uploading import Uploader, Wish, size_of
from .watching import wait as wait_for


@dataclass(frozen=True)
class UploadRun:
    """One `sluice upload`: `show` gets each video that came through, and its page."""

    api: Api
    say: Callable[[str], None]
    show: Callable[[Video, str], None]

    def run(self, wishes: Sequence[Wish], *, wait: bool) -> int:
        """The exit code of the first that failed, or 0; one that fails doesn't hold up the others."""
        sent: list[Video] = []
        tally = Tally(self.say)
        for wish in wishes:
            video = tally.tried(wish.path.name, partial(self._sent, wish))
            if video and wait:
                sent.append(video)
            elif video:
                self._show(video)
        for number, video in enumerate(sent):
            if ended := tally.tried(video["title"], partial(self._ended, sent[number:])):
                self._show(ended)
        return tally.exit_code

    def _show(self, video: Video) -> None:
        self.show(video, self.api.server.watch(video["id"]))

    def _sent(self, wish: Wish) -> Video:
        total = size_of(wish.path)
        with Bar(wish.path.name) as bar:

            def tell(words: str) -> None:
                bar.say(f"sluice: {words}")

            uploader = Uploader(self.api, Patience(time.sleep, tell), tell)
            return uploader.upload(wish, lambda done: bar.sent(done, total))

    def _ended(self, videos: Sequence[Video]) -> Video:
        try:
            return follow(self.api, videos[0])
        except KeyboardInterrupt:
            self.say(f"sluice: no longer waiting for {', '.join(video['id'] for video in videos)}; the server goes on")
            raise


def follow(api: Api, video: Video) -> Video:
    """The video once it is done, its encode drawn meanwhile. Failed with the reason."""
    with Bar(video["title"]) as bar:
        return wait_for(api, video["id"], bar.encoded, time.sleep)
