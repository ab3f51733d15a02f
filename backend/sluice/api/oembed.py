"""oEmbed: what another site needs to show one of our videos in its pages."""

from html import escape
from urllib.parse import parse_qs, urlsplit

from flask import Response

from sluice import layout, library
from sluice.errors import NotFound
from sluice.video import Video

from . import openapi
from .answers import absolute, answer
from .context import house
from .inputs import EmbedQuery
from .openapi import REF, Described, documented
from .requests import checked
from .s3_answers import xml_text
from .schemas import Embed
from .showing import owner_name
from .wire import members

blueprint = Described("oembed", __name__, openapi.VIDEOS, "/api")

_PAGES = ("/watch/", "/embed/", "/watch", "/embed")
_WIDE = (16, 9)
_DEFAULT_WIDTH = 640
_OFFERED = {
    "description": "How to embed it, in the format that was asked for.",
    "content": {"application/json": {"schema": {"$ref": REF.format(model="Embed")}}, "text/xml": {}},
}


def address_of(video_id: str) -> str:
    """Where people watch this video, on our own origin."""
    return f"/watch/?v={video_id}"


@blueprint.after_request
def _readable_everywhere(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/oembed", operation_id="getEmbed", security=[], responses=documented({200: _OFFERED}, 404, 422))
@checked
def get_embed(query: EmbedQuery) -> Response:
    """How to embed the video at a watch or embed address of this site (oEmbed 1.0)."""
    embed = _embed(_video_at(query.url), query)
    response = _as_xml(embed) if query.format == "xml" else answer(embed)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _as_xml(embed: Embed) -> Response:
    told = {name: value for name, value in members(embed).items() if value is not None}
    inner = "".join(f"<{name}>{xml_text(str(value))}</{name}>" for name, value in told.items())
    text = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{inner}</oembed>\n'
    return Response(text, mimetype="text/xml")


def _video_at(url: str) -> Video:
    """The video that this address of ours shows to anybody. NotFound for every other address."""
    try:
        parts = urlsplit(url)
        ours = urlsplit(house().settings.public_url)
        here = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc) and parts.path in _PAGES
        video_id = parse_qs(parts.query).get("v", [""])[0].upper()
    except ValueError:
        here, video_id = False, ""
    if not here or not layout.is_id(video_id):
        raise NotFound(f"no video at {url[:200]}")
    return library.watch(house(), None, video_id)


def _embed(video: Video, query: EmbedQuery) -> Embed:
    shape = (video.facts.width, video.facts.height) if video.facts else _WIDE
    width, height = _fitting(shape, query.maxwidth, query.maxheight)
    thumbnail = _thumbnail(video) if _is_within(shape, query) else None
    return Embed(
        title=video.title or "",
        author_name=owner_name(video),
        provider_url=absolute("/"),
        html=_frame(video, width, height),
        width=width,
        height=height,
        thumbnail_url=thumbnail,
        thumbnail_width=shape[0] if thumbnail else None,
        thumbnail_height=shape[1] if thumbnail else None,
    )


def _fitting(shape: tuple[int, int], max_width: int | None, max_height: int | None) -> tuple[int, int]:
    """The largest size of this shape within the bounds; of a usual width where there are none."""
    wide, high = shape
    scale = min((max_width or (_DEFAULT_WIDTH if not max_height else 4096)) / wide, (max_height or 4096) / high)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _thumbnail(video: Video) -> str | None:
    found = library.playback(house(), video)
    return absolute(found.thumbnail) if found and found.thumbnail else None


def _is_within(shape: tuple[int, int], query: EmbedQuery) -> bool:
    """Whether a picture of this size may be offered; oEmbed bounds thumbnails as it bounds the player."""
    wide, high = shape
    return wide <= (query.maxwidth or wide) and high <= (query.maxheight or high)


def _frame(video: Video, width: int, height: int) -> str:
    source = escape(absolute(f"/embed/?v={video.id}"))
    return (
        f'<iframe src="{source}" width="{width}" height="{height}" title="{escape(video.title or "")}" '
        'style="border: 0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>'
    )
