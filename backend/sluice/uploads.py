"""From the ticket to the published video."""

import logging
from datetime import timedelta

from . import allowance, fair_use, layout
from .changes import change
from .errors import NotFound, Refused, Unauthenticated
from .ports import App, Form
from .records import dataclass
from .video import SWEEP_AFTER, Status, Video, Visibility

OWNER = "user-id"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticket:
    """Leave to upload one file: the pending video and the form to post it with."""

    video: Video
    form: Form
    max_bytes: int


def issue_ticket(
    app: App, owner: str, *, filename: str | None, size: int | None, title: str | None, request: str | None = None
) -> Ticket:
    """A pending video of this owner, stored before its first byte can arrive.

    Refused(too_large, daily_limit), and as fair_use.py refuses; Unavailable(no_space); Unauthenticated for who left."""
    fair_use.count_call(app, owner)
    max_bytes = app.settings.max_upload_bytes
    if size is not None and size > max_bytes:
        raise Refused("too_large", f"The file has {size} bytes; at most {max_bytes} are taken.")
    allowance.require_left(app, owner)
    fair_use.require_room(app, owner, size)
    app.sources.require_room(size or 0)
    video = app.videos.add(_pending(app, owner, filename, title, request))
    log.info("video=%s request=%s ticket", video.id, request or "-")
    key = layout.source_key(video.id)
    form = app.sources.upload_form(key, {OWNER: owner}, max_bytes=max_bytes, expires_at=video.expires_at)
    return Ticket(video, form, max_bytes)


def _pending(app: App, owner: str, filename: str | None, title: str | None, request: str | None) -> Video:
    now = app.now().replace(microsecond=0)
    return Video(
        id=app.new_id(),
        owner=owner,
        owner_name=name_of(app, owner),
        created_at=now,
        expires_at=now + timedelta(seconds=app.settings.upload_ttl_s),
        filename=filename,
        title=title,
        request=request,
        due_at=now + SWEEP_AFTER,
    )


def name_of(app: App, owner: str) -> str:
    """The name that this owner is shown under; empty where none is known. Unauthenticated for who has left."""
    try:
        return app.people.name_of(owner) or ""
    except NotFound:
        # Their token lives on for a while, but nobody would be left to whom the video belongs.
        raise Unauthenticated("This account is gone.") from None


def publish(
    app: App, owner: str, video_id: str, *, title: str, description: str, visibility: Visibility
) -> tuple[Video, bool]:
    """The published video, and whether this call did it; a repetition changes nothing.

    Refused(not_uploaded) before its file is there, Refused(calls_limit), NotFound for another's."""
    fair_use.count_call(app, owner)
    video = app.videos.get(video_id)
    if video.owner != owner or video.gone:
        raise NotFound(f"no video {video_id}")
    if not has_arrived(app, video):
        if video.hidden(app.now()):
            raise NotFound(f"no video {video_id}")
        raise Refused("not_uploaded", "Upload the file first, with the form of this video's ticket.")
    first = True

    def decide(current: Video) -> Video:
        nonlocal first
        if current.gone:
            raise NotFound(f"no video {video_id}")
        first = not current.settled
        return current.publish(title, description, visibility)

    return change(app, video_id, decide), first


def has_arrived(app: App, video: Video) -> bool:
    """Whether its source was uploaded, by its owner's form."""
    if video.status is not Status.PENDING or video.arrived:
        return True
    head = app.sources.head(layout.source_key(video.id))
    return head is not None and head.metadata.get(OWNER) == video.owner


def may_arrive(app: App, key: str) -> bool:
    """Whether an upload under this key may be taken: never again for a video that has its source, moved on or went."""
    try:
        video = app.videos.get(key)
    except NotFound:
        return not layout.is_id(key)
    late = video.forgettable(app.now(), app.settings.max_upload_bytes)
    return video.status is Status.PENDING and not video.gone and not late and not has_arrived(app, video)
