"""The checksum that S3 gives as an object's ETag, taken beside what else is done with the bytes."""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

# Below that, handing a piece over costs more than its checksum.
_WORTH_A_THREAD = 128 << 10

# Its threads begin with the first large piece, in the process that serves it.
_threads = ThreadPoolExecutor(thread_name_prefix="checksum")


class Checksum:
    """MD5 of all pieces, one after another; large ones are counted by another thread while the next is on its way."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._under_way: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """Add these bytes, which stay as they are."""
        self._wait()
        if len(piece) < _WORTH_A_THREAD:
            self._md5.update(piece)
        else:
            self._under_way = _threads.submit(self._md5.update, piece)

    def hexdigest(self) -> str:
        """The checksum of what came so far."""
        self._wait()
        return self._md5.hexdigest()

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None
