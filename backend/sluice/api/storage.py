"""Where browsers send their files: S3's presigned POST, and nothing else of S3."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, request

from sluice import layout
from sluice.adapters.local.files import Incoming, LocalObjects
from sluice.adapters.local.forms import StorageKey

from .checksum import Checksum
from .multipart_upload import MultipartUpload, Readable
from .post_policy import Sizes, check
from .s3_answers import S3Error, upload_answer
from .s3_refusals import answered, be_patient, not_allowed
from .trace import request_id

FORM_BYTES = 1 << 20
READ_ONLY = frozenset({"media"})
METADATA = "x-amz-meta-"
MAX_METADATA = 2048

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Storage:
    """The buckets and who decides about them; each method ends in an answer or an S3Error."""

    buckets: Mapping[str, LocalObjects]
    key: StorageKey
    may_arrive: Callable[[str, str], bool]
    arrived: Callable[[str, str], None]
    now: Callable[[], datetime]

    def post(self, bucket: str, body: Readable) -> Response:
        """Take an upload: judged before its bytes are read, durable and announced before it is answered."""
        objects = self._open_bucket(bucket)
        form = MultipartUpload(body, _boundary())
        fields = form.fields()
        if "key" not in fields:
            raise S3Error(400, "InvalidArgument", "The form must contain a field named 'key', before the file.")
        fields["key"] = fields["key"].replace("${filename}", form.filename)
        sizes = check(fields, bucket, self.key, self.now())
        if not self.may_arrive(bucket, fields["key"]):
            raise _too_late()
        be_patient()
        etag = self._store(objects, bucket, fields, form, sizes)
        self._announce(bucket, fields["key"])
        location = f"{request.base_url}/{quote(fields['key'])}"
        status = fields.get("success_action_status", "")
        return upload_answer(status, location=location, bucket=bucket, key=fields["key"], etag=etag)

    def _open_bucket(self, bucket: str) -> LocalObjects:
        if bucket in READ_ONLY:
            raise S3Error(403, "AccessDenied", "This bucket takes no uploads.")
        if bucket not in self.buckets:
            raise S3Error(404, "NoSuchBucket", "The specified bucket does not exist.")
        return self.buckets[bucket]

    def _store(
        self, objects: LocalObjects, bucket: str, fields: Mapping[str, str], form: MultipartUpload, sizes: Sizes
    ) -> str:
        key = fields["key"]
        expected = _announced_bytes(sizes)
        with objects.receive(key, _metadata(fields), expected=expected) as incoming:
            measured = _Measured(incoming, sizes)
            for piece in form.pieces():
                measured.write(piece)
            measured.finish()
            if not incoming.commit(lambda: self.may_arrive(bucket, key)):
                raise _too_late()
        log.info("request=%s bucket=%s %s stored bytes=%d", request_id(), bucket, _named(key), measured.size)
        return f'"{measured.checksum.hexdigest()}"'

    def _announce(self, bucket: str, key: str) -> None:
        try:
            self.arrived(bucket, key)
        except Exception:
            # The file is safe, so the uploader is done; the sweep finds what was not announced.
            log.exception("request=%s bucket=%s %s not announced", request_id(), bucket, _named(key))


def _named(key: str) -> str:
    return f"video={key}" if layout.is_id(key) else f"key={key}"


@dataclass
class _Measured:
    """Writes a file while its size is allowed, and takes its checksum."""

    incoming: Incoming
    sizes: Sizes
    size: int = 0
    checksum: Checksum = field(default_factory=Checksum)

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self.sizes.most:
            raise _too_large()
        self.checksum.update(piece)
        self.incoming.write(piece)

    def finish(self) -> None:
        if self.size < self.sizes.least:
            raise S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.")


def blueprint(
    buckets: Mapping[str, LocalObjects],
    key: StorageKey,
    *,
    may_arrive: Callable[[str, str], bool],
    arrived: Callable[[str, str], None],
    now: Callable[[], datetime],
) -> Blueprint:
    """Everything below /storage.

    `may_arrive` is asked before the file is read, and again when it is about to get its name, with no other upload
    in between. `arrived` is called once the object is durable."""
    storage = Storage(buckets, key, may_arrive, arrived, now)
    routes = Blueprint("storage", __name__, url_prefix="/storage")
    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    def bucket(bucket: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        return answered((lambda body: storage.post(bucket, body)) if request.method == "POST" else not_allowed)

    def elsewhere(path: str = "") -> Response:
        return answered(not_allowed)

    routes.add_url_rule("/<bucket>", view_func=bucket, methods=every, provide_automatic_options=False)
    routes.add_url_rule("/<path:path>", view_func=elsewhere, methods=every, provide_automatic_options=False)
    routes.add_url_rule("/", view_func=elsewhere, methods=every, provide_automatic_options=False)
    routes.after_request(_readable_everywhere)
    return routes


def _preflight() -> Response:
    headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "*"}
    return Response(status=204, headers=headers | {"Access-Control-Max-Age": "3600", "Allow": "POST, OPTIONS"})


def _readable_everywhere(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "ETag, Location"
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- the request ------------------------------------------------------------------------------------------------------


def _boundary() -> bytes:
    if request.mimetype != "multipart/form-data":
        raise S3Error(412, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data.")
    boundary = request.mimetype_params.get("boundary", "")
    if not 0 < len(boundary) <= 200 or not boundary.isascii() or not boundary.isprintable():
        raise S3Error(400, "MalformedPOSTRequest", "The Content-Type must name the boundary of the form.")
    return boundary.encode()


def _announced_bytes(sizes: Sizes) -> int:
    """At most so many bytes are coming, if they are not too many."""
    announced = sizes.most if request.content_length is None else request.content_length
    if announced > sizes.most + FORM_BYTES:
        raise _too_large()
    return min(announced, sizes.most)


def _metadata(fields: Mapping[str, str]) -> dict[str, str]:
    metadata = {name.removeprefix(METADATA): value for name, value in fields.items() if name.startswith(METADATA)}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > MAX_METADATA:
        raise S3Error(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
    return metadata


def _too_large() -> S3Error:
    return S3Error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")


def _too_late() -> S3Error:
    return S3Error(412, "PreconditionFailed", "This key takes no upload any more.")
