"""What goes over the wire, as pydantic models: camelCase names, nothing unknown, nothing coerced."""

from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from .cursors import parse_cursor, parse_id, parse_limit
from .text import Description, FileName, Title

ID_PATTERN = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
EXAMPLE_ID = "01JGFJJZ00PZ8K5N3V6X9YQ2RT"
VisibilityName = Literal["public", "unlisted", "private"]
StatusName = Literal["pending", "processing", "done", "failed"]
Stage = Literal["uploading", "queued", "encoding", "done", "failed"]
GivenId = Annotated[
    str, AfterValidator(parse_id), WithJsonSchema({"type": "string", "pattern": ID_PATTERN, "examples": [EXAMPLE_ID]})
]
VideoId = Annotated[str, Field(pattern=ID_PATTERN, examples=[EXAMPLE_ID], description="The video's ULID.")]
Time = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-01T12:00:00.000Z"]})
]
Address = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]

_TEXT = WithJsonSchema({"type": "string"})


class Wire(BaseModel):
    """Everything sent or received."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        strict=True,
        frozen=True,
    )


def _absent() -> Any:
    """A field that may be left out but not be null."""
    return Field(default=cast(Any, None), json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# --- requests ---------------------------------------------------------------------------------------------------


class NewUpload(Wire):
    """What is about to be uploaded; all of it may be left out."""

    filename: FileName | None = Field(default=None, description="The file's own name; a path before it is cut off.")
    size: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = Field(
        default=None, description="The file's size in bytes; a file over the limit is refused before it is sent."
    )
    title: Title | None = Field(default=None, description="With a title, the video publishes itself once uploaded.")


class NewVideo(Wire):
    """An uploaded file becomes a video."""

    id: GivenId
    title: Title
    description: Description = ""
    visibility: VisibilityName = "public"


class VideoChange(Wire):
    """What is to change; the rest stays."""

    title: Title = _absent()
    description: Description = _absent()
    visibility: VisibilityName = _absent()


class Paging(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[
        int,
        BeforeValidator(parse_limit),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    ] = Field(default=20, description="How many at most.")
    cursor: Annotated[str | None, BeforeValidator(parse_cursor), _TEXT] = Field(
        default=None, description="The `nextCursor` of the page before."
    )


class VideoPath(BaseModel):
    """Which video."""

    id: Annotated[str, WithJsonSchema({"type": "string", "pattern": ID_PATTERN, "example": EXAMPLE_ID})] = Field(
        description="The video's ULID."
    )


class EmbedQuery(BaseModel):
    """What is to be embedded, and how large it may be."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    url: Annotated[str, Field(max_length=2000, description="A watch or embed address of this site.")]
    format: Literal["json", "xml"] = "json"
    maxwidth: Annotated[int, Field(ge=1, le=100_000)] | None = None
    maxheight: Annotated[int, Field(ge=1, le=100_000)] | None = None


class IdempotencyHeader(BaseModel):
    """Makes a creating call safe to repeat."""

    key: Annotated[
        str | None, WithJsonSchema({"type": "string", "pattern": "^[!-~]{1,255}$", "example": "c7d2a4f0-upload-1"})
    ] = Field(
        default=None,
        alias="Idempotency-Key",
        description="1 to 255 visible ASCII characters. A repetition within a day gets the first answer again.",
    )


class ConditionHeader(BaseModel):
    """Saves sending what the caller already has."""

    etag: Annotated[str | None, _TEXT] = Field(
        default=None, alias="If-None-Match", description="The ETag of an earlier answer; 304 if it is still the same."
    )


# --- answers ----------------------------------------------------------------------------------------------------


class UploadTicket(Wire):
    """A form for the file: POST it as multipart/form-data to `url`, all `fields` first, then `file`."""

    id: VideoId
    url: Address
    fields: dict[str, str]
    expires_at: Time
    max_bytes: int


class VideoError(Wire):
    """Why it failed; told to its owner alone."""

    code: str
    detail: str


class VideoProgress(Wire):
    """How far it is."""

    stage: Stage
    percent: Annotated[float, Field(ge=0, le=100)]
    seconds_left: float | None


class VideoPlayback(Wire):
    """Where to play it from; the addresses of a private video expire."""

    hls: Address
    thumbnail: Address | None


class VideoStatus(Wire):
    """The part of a video that changes while it is being made."""

    id: VideoId
    status: StatusName
    progress: VideoProgress
    playable: bool
    error: VideoError | None


class ReceiptSettings(Wire):
    """What a video was encoded with."""

    codec: str
    preset: str
    crf: int
    keyframe_frames: int
    segment_seconds: float
    audio_bitrate: int


class ReceiptRendition(Wire):
    """One rung as it came out, `copied` where it was taken over from the source as it was.

    `ssim` is its likeness to the source in a sample, where one could be taken.
    """

    name: str
    width: int
    height: int
    copied: bool
    max_bitrate: int
    bytes: int
    ssim: float | None


class Receipt(Wire):
    """What the encode of a video took, and what it made; `chunksReused` were made by an earlier attempt."""

    method: Literal["chunks", "whole"]
    chunks: int
    chunks_reused: int
    cpu_seconds: float
    duration_seconds: float
    settings: ReceiptSettings
    source_bitrate: int | None
    renditions: list[ReceiptRendition]
    audio_bytes: int


class SourceDownload(Wire):
    """Where the uploaded file can be fetched until then, by whoever has the address."""

    url: Address
    file_name: str
    expires_at: Time


class Video(Wire):
    """A video. `filename` is null, and `sourceKept` false, for everybody but its owner."""

    id: VideoId
    user_id: str
    owner: str = Field(description="The owner's display name.")
    title: str
    description: str
    visibility: VisibilityName
    status: StatusName
    draft: bool = Field(description="Uploaded, or about to be, but not published yet.")
    filename: str | None
    source_kept: bool = Field(description="Whether the uploaded file is kept, for its owner to download.")
    error: VideoError | None
    created_at: Time
    duration: float | None = Field(description="Seconds.")
    width: int | None
    height: int | None
    repairs: list[str] = Field(description="What was put right in the source, for example `rotation`.")
    playable: bool
    playback: VideoPlayback | None
    progress: VideoProgress


class VideoList(Wire):
    """One page of videos, newest first; `nextCursor` is null on the last."""

    items: list[Video]
    next_cursor: str | None


class Health(Wire):
    """The service answers."""

    status: Literal["ok"]


class SiteConfig(Wire):
    """What a site needs to know at run time."""

    backend: str
    issuer: str
    region: str | None
    user_pool_id: str | None
    user_pool_client_id: str
    user_pool_endpoint: str | None = Field(description="Where to send Cognito calls, unless to AWS itself.")
    outbox_url: str | None = Field(description="Where confirmation codes are shown, if no mail is sent.")
    public_url: str = Field(description="What addresses that the API gives out begin with.")
    api_url: str
    max_upload_bytes: int


class Embed(Wire):
    """oEmbed 1.0, of type video; its names are the protocol's own."""

    model_config = ConfigDict(alias_generator=None)

    type: Literal["video"] = "video"
    version: Literal["1.0"] = "1.0"
    provider_name: Literal["Sluice"] = "Sluice"
    provider_url: Address
    title: str
    author_name: str
    html: str
    width: int
    height: int
    thumbnail_url: Address | None
    thumbnail_width: int | None
    thumbnail_height: int | None


class FieldProblem(Wire):
    """One field that can't be taken as it is."""

    field: str
    message: str


class Problem(Wire):
    """RFC 9457; `code` is stable, for programs."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None
