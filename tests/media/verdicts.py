"""What must be said of a file, and how to make it."""

from dataclasses import dataclass, replace

from tests.media.make import Maker

SECONDS = 1.0


@dataclass(frozen=True)
class Accepted:
    """It is let in: with these repairs, these rungs, and about this long; but the encode may find it damaged."""

    repairs: frozenset[str]
    rungs: tuple[str, ...] = ("240",)
    seconds: float = SECONDS
    encode_fails: bool = False


@dataclass(frozen=True)
class Refused:
    """It is turned away with this code, or one of these where it depends on what ffmpeg was built with."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """How to make a file and what must be said of it."""

    make: Maker
    verdict: Accepted | Refused
    encoded: bool = True


def good(make: Maker, *repairs: str, rungs: tuple[str, ...] = ("240",), seconds: float = SECONDS) -> Case:
    return Case(make, Accepted(frozenset(repairs), rungs, seconds))


def mute(make: Maker, *repairs: str, rungs: tuple[str, ...] = ("240",), seconds: float = SECONDS) -> Case:
    return good(make, "no_audio", *repairs, rungs=rungs, seconds=seconds)


def bad(make: Maker, *codes: str) -> Case:
    return Case(make, Refused(codes))


def rotten(make: Maker, *repairs: str, rungs: tuple[str, ...] = ("240",), seconds: float = SECONDS) -> Case:
    """A file of which the encode alone can tell that it is damaged."""
    return Case(make, Accepted(frozenset(repairs), rungs, seconds, encode_fails=True))


def slow(case: Case) -> Case:
    """A file of which the encode would take too long for a test; the probe alone gets it."""
    return replace(case, encoded=False)
