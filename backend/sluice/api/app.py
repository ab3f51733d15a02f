"""The web application, put together."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter, Rule

from sluice import ports
from sluice.layout import ULID
from sluice.operations import Operations
from sluice.settings import Settings

from . import context, headers, me, oembed, operator, pages, problems, site, system, trace, uploads, videos
from .context import TokenCheck


class _Ulid(BaseConverter):
    """A video's id in an address, in either case; anything else is no address of ours."""

    # ASCII alone: other letters would become these when they are put into upper case.
    regex = f"(?ai:{ULID})"

    def to_python(self, value: str) -> str:
        return value.upper()


class _Rule(Rule):
    """A rule that is only matched: what would build addresses by it is not compiled at every start.

    The method is werkzeug's own; should it get another name, this one is of no use, and does no harm.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return Rule._compile_builder(rule, append_unknown)(rule, **values)

        return build


def create_app(
    app: ports.App,
    *,
    token_check: TokenCheck,
    blueprints: Sequence[tuple[Blueprint, str | None]] = (),
    ready: Callable[[], None] = lambda: None,
    operations: Operations | None = None,
) -> Flask:
    """The HTTP API over this application, with further blueprints (and their prefixes) beside it."""
    web = Flask(__name__, static_folder=None)
    web.url_rule_class = _Rule
    web.json.sort_keys = False  # type: ignore[attr-defined]
    web.url_map.converters["ulid"] = _Ulid
    web.url_map.converters["site"] = site.SitePath
    # Otherwise a doubled slash is answered by a redirect that no description mentions.
    web.url_map.merge_slashes = False
    context.install(web, app, token_check, operations)
    trace.install(web)
    headers.install(web, app.settings.cors_origins)
    problems.install(web)
    pages.install(web)
    nouns = (uploads.blueprint, videos.blueprint, me.blueprint, oembed.blueprint, operator.blueprint)
    for described in (*nouns, system.blueprint(ready)):
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
