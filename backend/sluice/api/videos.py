"""Videos: publishing, watching, changing."""

import json

from flask import Response

from sluice import library, uploads
from sluice.video import Visibility

from . import openapi
from .answers import answer, conditional, require_expected, tagged
from .context import Caller, house, id_of
from .idempotency import once
from .inputs import ConditionHeader, ExpectationHeader, IdempotencyHeader, NewVideo, Paging, VideoChange, VideoPath
from .openapi import ANYBODY, CHANGED_SINCE, SIGNED_IN, Described, created, documented
from .requests import checked
from .schemas import Receipt, SourceDownload, Video, VideoList, VideoStatus
from .showing import download_of, list_of, status_of, video_of
from .wire import read

blueprint = Described("videos", __name__, openapi.VIDEOS, "/api")

_PUBLISHED = {
    201: created(Video, "Published by this call."),
    200: created(Video, "Published before; nothing changed."),
}
_CHANGED = openapi.changed(Video, "The video, as it is now.")
_SHOWN = openapi.tagged(Video, "The video.")
_STATUS = openapi.tagged(VideoStatus, "How far it is.")
_RECEIPT = openapi.tagged(Receipt, "The receipt.")
_LIST = openapi.tagged(VideoList, "One page of videos.")
_RETRIED = {202: created(Video, "It waits for another attempt.")}


@blueprint.post(
    "/videos",
    operation_id="publishVideo",
    security=SIGNED_IN,
    responses=documented(_PUBLISHED, 400, 401, 404, 409, 413, 415, 422, 429),
)
@checked
def publish_video(caller: Caller, header: IdempotencyHeader, body: NewVideo) -> Response:
    """Publish an uploaded file as a video; `not_uploaded` while the file is not there."""
    return once(caller, header.idempotency_key, body, lambda: _published(caller, body))


def _published(caller: Caller, body: NewVideo) -> Response:
    video, new = uploads.publish(
        house(),
        caller.user_id,
        body.id,
        title=body.title,
        description=body.description,
        visibility=Visibility(body.visibility),
    )
    return answer(video_of(video, caller.user_id), 201 if new else 200, location=f"/api/videos/{video.id}")


@blueprint.get("/videos", operation_id="listVideos", security=[], responses=documented(_LIST, 422))
@checked
def list_videos(query: Paging, header: ConditionHeader) -> Response:
    """Finished public videos, newest first."""
    page = library.public_page(house(), before=query.cursor, limit=query.limit)
    return conditional(list_of(page, None))


@blueprint.get("/videos/<ulid:id>", operation_id="getVideo", security=ANYBODY, responses=documented(_SHOWN, 401, 404))
@checked
def get_video(viewer: Caller | None, path: VideoPath, header: ConditionHeader) -> Response:
    """One video; another's private or unpublished one is not found."""
    user_id = id_of(viewer)
    return conditional(video_of(library.watch(house(), user_id, path.id), user_id))


@blueprint.get(
    "/videos/<ulid:id>/status", operation_id="getVideoStatus", security=ANYBODY, responses=documented(_STATUS, 401, 404)
)
@checked
def get_video_status(viewer: Caller | None, path: VideoPath, header: ConditionHeader) -> Response:
    """How far a video is; cheap to ask again and again with its ETag."""
    user_id = id_of(viewer)
    return conditional(status_of(library.watch(house(), user_id, path.id), user_id))


@blueprint.get(
    "/videos/<ulid:id>/receipt",
    operation_id="getVideoReceipt",
    security=SIGNED_IN,
    responses=documented(_RECEIPT, 401, 404),
)
@checked
def get_video_receipt(caller: Caller, path: VideoPath, header: ConditionHeader) -> Response:
    """What the encode of one's own finished video took; videos that were encoded elsewhere have none."""
    return conditional(read(Receipt, json.loads(library.receipt(house(), caller.user_id, path.id))))


@blueprint.get(
    "/videos/<ulid:id>/source",
    operation_id="getVideoSource",
    security=SIGNED_IN,
    responses=documented({200: SourceDownload}, 401, 404, 409),
)
@checked
def get_video_source(caller: Caller, path: VideoPath) -> Response:
    """An address for the file that was uploaded as one's own video; `source_gone` where it is no longer kept."""
    return answer(download_of(library.source(house(), caller.user_id, path.id)))


@blueprint.patch(
    "/videos/<ulid:id>",
    operation_id="changeVideo",
    security=SIGNED_IN,
    responses=documented(_CHANGED, 400, 401, 404, 409, 413, 415, 422),
)
@checked
def change_video(caller: Caller, path: VideoPath, header: ExpectationHeader, body: VideoChange) -> Response:
    """Change title, description or visibility of one's own video; what is left out stays. A title publishes a draft."""
    changes = dict(vars(body))
    if "visibility" in changes:
        changes["visibility"] = Visibility(changes["visibility"])
    video = library.edit(house(), caller.user_id, path.id, _as_expected(caller), **changes)
    return tagged(video_of(video, caller.user_id))


def _as_expected(caller: Caller) -> library.Check:
    return lambda video: require_expected(video_of(video, caller.user_id))


@blueprint.delete(
    "/videos/<ulid:id>",
    operation_id="deleteVideo",
    security=SIGNED_IN,
    responses=documented(
        {
            204: {"description": "Gone: the video, its source, its media and a running encode."},
            412: CHANGED_SINCE,
        },
        401,
        404,
        409,
    ),
)
@checked
def delete_video(caller: Caller, path: VideoPath, header: ExpectationHeader) -> Response:
    """Delete one's own video with everything that belongs to it."""
    library.delete(house(), caller.user_id, path.id, _as_expected(caller))
    return Response(status=204)


@blueprint.post(
    "/videos/<ulid:id>/retry",
    operation_id="retryVideo",
    security=SIGNED_IN,
    responses=documented(_RETRIED, 401, 404, 409, 422, 429),
)
@checked
def retry_video(caller: Caller, path: VideoPath, header: IdempotencyHeader) -> Response:
    """Try a failed video of one's own again."""
    return once(caller, header.idempotency_key, None, lambda: _retried(caller, path.id))


def _retried(caller: Caller, video_id: str) -> Response:
    video = library.retry(house(), caller.user_id, video_id)
    return answer(video_of(video, caller.user_id), 202, location=f"/api/videos/{video_id}/status")
