"""What can go wrong for somebody at a command line, with the exit code that tells scripts which it was."""


class Trouble(Exception):
    """One plain sentence, and an exit code."""

    exit_code = 1


class NotSignedIn(Trouble):
    """There are no tokens, or the server does not take them."""

    exit_code = 3


class NoSuchVideo(Trouble):
    """There is no such video, or not for this user."""

    exit_code = 4


class Unreachable(Trouble):
    """The server does not answer, or says that it can't right now."""

    exit_code = 5


class NotRunning(Unreachable):
    """Nobody listens at an address of this very machine."""


class Failed(Trouble):
    """The video could not be encoded."""

    exit_code = 6


class Refusal(Trouble):
    """The server understood and said no; `code` is what its API or its accounts call the reason."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
