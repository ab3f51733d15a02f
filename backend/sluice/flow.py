"""Message to use case, in the order of the story. Both homes end here."""

from . import library, processing
from .errors import NotFound
from .messages import (
    EncodeFailed,
    EncodeLost,
    EncodeProgressed,
    EncodeSucceeded,
    Message,
    OwnerDeleted,
    OwnerRenamed,
    SourceArrived,
    VideoDeleted,
)
from .ports import App


def handle(app: App, message: Message) -> None:
    """Do what the message asks. Safe to repeat, in any order; what raises is to be delivered again."""
    try:
        _dispatch(app, message)
    except NotFound:
        # The video was deleted meanwhile; nothing of it is left to act on.
        return


def _dispatch(app: App, message: Message) -> None:
    match message:
        case SourceArrived(video_id):
            processing.accept_source(app, video_id)
        case EncodeProgressed():
            processing.note_progress(app, message)
        case EncodeSucceeded():
            processing.finish_encode(app, message)
        case EncodeFailed():
            processing.fail_encode(app, message)
        case EncodeLost():
            processing.lose_encode(app, message)
        case VideoDeleted(video_id):
            processing.remove(app, video_id)
        case OwnerDeleted(owner):
            library.delete_all(app, owner)
        case OwnerRenamed(owner, name):
            library.rename_owner(app, owner, name)
