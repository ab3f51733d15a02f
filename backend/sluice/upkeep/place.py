"""The data folder of this installation, as a command finds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from sluice.adapters.local.database import Database
from sluice.adapters.local.doorbell import ring_all
from sluice.adapters.local.durable import make_folder
from sluice.adapters.local.folders import require_complete
from sluice.adapters.local.queue_room import QueueRoom
from sluice.adapters.local.sqlite import MIGRATIONS, SqliteVideos
from sluice.errors import NotFound, Refused, Unavailable
from sluice.settings import Settings
from sluice.wiring import utc_now

if TYPE_CHECKING:
    from sluice.identity import Identity
    from sluice.identity.users import Users

DATABASE, ACCOUNTS = "sluice.db", "identity.db"


class Place:
    """What is kept in the data folder. NotFound if there is no Sluice in it, Refused if it is kept on AWS."""

    def __init__(self, settings: Settings) -> None:
        if settings.cloud is not None:
            raise Refused(
                "not_here", "this Sluice is on AWS, whose consoles show this; this is for SLUICE_BACKEND=local"
            )
        self.folder = settings.data
        require_sluice_in(self.folder)
        database = Database(self.folder / DATABASE, MIGRATIONS)
        self.videos = SqliteVideos(database)
        self.queue = QueueRoom(database, partial(ring_all, self.folder / "run"), utc_now)
        self._keeps_accounts = settings.local_identity

    def mail_of(self, user_id: str) -> str | None:
        """The e-mail address of this account; None if it is gone, or kept elsewhere."""
        user = self._users.get(user_id) if self._users else None
        return user.email if user else None

    @cached_property
    def _users(self) -> "Users | None":
        from sluice.identity.schema import MIGRATIONS as ACCOUNT_TABLES
        from sluice.identity.users import Users

        accounts = self.folder / ACCOUNTS
        # A lost one is not begun anew by looking.
        if not self._keeps_accounts or not accounts.is_file():
            return None
        return Users(Database(accounts, ACCOUNT_TABLES))


def require_sluice_in(folder: Path) -> None:
    """NotFound if nothing is kept there, Unavailable if it is not whole: a command must not begin a Sluice."""
    require_complete(folder)
    if not (folder / DATABASE).is_file():
        raise NotFound(f"there is no Sluice in {folder}; set SLUICE_DATA to the folder that it keeps")


def identity_in(settings: Settings) -> "Identity | None":
    """The accounts that are kept here; None if they are kept elsewhere. NotFound if there is no Sluice."""
    from sluice.wiring.local import local_home

    if not settings.local_identity:
        return None
    require_sluice_in(settings.data)
    return local_home(settings).identity


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No Sluice runs in this folder, and none starts meanwhile. Unavailable if one does."""
    make_folder(folder)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Unavailable(f"a Sluice runs in {folder}; stop it first") from error
        yield
