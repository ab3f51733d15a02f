"""Wakes sleeping workers at once, across processes: a named pipe per sleeper, one byte to ring."""

import os
import select
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from .living import is_alive


def ring_all(folder: Path, lane: str) -> None:
    """Wake everybody who waits on this lane; nothing happens where nobody does."""
    for pipe in folder.glob(f"{lane}.*.bell"):
        # ENXIO: nobody has it open. EAGAIN: it has been ringing for long.
        with suppress(OSError):
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(descriptor, b"!")
            finally:
                os.close(descriptor)


class Doorbell:
    """One sleeper's own bell, there from construction to `close`."""

    def __init__(self, folder: Path, lane: str, sleeper: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{lane}.{os.getpid()}-{sleeper}.bell"
        self._path.unlink(missing_ok=True)
        os.mkfifo(self._path, 0o600)
        # Read and write, so that the pipe never sees its last writer leave.
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, timeout_s: float) -> None:
        """Return when rung, or after the timeout; rings from before the call count."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if poll.poll(timeout_s * 1000):
            os.read(self._descriptor, 65536)

    def ring(self) -> None:
        """Wake this sleeper."""
        with suppress(BlockingIOError):
            os.write(self._descriptor, b"!")

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def __enter__(self) -> "Doorbell":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sleepers(folder: Path) -> Iterator[tuple[str, int]]:
    """The lane and the process of everybody who has a bell there and lives, busy ones too."""
    for bell in sorted(folder.glob("*.bell")):
        pid = _sleeper(bell)
        if pid is not None and _is_open(bell):
            yield bell.name.partition(".")[0], pid


def _sleeper(bell: Path) -> int | None:
    """The process that has this bell; None if its name tells of none."""
    pid = bell.name.partition(".")[2].partition("-")[0]
    return int(pid) if pid.isdigit() else None


def _is_open(bell: Path) -> bool:
    with suppress(OSError):
        os.close(os.open(bell, os.O_WRONLY | os.O_NONBLOCK))
        return True
    return False


def clear(folder: Path, *, even_of_the_living: bool = False) -> None:
    """Remove the bells that killed sleepers left behind; all of them, where nobody can be asleep."""
    for pipe in folder.glob("*.bell"):
        pid = _sleeper(pipe)
        if even_of_the_living or pid is None or not is_alive(pid):
            pipe.unlink(missing_ok=True)
