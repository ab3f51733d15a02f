"""When the client tries again."""

import pytest

from sluice.client.exchange import Answer
from sluice.client.retries import ATTEMPTS, Patience


@pytest.fixture
def asked() -> list[Answer]:
    """The answers that the client got."""
    return []


def answers(asked: list[Answer], status: int, **headers: str) -> Answer:
    """One more such answer."""
    asked.append(Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b""))
    return asked[-1]


def test_a_busy_server_is_asked_again_as_late_as_it_says(
    patience: Patience, pauses: list[float], asked: list[Answer]
) -> None:
    assert patience(lambda: answers(asked, 503, retry_after="5")).status == 503
    assert len(asked) == ATTEMPTS
    assert min(pauses) == 5


def test_who_is_told_to_come_back_tomorrow_gives_up_at_once(
    patience: Patience, pauses: list[float], asked: list[Answer]
) -> None:
    assert patience(lambda: answers(asked, 429, retry_after="43200")).status == 429
    assert (len(asked), pauses) == (1, [])
