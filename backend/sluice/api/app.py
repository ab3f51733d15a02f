"""The web application, put together."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter

from sluice import ports
from sluice.settings import Settings

from . import context, headers, me, oembed, pages, problems, site, system, trace, uploads, videos
from .context import TokenCheck


class _Ulid(BaseConverter):
    """A video's id in an address, in either case; anything else is no address of ours."""

    regex = "[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}"

    def to_python(self, value: str) -> str:
        return value.upper()


def create_app(
    app: ports.App,
    *,
    token_check: TokenCheck,
    blueprints: Sequence[tuple[Blueprint, str | None]] = (),
    ready: Callable[[], None] = lambda: None,
) -> Flask:
    """The HTTP API over this application, with further blueprints (and their prefixes) beside it."""
    web = Flask(__name__, static_folder=None)
    web.json.sort_keys = False  # type: ignore[attr-defined]
    web.url_map.converters["ulid"] = _Ulid
    web.url_map.converters["site"] = site.SitePath
    # Otherwise a doubled slash is answered by a redirect that no description mentions.
    web.url_map.merge_slashes = False
    context.install(web, app, token_check)
    trace.install(web)
    headers.install(web, app.settings.cors_origins)
    problems.install(web)
    pages.install(web)
    for described in (uploads.blueprint, videos.blueprint, me.blueprint, oembed.blueprint, system.blueprint(ready)):
        web.register_blueprint(described)
    for blueprint, prefix in blueprints:
        web.register_blueprint(blueprint, url_prefix=prefix)
    web.register_blueprint(site.blueprint(app.settings))
    return web


def description() -> dict[str, Any]:
    """The API as OpenAPI 3.1, without anything behind it."""
    from .document import document_of

    nobody = cast(ports.App, SimpleNamespace(settings=Settings()))
    web = create_app(nobody, token_check=cast(TokenCheck, None))
    return document_of(web)
