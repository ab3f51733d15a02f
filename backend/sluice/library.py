"""What viewers see and what owners may change."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from . import fair_use, layout
from .changes import change
from .errors import NotFound, Refused
from .messages import OwnerRenamed, SourceArrived, VideoDeleted
from .ports import App
from .records import dataclass
from .uploads import has_arrived, name_of
from .video import Status, Video, Visibility

BATCH = 100
SOURCE_FOR = timedelta(minutes=15)

# Raises unless the video is as the caller expects it, asked of the very state that is then changed.
Check = Callable[[Video], None]


def _nothing(_: Video) -> None:
    pass


@dataclass(frozen=True)
class Page:
    """Some videos, newest first, and what to ask for next; None at the end."""

    items: Sequence[Video]
    next_before: str | None


@dataclass(frozen=True)
class Playback:
    """Where the stream of a playable video is."""

    hls: str
    thumbnail: str | None


@dataclass(frozen=True)
class Download:
    """Where an uploaded file can be fetched, under which name, and until when."""

    url: str
    file_name: str
    expires_at: datetime


def watch(app: App, viewer: str | None, video_id: str) -> Video:
    """The video, if this viewer may see it. NotFound otherwise, whatever the reason."""
    video = app.videos.get(video_id)
    if video.hidden(app.now()) or not (video.open or video.owner == viewer):
        raise NotFound(f"no video {video_id}")
    return video


def playback(app: App, video: Video) -> Playback | None:
    """The addresses of its stream; None before it is playable."""
    if not video.playable:
        return None
    base = f"{app.links.media_base(video.id, open=video.open)}{video.attempt}/"
    thumbnail = base + layout.THUMBNAIL if video.status is Status.DONE else None
    return Playback(base + layout.MASTER, thumbnail)


def receipt(app: App, owner: str, video_id: str) -> bytes:
    """What the encode of one's own finished video took, as its encoder wrote it. NotFound where there is none."""
    video = watch(app, owner, video_id)
    if video.owner != owner or video.status is not Status.DONE:
        raise NotFound(f"no receipt of {video_id}")
    return app.media.read(layout.media_key(video.id, video.attempt, layout.RECEIPT))


def source(app: App, owner: str, video_id: str) -> Download:
    """Where the owner can fetch what they uploaded. Refused(not_uploaded, source_gone), NotFound for another's."""
    video = app.videos.get(video_id)
    _require_own(app, owner, video)
    if not has_arrived(app, video):
        raise Refused("not_uploaded", "There is no file yet; upload it with the form of this video's ticket.")
    key, name = layout.source_key(video.id), video.filename or video.id
    head = app.sources.head(key)
    # In S3 another file may lie there for a moment; until a video is done, that is what another try would take.
    if head is None or (video.status is Status.DONE and not video.began_with(head.stamp)):
        raise Refused("source_gone", "The uploaded file is no longer kept.")
    return Download(app.sources.download_url(key, name, valid_for=SOURCE_FOR), name, app.now() + SOURCE_FOR)


def public_page(app: App, *, before: str | None, limit: int) -> Page:
    """Finished public videos."""
    return _page(app.videos.public(before=before, limit=limit + 1), limit)


def owned_page(app: App, owner: str, *, before: str | None, limit: int) -> Page:
    """The owner's own videos, in every state; an empty page is the last one."""
    while True:
        page = _page(app.videos.owned(owner, before=before, limit=limit + 1), limit)
        now, before = app.now(), page.next_before
        page = replace(page, items=[video for video in page.items if not video.hidden(now)])
        if page.items or before is None:
            return page


def _page(found: Sequence[Video], limit: int) -> Page:
    items = found[:limit]
    return Page(items, items[-1].id if len(found) > limit else None)


def edit(
    app: App,
    owner: str,
    video_id: str,
    require: Check = _nothing,
    *,
    title: str | None = None,
    description: str | None = None,
    visibility: Visibility | None = None,
) -> Video:
    """The video with the changes that are not None. NotFound for another's; what `require` raises."""
    return _own(app, owner, video_id, lambda video: video.edit(title, description, visibility), require)


def retry(app: App, owner: str, video_id: str) -> Video:
    """The failed video, waiting for another attempt.

    Refused(not_failed, source_gone, calls_limit), NotFound for another's."""
    fair_use.count_call(app, owner)
    video = _own(app, owner, video_id, lambda video: _retried(app, video))
    app.queue.send(SourceArrived(video_id))
    return video


def _retried(app: App, video: Video) -> Video:
    pending = video.retry(app.now())
    if app.sources.head(layout.source_key(video.id)) is None:
        raise Refused("source_gone", "The uploaded file is no longer there; upload it again.")
    return pending


def delete(app: App, owner: str, video_id: str, require: Check = _nothing) -> None:
    """Nobody sees it from now on, and all that belongs to it goes. NotFound for another's; what `require` raises."""
    _own(app, owner, video_id, lambda video: video.delete(app.now()), require)
    app.queue.send(VideoDeleted(video_id))


def _own(app: App, owner: str, video_id: str, decide: Callable[[Video], Video], require: Check = _nothing) -> Video:
    def decide_own(video: Video) -> Video:
        _require_own(app, owner, video)
        require(video)
        return decide(video)

    return change(app, video_id, decide_own)


def _require_own(app: App, owner: str, video: Video) -> None:
    if video.owner != owner or video.hidden(app.now()):
        raise NotFound(f"no video {video.id}")


def announce_name(app: App, owner: str) -> None:
    """The owner's videos are soon shown under the name that the accounts know, if they know one.

    Refused(calls_limit), Unauthenticated for who has left."""
    fair_use.count_call(app, owner)
    if name := name_of(app, owner):
        app.queue.send(OwnerRenamed(owner, name))


def delete_all(app: App, owner: str) -> None:
    """The user is gone: so are their videos."""
    while videos := app.videos.owned(owner, before=None, limit=BATCH):
        for video in videos:
            _change_if_known(app, video.id, lambda current: current.delete(app.now()))
            app.queue.send(VideoDeleted(video.id))


def rename_owner(app: App, owner: str, name: str) -> None:
    """Show this owner's videos under the new name."""
    before = None
    while videos := app.videos.owned(owner, before=before, limit=BATCH):
        for video in videos:
            _change_if_known(app, video.id, lambda current: replace(current, owner_name=name))
        before = videos[-1].id


def _change_if_known(app: App, video_id: str, decide: Callable[[Video], Video]) -> None:
    # The sweep may have forgotten one that was listed; the others are to change all the same.
    with suppress(NotFound):
        change(app, video_id, decide)
