"""A video as this caller sees it: from the core's values to what goes over the wire."""

from datetime import UTC, datetime
from hashlib import sha256

from sluice import allowance, fair_use, library
from sluice.video import Progress, Status, Video

from . import schemas, text
from .answers import absolute
from .context import house
from .cursors import cursor_of
from .schemas import (
    SourceDownload,
    Stage,
    VideoError,
    VideoList,
    VideoPlayback,
    VideoProgress,
    VideoStatus,
)

# What is left of an owner's limits is nobody else's business.
_OWNERS_ALONE = (allowance.OVER, fair_use.MINUTES)


def video_of(video: Video, viewer: str | None) -> schemas.Video:
    """Everything about the video that this viewer may know."""
    facts, own = video.facts, video.owner == viewer
    return schemas.Video(
        id=video.id,
        user_id=video.owner,
        owner=owner_name(video),
        title=title_of(video),
        description=video.description,
        visibility=video.visibility.value,
        status=video.status.value,
        draft=not video.published,
        filename=video.filename if own else None,
        source_kept=own and video.keeps_source(usually=house().settings.keep_source),
        error=_error(video, viewer),
        created_at=time(video.created_at),
        duration=round(facts.duration_s, 3) if facts else None,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        repairs=list(facts.repairs if facts else ()),
        playable=video.playable,
        playback=_playback(video),
        progress=_progress(video),
    )


def title_of(video: Video) -> str:
    """What to call it, drafts too."""
    return video.title or video.filename or "Untitled"


def owner_name(video: Video) -> str:
    """What its owner is called in public."""
    return text.seen(video.owner_name) or f"user-{sha256(video.owner.encode()).hexdigest()[:6]}"


def download_of(found: library.Download) -> SourceDownload:
    """Where an uploaded file is to be had."""
    return SourceDownload(url=absolute(found.url), file_name=found.file_name, expires_at=time(found.expires_at))


def status_of(video: Video, viewer: str | None) -> VideoStatus:
    """The part of it that changes while it is being made."""
    return VideoStatus(
        id=video.id,
        status=video.status.value,
        progress=_progress(video),
        playable=video.playable,
        error=_error(video, viewer),
    )


def list_of(page: library.Page, viewer: str | None) -> VideoList:
    """One page of a list."""
    items = [video_of(video, viewer) for video in page.items]
    return VideoList(items=items, next_cursor=cursor_of(page.next_before))


def time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(video: Video, viewer: str | None) -> VideoError | None:
    failure = video.failure
    if failure is None:
        return None
    if failure.code in _OWNERS_ALONE and viewer != video.owner:
        return VideoError(code="owner_limit", detail="A limit of its owner kept this video from being prepared.")
    return VideoError(code=failure.code, detail=failure.detail)


def _playback(video: Video) -> VideoPlayback | None:
    found = library.playback(house(), video)
    if found is None:
        return None
    return VideoPlayback(hls=absolute(found.hls), thumbnail=found.thumbnail and absolute(found.thumbnail))


def _progress(video: Video) -> VideoProgress:
    known = (video.progress if video.status is Status.PROCESSING else None) or Progress(0.0)
    percent = 100.0 if video.status is Status.DONE else round(min(max(known.percent, 0.0), 100.0), 1)
    seconds_left = None if known.seconds_left is None else round(max(known.seconds_left, 0.0), 1)
    return VideoProgress(stage=_stage(video), percent=percent, seconds_left=seconds_left)


def _stage(video: Video) -> Stage:
    if video.status is Status.DONE:
        return "done"
    if video.status is Status.FAILED:
        return "failed"
    if video.status is Status.PENDING and not video.arrived:
        return "uploading"
    return "queued" if video.status is Status.PENDING or video.awaits_job else "encoding"
