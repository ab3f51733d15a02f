"""The site: the files that its build made, each with the headers it needs."""

import json
import mimetypes
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.routing import BaseConverter
from werkzeug.security import safe_join

from sluice import layout, library
from sluice.errors import NotFound
from sluice.settings import Settings, cognito_pool

from .answers import as_asked
from .context import house
from .oembed import address_of

POLICIES = "csp.json"
NOT_FOUND = "404.html"
UNBUILT_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


class SitePath(BaseConverter):
    """Every address that belongs to no other part of the service."""

    regex = r"(?!(?:api|media|storage|cognito)(?:/|$))(?s:.*?)"
    part_isolating = False


def blueprint(settings: Settings) -> Blueprint:
    """The site of the folder that the settings name, or a page that says how to build it."""
    routes = Blueprint("site", __name__, template_folder="templates")
    site = Site(settings.site, _elsewhere(settings)) if _is_built(settings.site) else None

    @routes.get("/")
    def front() -> Response:
        """The home page."""
        return site.page("") if site else _unbuilt()

    @routes.get("/<site:path>")
    def page(path: str) -> Response:
        """Any other page or file of the site."""
        if site is None:
            raise NoSuchPage
        return site.page(path)

    return routes


class Site:
    """A built site on disk; `elsewhere` are other hosts that its pages may talk to."""

    def __init__(self, folder: Path, elsewhere: str = "") -> None:
        self._folder = folder
        self._elsewhere = elsewhere
        self._built_at = 0
        self._policies: dict[Path, str] = {}

    def page(self, path: str) -> Response:
        """The file at this address, or the page that says that there is none."""
        file = self._file(path)
        if file is None:
            return self._not_found()
        if file.is_dir():
            return _with_slash(path)
        answer = self._sent(file)
        if path == "watch/":
            _announce(answer)
        return answer

    def _file(self, path: str) -> Path | None:
        inside = safe_join(str(self._folder), path + "index.html" if path.endswith("/") or not path else path)
        if inside is None or path in (POLICIES, NOT_FOUND) or _is_hidden(path):
            return None
        file = Path(inside)
        return file if _is_there(file) else None

    def _not_found(self) -> Response:
        if not (self._folder / NOT_FOUND).is_file():
            raise NoSuchPage
        answer = self._sent(self._folder / NOT_FOUND)
        answer.status_code = 404
        return answer

    def _sent(self, file: Path) -> Response:
        encoding, chosen = _compressed(file)
        stat = chosen.stat()
        # A site's files are small; the largest has a few hundred kilobytes.
        answer = Response(chosen.read_bytes(), mimetype=_type_of(file))
        answer.set_etag(f"{stat.st_size:x}-{stat.st_mtime_ns:x}")
        if encoding:
            answer.headers["Content-Encoding"] = encoding
        answer.vary.add("Accept-Encoding")
        immutable = "_next/static/" in file.relative_to(self._folder).as_posix()
        answer.headers["Cache-Control"] = _FOR_EVER if immutable else "no-cache"
        self._guard(answer, file)
        if file.name != NOT_FOUND:
            as_asked(answer)
        return answer

    def _guard(self, answer: Response, file: Path) -> None:
        policy = self._policy_of(file)
        if policy is None:
            return
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["Permissions-Policy"] = _PERMISSIONS
        answer.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        if "frame-ancestors 'none'" in policy:
            answer.headers["X-Frame-Options"] = "DENY"
            answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"

    def _policy_of(self, file: Path) -> str | None:
        """The page's policy; read anew after another build, whose scripts have other hashes."""
        # While a build runs there is none.
        with suppress(FileNotFoundError):
            built_at = (self._folder / POLICIES).stat().st_mtime_ns
            if built_at != self._built_at:
                self._policies, self._built_at = _policies(self._folder, self._elsewhere), built_at
        return self._policies.get(file)


def _is_there(file: Path) -> bool:
    """Whether it is a file, or the folder of a page."""
    try:
        return file.is_file() or (file / "index.html").is_file()
    except OSError:
        # Its name is too long for any file to have it.
        return False


def _is_hidden(path: str) -> bool:
    """Whether it is the build's own business, or leads there by way of another folder."""
    dotted = any(part.startswith(".") for part in path.split("/"))
    return dotted or path.endswith(tuple(suffix for _, suffix in _ENCODINGS))


def _is_built(folder: Path) -> bool:
    return (folder / "index.html").is_file() and (folder / POLICIES).is_file()


def _unbuilt() -> Response:
    response = Response(render_template("unbuilt.html", settings=house().settings))
    response.headers["Content-Security-Policy"] = UNBUILT_CSP
    return response


def _policies(folder: Path, elsewhere: str) -> dict[Path, str]:
    """The policy of every page, with the other hosts added to those it may connect to."""
    built = json.loads((folder / POLICIES).read_text(encoding="utf-8"))
    connect = " ".join(["connect-src 'self'", elsewhere]).strip()
    return {_page_file(folder, page): policy.replace("connect-src 'self'", connect) for page, policy in built.items()}


def _page_file(folder: Path, page: str) -> Path:
    return folder / (f"{page}index.html".lstrip("/") if page.endswith("/") else f"{page}.html")


def _elsewhere(settings: Settings) -> str:
    """Where a browser signs in, if not here."""
    there = not settings.local_identity and cognito_pool(settings.issuer)
    return f"https://{urlsplit(settings.issuer).netloc}" if there else ""


def _compressed(file: Path) -> tuple[str | None, Path]:
    """The file, or what the build compressed it to if the browser takes that."""
    for encoding, suffix in _ENCODINGS:
        beside = file.with_name(file.name + suffix)
        if request.accept_encodings[encoding] > 0 and beside.is_file():
            return encoding, beside
    return None, file


def _type_of(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _with_slash(path: str) -> Response:
    query = request.query_string.decode("latin-1")
    # Never two slashes in front: that would be another host's address.
    location = f"/{path.strip('/')}/" + (f"?{query}" if query else "")
    return redirect(location, 308)  # type: ignore[return-value]


def _announce(answer: Response) -> None:
    """Say where the oEmbed answer for this video is, as far as anybody may know of the video."""
    video_id = request.args.get("v", "").upper()
    try:
        known = layout.is_id(video_id) and library.watch(house(), None, video_id)
    except NotFound:
        return
    if known:
        query = urlencode({"url": house().settings.public_url + address_of(video_id), "format": "json"})
        where = f"{house().settings.public_url}/api/oembed?{query}"
        answer.headers["Link"] = f'<{where}>; rel="alternate"; type="application/json+oembed"'
