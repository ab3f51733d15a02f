"""An object of S3 by its blocks: those used last are kept, and S3's answers are left open, to be read on from there."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from typing import Any

from sluice.errors import NotFound, Unavailable

from .clients import asking

BLOCK = 256 << 10
# 64 MiB.
KEPT = 256
# Pictures and sound that lie far apart, and whoever else looks at the file meanwhile.
OPEN = 6
# So many are read before S3 answers another call.
PASSED_OVER = 4
TRIES = 3

# Asks S3 for a part of the object, named as in a Range header; None where the object ends before that.
GetPart = Callable[[str], Any]


class Unread(Exception):
    """A block could not be read; `Blocks.finish` raises the cause."""


class Blocks:
    """One object, for as many readers as there are; after a failure nobody gets any more of it."""

    def __init__(self, get_part: GetPart) -> None:
        self._get_part = get_part
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        # Each by the block that it gives next. In both, what was used last comes last.
        self._bodies: OrderedDict[int, Any] = OrderedDict()
        self._failure: Exception | None = None
        self._finished = False
        self._etag: str | None = None
        self.size = 0

    def __getitem__(self, number: int) -> bytes:
        """The block, empty beyond the end; Unread if it can't be had. `size` is known with the first one."""
        with self._lock:
            if self._failure is not None or self._finished:
                raise Unread
            try:
                return self._block(number)
            except Exception as error:
                # Readers are threads that nobody listens to.
                self._failure = error
                raise Unread from error

    def finish(self) -> None:
        """Wait for what is being read, let nobody read on, and raise whatever kept a block from a reader."""
        with self._lock:
            # A reader whose child was stopped doesn't know, and would go on in the function's next invocation.
            self._finished = True
            for body in self._bodies.values():
                body.close()
            if self._failure is not None:
                raise self._failure

    def _block(self, number: int) -> bytes:
        if number in self._kept:
            self._kept.move_to_end(number)
        elif not self.size or number * BLOCK < self.size:
            self._fetch(number)
        return self._kept.get(number, b"")

    def _fetch(self, number: int) -> None:
        """Keep the block, and those that the body gives before it. Unavailable if one body after another breaks."""
        for tries_left in reversed(range(TRIES)):
            at, body = self._body(number)
            try:
                for one in range(at, number + 1):
                    self._keep(one, self._read(body, one))
            except Unavailable:
                body.close()
                if not tries_left:
                    raise
            else:
                self._set_aside(number + 1, body)
                return

    def _body(self, number: int) -> tuple[int, Any]:
        """What gives this block, and at which it stands: one that is nearly there, or else another."""
        if near := [at for at in self._bodies if 0 <= number - at <= PASSED_OVER]:
            return max(near), self._bodies.pop(max(near))
        try:
            part = self._get_part(f"bytes={number * BLOCK}-")
        except NotFound as gone:
            raise Unavailable("the source went while it was looked into") from gone
        if part is None:
            return number, BytesIO()
        if self._etag not in (None, part["ETag"]):
            raise Unavailable("the source was replaced while it was looked into")
        self._etag, self.size = part["ETag"], int(part["ContentRange"].rpartition("/")[2])
        return number, part["Body"]

    def _read(self, body: Any, number: int) -> bytes:
        length = max(0, min(BLOCK, self.size - number * BLOCK))
        with asking("s3"):
            content: bytes = body.read(length)
        if len(content) < length:
            raise Unavailable("s3: an answer ended early")
        return content

    def _keep(self, number: int, content: bytes) -> None:
        self._kept[number] = content
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _set_aside(self, at: int, body: Any) -> None:
        """Leave it open, instead of another that stands there, or of the one that was not read from for longest."""
        if at in self._bodies:
            self._bodies.pop(at).close()
        self._bodies[at] = body
        if len(self._bodies) > OPEN:
            _, oldest = self._bodies.popitem(last=False)
            oldest.close()
