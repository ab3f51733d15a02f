"""One file from the disk to a published video, or nothing at all."""

import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from .answers import Ticket, Video
from .api import Api
from .exchange import Answer, exchange
from .form import FileForm, file_form
from .retries import Patience
from .troubles import NoSuchVideo, Refusal, Trouble, Unreachable
from .words import name_of

# Storing a large file durably takes the server a while after the last byte.
TIMEOUT_S = 120.0

_ERROR = re.compile(rb"<(Code|Message)>([^<]*)</")


@dataclass(frozen=True)
class Wish:
    """What is to be uploaded, and what to call it."""

    path: Path
    title: str
    description: str
    visibility: str


def size_of(path: Path) -> int:
    """The bytes that are to be sent. Trouble unless it is a file that holds some."""
    try:
        found = path.stat()
        # Those below /proc call themselves regular and empty, whatever they hold.
        if not stat.S_ISREG(found.st_mode) or (found.st_size == 0 and _holds_something(path)):
            raise Trouble(f"{path} is no regular file; copy what it holds into one")
    except OSError as error:
        raise Trouble(f"{path} can't be read ({error.strerror or error})") from error
    if found.st_size == 0:
        raise Trouble(f"{path} is empty")
    return found.st_size


def _holds_something(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(file.read(1))


@dataclass(frozen=True)
class Uploader:
    """Uploads files, telling as they go how many bytes are out."""

    api: Api
    patience: Patience
    tell: Callable[[str], None]

    def upload(self, wish: Wish, sent: Callable[[int], None]) -> Video:
        """The published video. Whatever stops it, Ctrl-C too, leaves nothing of it on the server."""
        size = size_of(wish.path)
        ticket = self._ticket(name_of(wish.path), size)
        with self._withdrawn_on_failure(ticket["id"]):
            self._post(self.api.server.here(ticket["url"]), file_form(ticket["fields"], wish.path, size), sent)
            return self.api.publish(ticket["id"], wish.title, wish.description, wish.visibility)

    def _ticket(self, filename: str, size: int) -> Ticket:
        key = token_hex(16)
        try:
            return self.api.ticket(filename, size, key)
        except KeyboardInterrupt:
            # The server may have given it out before we were stopped; the key gets the same one again.
            with suppress(Trouble):
                self._withdraw(self.api.hurried().ticket(filename, size, key)["id"])
            raise

    def _post(self, url: str, form: FileForm, sent: Callable[[int], None]) -> None:
        attempts = 0

        def once() -> Answer:
            nonlocal attempts
            attempts += 1
            pieces, headers = form.pieces(sent), {"Content-Type": form.content_type}
            return _unless_slow(exchange("POST", url, headers, pieces, length=form.length, timeout_s=TIMEOUT_S))

        answer = self.patience(once)
        # Sent before, though the line broke before we heard of it: a key takes only one upload.
        already_there = answer.status == 412 and attempts > 1
        if not answer.ok and not already_there:
            raise _refusal(answer)

    @contextmanager
    def _withdrawn_on_failure(self, video_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._withdraw(video_id)
            raise

    def _withdraw(self, video_id: str) -> None:
        try:
            self.api.hurried().delete(video_id)
        except NoSuchVideo:
            return
        except Trouble as trouble:
            self.tell(f"{video_id} could not be taken back ({trouble}); the server forgets unfinished uploads itself")


def _unless_slow(answer: Answer) -> Answer:
    """The answer; Unreachable if it only says that the line was silent for too long."""
    if answer.status == 400 and b"<Code>RequestTimeout</Code>" in answer.body:
        raise Unreachable("the line was silent for too long")
    return answer


def _refusal(answer: Answer) -> Trouble:
    said = {name.decode(): words.decode("utf-8", "replace") for name, words in _ERROR.findall(answer.body)}
    if answer.status >= 500 and answer.status != 507:
        return Unreachable(f"the storage can't answer right now (status {answer.status})")
    code = said.get("Code", str(answer.status))
    return Refusal(answer.status, code, said.get("Message") or f"the storage answers with status {answer.status}")
