"""How a command ends that somebody or something interrupts."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130


@contextmanager
def terminable() -> Iterator[None]:
    """Being told to end is like Ctrl-C: what is half done is taken back first."""

    def interrupt(number: int, _: object) -> None:
        # A terminal that is closed sends it by its shell and by itself; only the first is to stop us.
        if number == signal.SIGHUP:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    # What is ignored stays so: that is how nohup works.
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
