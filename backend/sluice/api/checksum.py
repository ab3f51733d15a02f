"""The checksum that S3 gives as an object's ETag, taken beside what else is done with the bytes."""

import hashlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Condition

# So much is counted at once: handing over less would cost more than its checksum.
_WORTH_A_THREAD = 1 << 20
# So many of these may wait, and no more: who counts is never without work, and memory is bounded.
_WAITING_AT_MOST = 3

# Its threads begin with the first large file, in the process that serves it.
_threads = ThreadPoolExecutor(thread_name_prefix="checksum")


class Checksum:
    """MD5 of all pieces, one after another; of a large file another thread counts some while the next are on their way.

    Pieces that came in over the network are small."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        # One piece of memory, however many pieces a sender makes of it.
        self._held = bytearray()
        self._waiting: deque[bytearray] = deque()
        self._changed = Condition()

    def update(self, piece: bytes) -> None:
        """Add these bytes."""
        self._held += piece
        if len(self._held) >= _WORTH_A_THREAD:
            # In one go: after each call the thread that reads would be in the way of the next.
            self._hand_over(self._held)
            self._held = bytearray()

    def hexdigest(self) -> str:
        """The checksum of what came so far."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting)
        self._md5.update(self._held)
        self._held = bytearray()
        return self._md5.hexdigest()

    def _hand_over(self, piece: bytearray) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < _WAITING_AT_MOST)
            self._waiting.append(piece)
            if len(self._waiting) == 1:
                _threads.submit(self._count)

    def _count(self) -> None:
        """Count the first that waits, which goes on waiting until it was counted; uploads take turns."""
        self._md5.update(self._waiting[0])
        with self._changed:
            self._waiting.popleft()
            self._changed.notify()
            if self._waiting:
                _threads.submit(self._count)
