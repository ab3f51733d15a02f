"""What the API answers with."""

from typing import Annotated, Literal

from sluice.layout import ULID

from .wire import Told, Wire

ID_PATTERN = f"^{ULID}$"
EXAMPLE_ID = "01JGFJJZ00PZ8K5N3V6X9YQ2RT"

VisibilityName = Literal["public", "unlisted", "private"]
StatusName = Literal["pending", "processing", "done", "failed"]
Stage = Literal["uploading", "queued", "encoding", "done", "failed"]
VideoId = Annotated[str, Told("The video's ULID.", pattern=ID_PATTERN, examples=[EXAMPLE_ID])]
Time = Annotated[str, Told(format="date-time", examples=["2026-01-01T12:00:00.000Z"])]
Address = Annotated[str, Told(format="uri")]


class UploadTicket(Wire):
    """A form for the file: POST it as multipart/form-data to `url`, all `fields` first, then `file`."""

    id: VideoId
    url: Address
    fields: dict[str, str]
    expires_at: Time
    max_bytes: int


class VideoError(Wire):
    """Why it failed; `owner_limit` to everybody else where it was a limit of its owner's."""

    code: str
    detail: str


class VideoProgress(Wire):
    """How far it is."""

    stage: Stage
    percent: Annotated[float, Told(minimum=0, maximum=100)]
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
    """What the encode of a video took, and what it made; `chunksReused` were made by an earlier attempt.

    `cpuSeconds` is what the processes took that made what was used, in whichever attempt.
    `audioCopied` tells that the sound was taken over from the source as it was.
    """

    method: Literal["chunks", "whole"]
    chunks: int
    chunks_reused: int
    cpu_seconds: float
    duration_seconds: float
    settings: ReceiptSettings
    source_bitrate: int | None
    renditions: list[ReceiptRendition]
    audio_bytes: int
    # Earlier releases wrote none.
    audio_copied: bool = False


class SourceDownload(Wire):
    """Where the uploaded file can be fetched until then, by whoever has the address."""

    url: Address
    file_name: str
    expires_at: Time


class Video(Wire):
    """A video. `filename` is null, and `sourceKept` false, for everybody but its owner."""

    id: VideoId
    user_id: str
    owner: Annotated[str, Told("The owner's display name.")]
    title: str
    description: str
    visibility: VisibilityName
    status: StatusName
    draft: Annotated[bool, Told("Uploaded, or about to be, but not published yet.")]
    filename: str | None
    source_kept: Annotated[bool, Told("Whether the uploaded file is kept, for its owner to download.")]
    error: VideoError | None
    created_at: Time
    duration: Annotated[float | None, Told("Seconds.")]
    width: int | None
    height: int | None
    repairs: Annotated[list[str], Told("What was put right in the source, for example `rotation`.")]
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
    user_pool_endpoint: Annotated[str | None, Told("Where to send Cognito calls, unless to AWS itself.")]
    outbox_url: Annotated[str | None, Told("Where confirmation codes are shown, if no mail is sent.")]
    public_url: Annotated[str, Told("What addresses that the API gives out begin with.")]
    api_url: str
    max_upload_bytes: int


class Embed(Wire):
    """oEmbed 1.0, of type video; its names are the protocol's own."""

    @staticmethod
    def spelled(name: str) -> str:
        return name

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
