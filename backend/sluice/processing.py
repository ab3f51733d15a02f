"""From the uploaded source to `done` or `failed`."""

from contextlib import suppress

from . import allowance, fair_use, layout, playlists
from .changes import change, save
from .errors import Conflict, NotFound, Unplayable
from .ladder import Facts, Order, Source, plan
from .messages import EncodeFailed, EncodeLost, EncodeProgressed, EncodeSucceeded, SourceArrived
from .ports import App, EncodeEnd, Head
from .uploads import has_arrived
from .video import Failure, Progress, Status, Video

# Many times what the largest rung may spend on four seconds.
_LARGEST_SEGMENT = 64 << 20
# In S3 a form stays good for as long as its ticket; an encode that goes on could be of anything, and of any length.
_REPLACED = Failure("source_replaced", "Another file was uploaded in its place during the encode; try again with that.")


def accept_source(app: App, video_id: str) -> None:
    """Begin what waits for this source; drop the source where nothing does."""
    try:
        video = app.videos.get(video_id)
    except NotFound:
        # Too late for its row; nobody would ever remove it.
        if layout.is_id(video_id):
            app.sources.delete(layout.source_key(video_id))
        return
    if another := _replacement(app, video):
        _take_note(app, video, another)
    elif video.gone or video.status is Status.DONE:
        _drop_source(app, video)
    elif video.awaits_job or (video.status is Status.PENDING and has_arrived(app, video)):
        _begin(app, video)


def note_progress(app: App, news: EncodeProgressed) -> None:
    """Remember how far the encode is, and that it can be watched by now."""
    progress = Progress(news.percent, news.seconds_left)
    app.videos.note(news.video_id, news.attempt, progress, playable=news.playable)


def finish_encode(app: App, news: EncodeSucceeded) -> None:
    """`done` once the outputs are seen to be whole; nothing is taken on trust."""
    with suppress(NotFound):
        allowance.book_whole(app, news)
    video = _awaiting(app, news)
    if video is None:
        return
    if video.is_current(news.attempt) and video.facts is not None:
        video = _verified(app, video, video.facts)
    _tidy(app, video)


def fail_encode(app: App, news: EncodeFailed) -> None:
    """`failed` with the encoder's reason; the source stays for another try."""
    video = _awaiting(app, news)
    if video is None:
        return
    failure, job = Failure(news.code, news.detail), video.job
    video = change(app, video.id, lambda current: current.fail(failure, app.now(), news.attempt))
    if job and video.status is Status.FAILED:
        # Usually it has ended; where only its news said so, it must not hold up the next attempt.
        app.encoder.cancel(job)
    _tidy(app, video)


def lose_encode(app: App, news: EncodeLost) -> None:
    """Another attempt for an encode that its machine lost."""
    if _awaiting(app, news) is None:
        return
    video = change(app, news.video_id, lambda current: current.lose(news.attempt, app.now(), planned=news.planned))
    _tidy(app, video)
    if video.awaits_job:
        # The probe is the business of the lane `sources`: elsewhere there may be no ffprobe.
        app.queue.send(SourceArrived(video.id))


def _awaiting(app: App, news: EncodeEnd) -> Video | None:
    """The video that the encode was for; where it is gone there is none, and what the encode left goes, too."""
    with suppress(NotFound):
        video = app.videos.get(news.video_id)
        if not video.gone:
            return video
    app.media.delete_prefix(layout.attempt_prefix(news.video_id, news.attempt))
    return None


def stop_encode(app: App, video: Video, failure: Failure) -> None:
    """`failed`, and its job cancelled."""
    # First: where that doesn't work, the row still asks for another try.
    _cancel(app, video)
    _tidy(app, save(app, video, video.fail(failure, app.now())))


def remove(app: App, video_id: str) -> None:
    """Delete all that belongs to a deleted video, but for its row, which keeps late uploads out."""
    try:
        video = app.videos.get(video_id)
    except NotFound:
        return
    if not video.gone:
        return
    _cancel(app, video)
    app.sources.delete(layout.source_key(video.id))
    app.media.delete_prefix(layout.video_prefix(video.id))


def _cancel(app: App, video: Video) -> None:
    """Stop its encode, even where who ordered it died before the row named the job."""
    if video.job:
        app.encoder.cancel(video.job)
    elif video.status is Status.PROCESSING:
        app.encoder.cancel_order(video.id, video.attempt)


