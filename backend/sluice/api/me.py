"""What belongs to the caller."""

from flask import Response

from sluice import library

from . import openapi
from .answers import conditional
from .context import Caller, house
from .inputs import ConditionHeader, Paging
from .openapi import SIGNED_IN, Described, documented, tagged
from .requests import checked
from .schemas import VideoList
from .showing import list_of

blueprint = Described("me", __name__, openapi.VIDEOS, "/api/me")

_LIST = tagged(VideoList, "One page of the caller's videos.")
_RENAMED = {202: {"description": "They change, one after another."}}


@blueprint.get("/videos", operation_id="listMyVideos", security=SIGNED_IN, responses=documented(_LIST, 401, 422))
@checked
def list_my_videos(caller: Caller, query: Paging, header: ConditionHeader) -> Response:
    """The caller's own videos in every state, drafts too, newest first."""
    page = library.owned_page(house(), caller.user_id, before=query.cursor, limit=query.limit)
    return conditional(list_of(page, caller.user_id))


@blueprint.post("/name", operation_id="announceMyName", security=SIGNED_IN, responses=documented(_RENAMED, 401, 429))
@checked
def announce_my_name(caller: Caller) -> Response:
    """Show the caller's videos under the name that the accounts have for them now; for who has just changed it."""
    library.announce_name(house(), caller.user_id)
    return Response(status=202)
