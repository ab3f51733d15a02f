"""What players fetch: playlists, segments and pictures, as files with the caching that each kind bears."""

import os
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, request

from sluice import layout
from sluice.adapters.local.files import LocalObjects
from sluice.errors import NotFound, Refused

from .served_file import with_file

_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".png": "image/png",
    ".gif": "image/gif",
    ".vtt": "text/vtt",
    ".json": "application/json",
}
_IMMUTABLE = {".mp4", ".m4s", ".jpg", ".webp", ".png", ".gif", ".vtt"}
_WITH_PASS = re.compile(r"~([^/]*)/(.*)", re.DOTALL)
_END = b"#EXT-X-ENDLIST"


def blueprint(
    objects: LocalObjects, may_watch: Callable[[str, str | None], bool], *, accel: str | None = None
) -> Blueprint:
    """Everything below /media. `may_watch` decides by the video's id and the pass in the address, if there is one.

    With `accel`, files are left to the proxy that has them below that address of its own."""
    routes = Blueprint("media", __name__, url_prefix="/media")

    def media(path: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        pass_, key = _taken_apart(path)
        if key is None or key.path == layout.RECEIPT or not may_watch(key.video_id, pass_):
            return _not_found()
        try:
            file = objects.open(layout.media_key(key.video_id, key.attempt, key.path))
        except (NotFound, Refused):
            return _not_found()
        private = pass_ is not None
        if accel:
            return _left_to_proxy(file, key, accel, private)
        return with_file(_described(file, key.path, private), file)

    methods = ["GET", "HEAD", "OPTIONS"]
    routes.add_url_rule("/<path:path>", view_func=media, methods=methods, provide_automatic_options=False)
    routes.after_request(_readable_everywhere)
    return routes


def _taken_apart(path: str) -> tuple[str | None, layout.MediaKey | None]:
    match = _WITH_PASS.fullmatch(path)
    if match is None:
        return None, layout.parse_media(path)
    return match[1], layout.parse_media(match[2])


def _left_to_proxy(file: BinaryIO, key: layout.MediaKey, accel: str, private: bool) -> Response:
    """Where the proxy finds the file; conditions and ranges are its own to answer, by an ETag of its own."""
    with file:
        answer = _described(file, key.path, private)
    answer.headers["X-Accel-Redirect"] = quote(f"{accel}/{key.video_id}/{key.attempt}/{key.path}")
    return answer


def _described(file: BinaryIO, name: str, private: bool) -> Response:
    answer = Response(mimetype=_TYPES.get(_suffix(name), "application/octet-stream"))
    answer.headers["Cache-Control"] = f"{'private' if private else 'public'}, {_age(file, name)}"
    return answer


def _age(file: BinaryIO, name: str) -> str:
    """How long players may keep it: segments for ever, as another attempt has other addresses."""
    if _suffix(name) in _IMMUTABLE:
        return "max-age=31536000, immutable"
    if _suffix(name) == ".m3u8" and name != layout.MASTER:
        return "max-age=3600" if _has_ended(file) else "max-age=1"
    return "max-age=5"


def _has_ended(playlist: BinaryIO) -> bool:
    """Whether the playlist says that nothing will be added to it."""
    size = playlist.seek(0, os.SEEK_END)
    playlist.seek(max(0, size - 2 * len(_END)))
    ended = _END in playlist.read()
    playlist.seek(0)
    return ended


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix


# --- other answers ----------------------------------------------------------------------------------------------------


def _not_found() -> Response:
    return _text(404, "Not found.\n", {"Cache-Control": "no-store"})


def _text(status: int, text: str, headers: dict[str, str]) -> Response:
    return Response(text, status, headers, mimetype="text/plain")


def _preflight() -> Response:
    allowed = {
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match, If-Modified-Since",
        "Access-Control-Max-Age": "86400",
        "Allow": "GET, HEAD, OPTIONS",
    }
    return Response(status=204, headers=allowed)


def _readable_everywhere(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "Content-Length, Content-Range, ETag"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
