"""What callers of the API send: bodies, parameters and headers."""

from typing import Annotated, Any, Literal

from sluice.layout import is_id

from .cursors import parse_cursor
from .numbers import digits, whole
from .schemas import EXAMPLE_ID, ID_PATTERN, VideoId, VisibilityName
from .text import Description, FileName, Title
from .wire import Header, Model, Told, Wire, as_text

SIZE_MAX = 2**53 - 1
LIMIT_MAX = 100
ADDRESS_MAX = 2000
PIXELS_MAX = 100_000


def _id(given: Any) -> str:
    """A video's id in its canonical upper case."""
    if not is_id(as_text(given).upper()):
        raise ValueError("Give the id of a video.")
    return as_text(given).upper()


def _key(given: Any) -> str:
    key = as_text(given)
    if not 1 <= len(key) <= 255 or not all("!" <= char <= "~" for char in key):
        raise ValueError("Give 1 to 255 visible ASCII characters.")
    return key


def _address(given: Any) -> str:
    if len(as_text(given)) > ADDRESS_MAX:
        raise ValueError(f"Give at most {ADDRESS_MAX} characters.")
    return as_text(given)


GivenId = Annotated[str, Told(read=_id, pattern=ID_PATTERN, examples=[EXAMPLE_ID])]
Size = Annotated[int, Told(read=whole(SIZE_MAX), minimum=1, maximum=SIZE_MAX)]
Limit = Annotated[int, Told("How many at most.", read=digits(LIMIT_MAX), minimum=1, maximum=LIMIT_MAX)]
Pixels = Annotated[int, Told(read=digits(PIXELS_MAX), minimum=1, maximum=PIXELS_MAX)]

_LEFT_OUT: Any = None


class NewUpload(Wire):
    """What is about to be uploaded; all of it may be left out."""

    filename: Annotated[FileName | None, Told("The file's own name; a path before it is cut off.")] = None
    size: Annotated[
        Size | None, Told("The file's size in bytes; a file over the limit is refused before it is sent.")
    ] = None
    title: Annotated[Title | None, Told("With a title, the video publishes itself once uploaded.")] = None


class NewVideo(Wire):
    """An uploaded file becomes a video."""

    id: GivenId
    title: Title
    description: Description = ""
    visibility: VisibilityName = "public"


class VideoChange(Wire):
    """What is to change; the rest stays."""

    title: Title = _LEFT_OUT
    description: Description = _LEFT_OUT
    visibility: VisibilityName = _LEFT_OUT


class Paging(Model):
    """Which part of a list."""

    limit: Limit = 20
    cursor: Annotated[str | None, Told("The `nextCursor` of the page before.", read=parse_cursor)] = None


class VideoPath(Model):
    """Which video."""

    id: VideoId


class EmbedQuery(Model):
    """What is to be embedded, and how large it may be."""

    ignores_unknown = True

    url: Annotated[str, Told("A watch or embed address of this site.", read=_address, maxLength=ADDRESS_MAX)]
    format: Literal["json", "xml"] = "json"
    maxwidth: Pixels | None = None
    maxheight: Pixels | None = None


class IdempotencyHeader(Header):
    """Makes a creating call safe to repeat."""

    idempotency_key: Annotated[
        str | None,
        Told(
            "1 to 255 visible ASCII characters. A repetition within a day gets the first answer again, "
            "a ticket's for as long as it is good.",
            read=_key,
            pattern="^[!-~]{1,255}$",
            examples=["c7d2a4f0-upload-1"],
        ),
    ] = None


class ConditionHeader(Header):
    """Saves sending what the caller already has."""

    if_none_match: Annotated[str | None, Told("The ETag of an earlier answer; 304 if it is still the same.")] = None


class ExpectationHeader(Header):
    """Keeps from changing what is no longer as the caller knows it."""

    if_match: Annotated[
        str | None, Told("The ETag of the video as it was read; 412 if anything in it changed since, its progress too.")
    ] = None
