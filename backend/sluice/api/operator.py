"""For operators: how the service is, and what became of messages that nobody could handle."""

from flask import Response

from sluice import operations as seen
from sluice.errors import Refused
from sluice.messages import LANES
from sluice.operations import Overview
from sluice.video import Failure, Progress, Video

from . import openapi
from .answers import answer
from .context import Caller, operations
from .openapi import SIGNED_IN, Described, documented, refused
from .operator_schemas import DeadLetter, FailedVideo, LaneState, LetterPath, Operations, RunningEncode, WorkerState
from .requests import checked
from .schemas import VideoError
from .showing import owner_name, time, title_of

blueprint = Described("operator", __name__, openapi.OPERATOR, "/api/ops")

_ELSEWHERE = "This Sluice is on AWS, whose dashboard in CloudWatch shows this (terraform output dashboard_url)."
_OPERATORS = "Not for this caller: their token does not say that they are in the group `operators`."
_NOT_HERE = {501: refused(501, "not_here", _ELSEWHERE), 403: refused(403, "not_operator", _OPERATORS)}
_LETTER = {**_NOT_HERE, 404: refused(404, "not_found", "There is no such dead letter.")}
_COMES_AGAIN = {409: refused(409, "comes_again", "What it asks for is asked for anew by itself.")}


@blueprint.get(
    "",
    operation_id="getOperations",
    security=SIGNED_IN,
    responses=documented({200: Operations, **_NOT_HERE}, 401),
)
@checked
def get_operations(operator: Caller) -> Response:
    """Lanes, workers, running encodes, failures and dead letters, whoever's they are."""
    return answer(_shown(_here().overview()))


@blueprint.post(
    "/dead-letters/<int:number>/replay",
    operation_id="replayDeadLetter",
    security=SIGNED_IN,
    responses=documented(
        {204: {"description": "It is delivered again, as if it were new."}, **_LETTER, **_COMES_AGAIN}, 401
    ),
)
@checked
def replay_dead_letter(operator: Caller, path: LetterPath) -> Response:
    """Try what a dead letter asks for again."""
    _here().replay(path.number)
    return Response(status=204)


@blueprint.delete(
    "/dead-letters/<int:number>",
    operation_id="dropDeadLetter",
    security=SIGNED_IN,
    responses=documented({204: {"description": "It is gone."}, **_LETTER}, 401),
)
@checked
def drop_dead_letter(operator: Caller, path: LetterPath) -> Response:
    """Forget a dead letter."""
    _here().drop(path.number)
    return Response(status=204)


def _here() -> seen.Operations:
    found = operations()
    if found is None:
        raise Refused("not_here", _ELSEWHERE)
    return found


def _shown(overview: Overview) -> Operations:
    return Operations(
        lanes=[_lane(lane) for lane in overview.lanes],
        workers=[WorkerState(pid=one.pid, lanes=list(one.lanes), busy=one.busy) for one in overview.workers],
        encodes=[_encode(encode) for encode in overview.encodes],
        failures=[_failed(video, video.failure) for video in overview.failures if video.failure],
        dead_letters=[_letter(letter) for letter in overview.dead],
        videos=dict(overview.videos),
        free_bytes=overview.free_bytes,
        size_bytes=overview.size_bytes,
    )


def _lane(lane: seen.Lane) -> LaneState:
    return LaneState(
        name=lane.name,
        waiting=lane.waiting,
        later=lane.later,
        leased=lane.leased,
        dead=lane.dead,
        oldest_seconds=None if lane.oldest_s is None else round(lane.oldest_s, 1),
    )


def _encode(encode: seen.Encode) -> RunningEncode:
    video, progress = encode.video, encode.video.progress or Progress(0.0)
    return RunningEncode(
        id=video.id,
        title=title_of(video),
        owner=owner_name(video),
        attempt=video.attempt,
        percent=round(progress.percent, 1),
        seconds_left=progress.seconds_left,
        playable=video.playable,
        pid=encode.pid,
    )


def _failed(video: Video, failure: Failure) -> FailedVideo:
    return FailedVideo(
        id=video.id,
        title=title_of(video),
        owner=owner_name(video),
        created_at=time(video.created_at),
        error=VideoError(code=failure.code, detail=failure.detail),
    )


def _letter(letter: seen.Letter) -> DeadLetter:
    return DeadLetter(
        number=letter.number,
        lane=letter.lane,
        kind=letter.kind,
        video_id=letter.video_id,
        tries=letter.receives,
        age_seconds=round(letter.age_s, 1),
        error=letter.error,
        replayable=letter.lane in LANES,
    )
