"""The only composition root: settings in, a wired App out."""

import shutil
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
from .adapters.local.encoder import LANE as ENCODER
from .adapters.local.encoder import LocalEncoder
from .adapters.local.files import LocalObjects
from .adapters.local.folders import old_folders
from .adapters.local.links import LocalLinks
from .adapters.local.queue import SqliteQueue
from .adapters.local.secret_files import kept_secret
from .adapters.local.sqlite import MIGRATIONS, SqliteReplies, SqliteVideos
from .adapters.presigned_post import FormSigner, s3_client
from .errors import NotFound
from .messages import OwnerDeleted, OwnerRenamed
from .ports import App
from .settings import Settings
from .video import Status

LEFTOVERS_AFTER_S = 60.0

Clock = Callable[[], datetime]


def build(settings: Settings) -> App:
    """The ports of the home that the settings name."""
    return local_home(settings).app


@dataclass(frozen=True)
class StorageKey:
    """The key pair that signs upload forms and checks them again."""

    access: str
    secret: str


@dataclass(frozen=True)
class LocalHome:
    """The App of this machine, and what its web server and workers need besides."""

    app: App
    queue: SqliteQueue
    sources: LocalObjects
    media: LocalObjects
    links: LocalLinks
    identity: identity.Identity | None
    storage_key: StorageKey
    bells: Path
    work: Path

    def sweep_leftovers(self) -> None:
        """Remove what killed processes left behind: unfinished uploads, and work on orders that are no more."""
        for bucket in (self.sources, self.media):
            bucket.sweep_leftovers(LEFTOVERS_AFTER_S)
        for folder in old_folders(self.work, LEFTOVERS_AFTER_S):
            if not self._needs(folder.name):
                shutil.rmtree(folder, ignore_errors=True)

    def _needs(self, name: str) -> bool:
        """Whether a folder of the work folder is in use: that of an order, or what is kept for a video's attempts."""
        video_id, _, attempt = name.partition("-")
        if attempt:
            return self.queue.has(ENCODER, f"{video_id}/{attempt}")
        try:
            return self.app.videos.get(video_id).status is Status.PROCESSING
        except NotFound:
            return False


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def new_ulid() -> str:
    """An id that sorts by the time it was made."""
    return str(ULID())


def local_home(settings: Settings, *, now: Clock = utc_now, new_id: Callable[[], str] = new_ulid) -> LocalHome:
    """Everything on this machine, in the data folder; what is not there yet is made."""
    data = settings.data
    database = Database(data / "sluice.db", MIGRATIONS)
    queue = SqliteQueue(database, partial(ring_all, data / "run"), now)
    storage_key = _storage_key(settings)
    sources = LocalObjects(data / "raw", forms=_forms(storage_key, now))
    media = LocalObjects(data / "media", prefix="media/")
    links = LocalLinks(kept_secret(data / "keys" / "links").encode(), now)
    people = _identity(settings, queue, now)
    app = App(
        settings=settings,
        videos=SqliteVideos(database),
        sources=sources,
        media=media,
        queue=queue,
        encoder=LocalEncoder(queue, media),
        probe=Ffprobe(settings),
        links=links,
        people=people or _Strangers(),
        replies=SqliteReplies(database),
        now=now,
        new_id=new_id,
    )
    return LocalHome(app, queue, sources, media, links, people, storage_key, data / "run", data / "work")


class _Strangers:
    """People whose identity is kept elsewhere: their names are not known here."""

    def name_of(self, user_id: str) -> str | None:
        return None


def _identity(settings: Settings, queue: SqliteQueue, now: Clock) -> identity.Identity | None:
    if not settings.local_identity:
        return None
    return identity.build(
        settings,
        now=now,
        on_deleted=lambda user_id: queue.send(OwnerDeleted(user_id)),
        on_renamed=lambda user_id, name: queue.send(OwnerRenamed(user_id, name)),
    )


def _storage_key(settings: Settings) -> StorageKey:
    keys = settings.data / "keys"
    access = settings.storage_access_key or kept_secret(keys / "storage_access", lambda: f"SLUICE{ULID()}")
    return StorageKey(access, settings.storage_secret_key or kept_secret(keys / "storage_secret"))


def _forms(key: StorageKey, now: Clock) -> FormSigner:
    client = partial(s3_client, access_key=key.access, secret_key=key.secret)
    return FormSigner("raw", client, now=now, url="/storage/raw")
