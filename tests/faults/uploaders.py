"""People who upload, publish and delete all the time, and write down every answer they get."""

import random
import threading
import time

import requests

from .book import Kept

# So many uploads may wait for their end before more are sent.
BACKLOG = 10
# More of those that tell much: long enough to be hit in the middle of an encode, and no film at all.
MIX = ("short",) * 6 + ("long",) * 2 + ("conformant", "text")


class Uploader(threading.Thread):
    """One user at work until enough is uploaded."""

    def __init__(self, user, clips, book, wanted, backlog, seed):
        super().__init__(name=f"uploader-{seed}", daemon=True)
        self._user = user
        self._clips = clips
        self._book = book
        self._wanted = wanted
        self._backlog = backlog
        self._random = random.Random(seed)

    def run(self):
        while self._book.uploads < self._wanted:
            if self._backlog() > BACKLOG:
                time.sleep(0.2)
                continue
            try:
                self._upload()
            except requests.RequestException as error:
                self._book.answered("no answer", type(error).__name__, 0)
                time.sleep(0.1)

    def _upload(self):
        clip = self._random.choice(MIX)
        title = f"Film {self._random.random()}" if self._random.random() < 0.5 else None
        began = time.monotonic()
        wanted = {"filename": f"{clip}.mp4", "size": self._clips[clip].path.stat().st_size, "title": title}
        answer = self._user.call("POST", "/uploads", json={k: v for k, v in wanted.items() if v is not None})
        self._book.answered("ticket", answer.status_code, began)
        if answer.status_code != 201:
            time.sleep(0.2)
            return
        ticket = answer.json()
        kept = self._book.videos[ticket["id"]] = Kept(ticket["id"], clip, self._user, title=title)
        self._post(ticket, kept)
        if kept.stored and title is None:
            self._publish(kept)
        if kept.stored and self._random.random() < 0.04:
            self._take_back(kept)

    def _post(self, ticket, kept):
        # A sender whose line broke doesn't know; it tries once more, and 412 then says that the first one arrived.
        for _ in range(2):
            began = time.monotonic()
            try:
                answer = self._user.post_file(ticket, self._clips[kept.clip].path)
            except requests.RequestException:
                continue
            self._book.answered("upload", answer.status_code, began)
            kept.stored = answer.status_code in (204, 412)
            return

    def _publish(self, kept):
        title = kept.asked = f"Film {self._random.random()}"
        began = time.monotonic()
        answer = self._user.call("POST", "/videos", json={"id": kept.video_id, "title": title})
        self._book.answered("publish", answer.status_code, began)
        if answer.status_code in (200, 201):
            kept.title = title

    def _take_back(self, kept):
        # Whether it was deleted is unknown until it is answered.
        kept.deleted = True
        answer = self._user.call("DELETE", f"/videos/{kept.video_id}")
        self._book.answered("delete", answer.status_code, 0)
        kept.deleted = answer.status_code == 204
