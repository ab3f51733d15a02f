"""The checksum that S3 gives as an object's ETag, taken beside what else is done with the bytes."""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

# So much is counted at once: handing over less would cost more than its checksum.
_WORTH_A_THREAD = 1 << 20

# Its threads begin with the first large file, in the process that serves it.
_threads = ThreadPoolExecutor(thread_name_prefix="checksum")


class Checksum:
    """MD5 of all pieces, one after another; of a large file another thread counts some while the next are on their way.

    Pieces that came in over the network are small."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        # One piece of memory, however many pieces a sender makes of it.
        self._held = bytearray()
        self._under_way: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """Add these bytes."""
        self._held += piece
        if len(self._held) >= _WORTH_A_THREAD:
            self._wait()
            # In one go: after each call the thread that reads would be in the way of the next.
            self._under_way = _threads.submit(self._md5.update, self._held)
            self._held = bytearray()

    def hexdigest(self) -> str:
        """The checksum of what came so far."""
        self._wait()
        self._md5.update(self._held)
        self._held = bytearray()
        return self._md5.hexdigest()

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None