def _begin(app: App, video: Video) -> None:
    """Start the next attempt of a pending video, or submit the one that was started before a crash."""
    head = app.sources.head(layout.source_key(video.id))
    video = video.found(head.size, head.stamp) if head else video.found(0, None)
    try:
        source = _probe(app, video, head)
        facts = plan(source, tall=app.settings.tall_rungs)
        if video.status is Status.PENDING:
            fair_use.require_minutes(app, video, facts)
            allowance.book(app, video, facts)
    except Unplayable as verdict:
        _refuse(app, video, Failure(verdict.code, verdict.detail))
        return
    # The probe takes its time, and an owner publishes meanwhile: decide on the row as it is now.
    started = change(app, video.id, lambda current: _found(current, video).start(facts, app.now()))
    if started.awaits_job and head and started.began_with(head.stamp):
        # An attempt that follows a lost one keeps to the plan by which its end will be judged.
        _submit(app, started, Order(started.id, started.attempt, source, started.facts or facts, started.request))


def _submit(app: App, started: Video, order: Order) -> None:
    try:
        job = app.encoder.submit(order)
    except Unplayable as verdict:
        _refuse(app, started, Failure(verdict.code, verdict.detail))
        return
    if not _keep_job(app, started, job):
        # Deleted or failed meanwhile: nobody else knows of this job.
        app.encoder.cancel(job)


def _keep_job(app: App, started: Video, job: str) -> bool:
    """Whether the row names this job now."""

    def decide(current: Video) -> Video:
        return current.submitted(job) if _is_same_try(started, current) else current

    try:
        kept = change(app, started.id, decide)
    except NotFound:
        return False
    return kept.job == job and not kept.gone


def _refuse(app: App, video: Video, failure: Failure) -> None:
    """`failed`, unless it moved on while its source was looked at."""

    def decide(current: Video) -> Video:
        return _found(current, video).fail(failure, app.now()) if _is_same_try(video, current) else current

    _tidy(app, change(app, video.id, decide))


def _found(current: Video, video: Video) -> Video:
    return current.found(video.stored_bytes, video.source_stamp)


def _is_same_try(video: Video, current: Video) -> bool:
    return (video.status, video.attempt, video.job) == (current.status, current.attempt, current.job)


def _probe(app: App, video: Video, head: Head | None) -> Source:
    if head is None:
        raise Unplayable("source_gone", "The uploaded file is no longer there; upload it again.")
    with app.sources.location(layout.source_key(video.id)) as location:
        source = app.probe(location)
    now = app.sources.head(layout.source_key(video.id))
    if now and now.stamp != head.stamp:
        raise Conflict(f"the source of {video.id} was replaced while it was looked into")
    return source


def _replacement(app: App, video: Video) -> Head | None:
    """The file that was put in the place of the one that the video's encode began with."""
    if video.gone or video.status is Status.PENDING or _is_dropped(app, video):
        return None
    head = app.sources.head(layout.source_key(video.id))
    return head if head and not video.began_with(head.stamp) else None


def _take_note(app: App, video: Video, another: Head) -> None:
    """Remove what is not a finished video's file; until then another try would be that of what is there now."""
    if video.status is Status.DONE:
        media = app.media.list(layout.attempt_prefix(video.id, video.attempt))
        _drop_source(app, save(app, video, video.without_source(sum(size for _, size in media))))
        return
    if video.status is Status.PROCESSING:
        stop_encode(app, video, _REPLACED)
    change(app, video.id, lambda current: current.found(another.size, another.stamp))


def _verified(app: App, video: Video, planned: Facts) -> Video:
    prefix = layout.attempt_prefix(video.id, video.attempt)
    app.encoder.arrange(video.id, video.attempt, planned)
    sizes = {key.removeprefix(prefix): size for key, size in app.media.list(prefix)}
    try:
        facts = playlists.measure(
            planned, lambda path: app.media.read(prefix + path, max_bytes=_LARGEST_SEGMENT), sizes
        )
    except Unplayable as verdict:
        return _unverified(app, video, verdict)
    app.media.put(prefix + layout.MASTER, playlists.master(facts).encode(), playlists.CONTENT_TYPE)
    kept = app.settings.keep_source
    stored_bytes = sum(sizes.values()) + kept * video.stored_bytes
    return save(app, video, video.finish(video.attempt, facts, app.now(), stored_bytes, source_kept=kept))


def _unverified(app: App, video: Video, verdict: Unplayable) -> Video:
    """Failed, unless its job still runs: then the news was false, and true news will come."""
    if video.job and app.encoder.end_of(video.id, video.attempt, video.job) is None:
        return video
    return save(app, video, video.fail(Failure(verdict.code, verdict.detail), app.now()))


def _tidy(app: App, video: Video) -> None:
    """Remove what a video in this state has no use for; safe to repeat."""
    if video.status is Status.DONE:
        _drop_source(app, video)
    for attempt in range(1, video.attempt + 1):
        if not video.keeps_attempt(attempt):
            app.media.delete_prefix(layout.attempt_prefix(video.id, attempt))


def _is_dropped(app: App, video: Video) -> bool:
    return video.status is Status.DONE and not video.keeps_source(usually=app.settings.keep_source)


def _drop_source(app: App, video: Video) -> None:
    if video.gone or _is_dropped(app, video):
        app.sources.delete(layout.source_key(video.id))
