"""Four times a minute at home, once on AWS: whatever is overdue is driven to an end, whichever message got lost."""

import logging
from dataclasses import replace

from . import layout, processing
from .changes import save
from .errors import SluiceError
from .messages import SourceArrived
from .ports import App
from .records import dataclass
from .uploads import has_arrived
from .video import Failure, Status, Video

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """How many videos were due, and how many of them could not be driven on and are overdue still."""

    due: int
    overdue: int


def sweep(app: App) -> Swept:
    """Look once at every video that is due now; one that can't be helped doesn't hold up the others."""
    due = overdue = 0
    for video in app.videos.due(app.now()):
        due += 1
        try:
            _drive(app, video)
        except Exception as error:
            # A bug, too: the row that meets it comes first again in every sweep, and the others would never be reached.
            overdue += 1
            bug = not isinstance(error, SluiceError)
            log.warning("video=%s request=%s not swept: %s", video.id, video.request or "-", error, exc_info=bug)
    return Swept(due, overdue)


def _drive(app: App, video: Video) -> None:
    if video.gone:
        _forget(app, video)
    elif video.status is Status.PENDING:
        _drive_pending(app, video)
    elif video.status is Status.PROCESSING:
        _drive_processing(app, video)
    elif not video.published:
        save(app, video, video.delete(app.now()))
        processing.remove(app, video.id)


def _forget(app: App, video: Video) -> None:
    processing.remove(app, video.id)
    if _is_forgettable(app, video):
        app.videos.delete(video.id)
    else:
        # Its job is cancelled by now; to do so at every look would use up the encoder's quota of calls.
        save(app, video, replace(video, job=None).look_again(app.now()))


def _is_forgettable(app: App, video: Video) -> bool:
    return video.forgettable(app.now(), app.settings.max_upload_bytes)


def _drive_pending(app: App, video: Video) -> None:
    now = app.now()
    if has_arrived(app, video):
        if save(app, video, video.nudge(now)).status is Status.PENDING:
            app.queue.send(SourceArrived(video.id))
    elif _is_forgettable(app, video):
        app.sources.delete(layout.source_key(video.id))
        app.videos.delete(video.id)
    else:
        save(app, video, video.look_again(now))


def _drive_processing(app: App, video: Video) -> None:
    now = app.now()
    video = video.awake(now)
    if video.job and app.encoder.waits(video.job):
        video = video.still_waits(now)
    if video.overdue(now):
        failure = Failure("encode_timeout", "The encode took longer than any encode may; try again.")
        processing.stop_encode(app, video, failure)
        return
    video = save(app, video, video.look_again(now))
    if video.job is None:
        app.queue.send(SourceArrived(video.id))
    elif end := app.encoder.end_of(video.id, video.attempt, video.job):
        # By way of the queue, which keeps it until all of it is done: an ended row is not swept.
        app.queue.send(end)
