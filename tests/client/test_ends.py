"""How commands end that are stopped from outside."""

import signal
from collections.abc import Iterator

import pytest

from sluice.client.command_line import told


def nothing(*_: object) -> None:
    """What a signal does that no command hears."""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Signals that end nothing here, even where the tests themselves run under nohup."""
    before = {number: signal.signal(number, nothing) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(*numbers: signal.Signals) -> list[str]:
    """What a command does that gets these signals, the later ones while it tidies up."""
    done: list[str] = []

    @told
    def command() -> None:
        try:
            signal.raise_signal(numbers[0])
            done.append("worked on")
        finally:
            for number in numbers[1:]:
                signal.raise_signal(number)
            done.append("tidied up")

    try:
        command()
    except SystemExit as end:
        done.append(f"exit code {end.code}")
    return done


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_tidies_up(number: signal.Signals) -> None:
    assert ended(number) == ["tidied up", "exit code 130"]


def test_a_terminal_that_is_closed_may_say_so_twice() -> None:
    assert ended(signal.SIGHUP, signal.SIGHUP) == ["tidied up", "exit code 130"]
    assert signal.getsignal(signal.SIGHUP) is nothing


def test_nohup_is_kept() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert ended(signal.SIGHUP) == ["worked on", "tidied up"]
