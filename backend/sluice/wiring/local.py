"""Everything on one machine: SQLite, files, ffmpeg, and an identity of its own."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ulid import ULID

from sluice import identity
from sluice.adapters.ffprobe import Ffprobe
from sluice.adapters.links import SignedLinks
from sluice.adapters.local.counters import Counters
from sluice.adapters.local.database import Database
from sluice.adapters.local.doorbell import clear, ring_all
from sluice.adapters.local.downloads import DownloadLinks
from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.folders import old_folders, require_accounts, require_complete
from sluice.adapters.local.forms import LocalForms, StorageKey
from sluice.adapters.local.ledger import SqliteLedger
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.adapters.local.orders import LocalEncoder
from sluice.adapters.local.owed import Owed
from sluice.adapters.local.queue import SqliteQueue
from sluice.adapters.local.queue_room import QueueRoom
from sluice.adapters.local.rates import MIGRATIONS as RATES
from sluice.adapters.local.rates import SqliteRates
from sluice.adapters.local.room import Room
from sluice.adapters.local.secret_files import kept_secret
from sluice.adapters.local.sqlite import MIGRATIONS, SqliteReplies, SqliteVideos
from sluice.errors import NotFound
from sluice.messages import OwnerDeleted, OwnerRenamed
from sluice.ports import App
from sluice.settings import Settings
from sluice.video import Status

from . import Clock, Strangers, new_ulid, utc_now

LEFTOVERS_AFTER_S = 60.0
RAW = "/storage/raw"


@dataclass(frozen=True)
class LocalHome:
    """The App of this machine, and what its web server and workers need besides."""

    app: App
    databases: Sequence[Database]
    database: Database
    videos: SqliteVideos
    queue: SqliteQueue
    queue_room: QueueRoom
    sources: LocalObjects
    media: LocalObjects
    room: Room
    links: SignedLinks
    downloads: DownloadLinks
    identity: identity.Identity | None
    storage_key: StorageKey
    bells: Path
    work: Path

    def close(self) -> None:
        """Close the databases, before this process forks.

        SQLite's locks are no child's, though it would think so: others would take the log from under it.
        """
        for database in self.databases:
            database.close()

    def sweep_leftovers(self) -> None:
        """Remove what killed processes left behind: unfinished uploads, and work on orders that are no more."""
        for bucket in (self.sources, self.media):
            bucket.sweep_leftovers(LEFTOVERS_AFTER_S)
        for folder in old_folders(self.work, LEFTOVERS_AFTER_S):
            if not self._needs(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
        clear(self.bells)
        Counters(self.bells).take_over()
        for database in self.databases:
            database.shorten_log()

    def _needs(self, name: str) -> bool:
        """Whether a folder of the work folder is in use: that of an order, or what is kept for a video's attempts."""
        video_id, *run = name.split("-")
        if run:
            return self.queue.has(ENCODER, f"{video_id}/{run[0]}")
        try:
            video = self.app.videos.get(video_id)
        except NotFound:
            return False
        # A deleted one stays as a row for as long as its upload form is valid.
        return video.status is Status.PROCESSING and not video.gone


def local_home(settings: Settings, *, now: Clock = utc_now, new_id: Callable[[], str] = new_ulid) -> LocalHome:
    """Everything on this machine, in the data folder; what is not there yet is made."""
    data = settings.data
    require_complete(data)
    database = Database(data / "sluice.db", MIGRATIONS)
    rates = Database(data / "run" / "rates.db", RATES, forgetful=True)
    ring = partial(ring_all, data / "run")
    videos, queue = SqliteVideos(database), SqliteQueue(database, ring, now)
    storage_key = _storage_key(settings)
    room = Room(data, settings.reserve_bytes, Owed(database, data))
    links_key = kept_secret(data / "keys" / "links").encode()
    links, downloads = SignedLinks(links_key, now), DownloadLinks(RAW, links_key, now)
    forms = LocalForms("raw", RAW, storage_key, now=now)
    sources = LocalObjects(data / "raw", forms=forms, downloads=downloads, room=room)
    media = LocalObjects(data / "media", prefix="media/", room=room)
    people = _identity(settings, queue, now)
    app = App(
        settings=settings,
        videos=videos,
        sources=sources,
        media=media,
        queue=queue,
        encoder=LocalEncoder(queue, media),
        probe=Ffprobe(settings),
        links=links,
        people=people or Strangers(),
        replies=SqliteReplies(database),
        ledger=SqliteLedger(database),
        rates=SqliteRates(rates),
        now=now,
        new_id=new_id,
    )
    databases = [database, rates, *([people.database] if people else [])]
    return LocalHome(
        app=app,
        databases=databases,
        database=database,
        videos=videos,
        queue=queue,
        queue_room=QueueRoom(database, ring, now),
        sources=sources,
        media=media,
        room=room,
        links=links,
        downloads=downloads,
        identity=people,
        storage_key=storage_key,
        bells=data / "run",
        work=data / "work",
    )


def _identity(settings: Settings, queue: SqliteQueue, now: Clock) -> identity.Identity | None:
    if not settings.local_identity:
        return None
    require_accounts(settings.data)
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
