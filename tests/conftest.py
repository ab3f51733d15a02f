"""What holds for every test."""

import signal


def pytest_configure():
    """Take interrupts as at a terminal: what a script starts in the background ignores them, as does all it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
