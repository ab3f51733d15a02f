"""The only composition root: settings in, a wired App out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ulid import ULID

from . import identity
from .adapters.ffprobe import Ffprobe
from .adapters.local.database import Database
from .adapters.local.doorbell import ring_all
from .adapters.local.encoder import LocalEncoder
from .adapters.local.files import LocalObjects
from .adapters.local.links import LocalLinks
from .adapters.local.queue import SqliteQueue
from .adapters.local.secret_files import kept_secret
from .adapters.local.sqlite import MIGRATIONS, SqliteReplies, SqliteVideos
from .messages import OwnerDeleted, OwnerRenamed
from .ports import App, People
from .settings import Settings


def build(settings: Settings) -> App:
    """The ports of the home that the settings name."""
    return local_home(settings).app


@dataclass(frozen=True)
class LocalHome:
    """The App of this machine, and what its web server and workers need besides."""

    app: App
    queue: SqliteQueue
    sources: LocalObjects
    media: LocalObjects
    links: LocalLinks
    identity: identity.Identity | None
    storage_access_key: str
    storage_secret_key: str
    bells: Path
    work: Path


class _Strangers:
    """People where the identity is somebody else's: names are not known."""

    def name_of(self, user_id: str) -> str | None:
        return None


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
