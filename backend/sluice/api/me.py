"""What belongs to the caller."""

from flask import Response

from sluice import library

from . import openapi
from .answers import conditional
from .context import Caller, house
from .openapi import SIGNED_IN, Described, documented, tagged
from .requests import checked
from .schemas import ConditionHeader, Paging, VideoList
from .showing import list_of

blueprint = Described("me", __name__, openapi.VIDEOS, "/api/me")

_LIST = tagged(VideoList, "One page of the caller's videos.")


@blueprint.get("/videos", operation_id="listMyVideos", security=SIGNED_IN, responses=documented(_LIST, 401, 422))
@checked
def list_my_videos(caller: Caller, query: Paging, header: ConditionHeader) -> Response:
    """The caller's own videos in every state, drafts too, newest first."""
    page = library.owned_page(house(), caller.user_id, before=query.cursor, limit=query.limit)
    return conditional(list_of(page, caller.user_id))
