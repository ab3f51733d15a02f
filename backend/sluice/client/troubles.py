"""What can go wrong for somebody at a command line, with the exit code that tells scripts which it was."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Trouble(Exception):
    """One plain sentence, and an exit code."""

    exit_code = 1


@dataclass
class Tally:
    """Things done one after another: one that fails is told by its name and doesn't hold up the others."""

    say: Callable[[str], None]
    # That of the first that failed.
    exit_code: int = 0

    def tried(self, name: str, act: Callable[[], T]) -> T | None:
        """What came of it; None if it failed."""
        try:
            return act()
        except Trouble as trouble:
            self.say(f"sluice: {name}: {trouble}")
            self.exit_code = self.exit_code or trouble.exit_code
            return None


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


class NoSuchHost(Unreachable):
    """Nobody has the name; or there is no network that would know."""


class Failed(Trouble):
    """The video could not be encoded."""

    exit_code = 6


class Refusal(Trouble):
    """The server understood and said no; `code` is what its API or its accounts call the reason."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
