"""The only composition root: settings in, a wired App out."""

from collections.abc import Callable
from datetime import UTC, datetime

from ulid import ULID

from sluice.ports import App
from sluice.settings import Settings

Clock = Callable[[], datetime]


def build(settings: Settings) -> App:
    """The ports of the home that the settings name."""
    # Each home imports what the other never has: SQLite and the identity here, boto3's clients there.
    if settings.cloud is not None:
        from .aws import aws_home

        return aws_home(settings, settings.cloud)
    from .local import local_home

    return local_home(settings).app


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def new_ulid() -> str:
    """An id that sorts by the time it was made."""
    return str(ULID())


class Strangers:
    """People whose identity is kept elsewhere: their names are not known here."""

    def name_of(self, user_id: str) -> str | None:
        return None
