"""The web server: the API, identity, storage and media on one origin, by gunicorn."""

from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask
from flask import Blueprint
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from sluice import fair_use, layout, uploads
from sluice.adapters.local.counters import Counters
from sluice.adapters.local.shared_fetch import SharedFetch
from sluice.api import downloads, media, storage
from sluice.api.app import create_app
from sluice.errors import NotFound
from sluice.identity import routes
from sluice.messages import SourceArrived
from sluice.settings import Settings
from sluice.tokens import TokenCheck, http_jwks, jwks_url
from sluice.vitals import routes as vitals_routes
from sluice.vitals.operations import LocalOperations
from sluice.wiring.local import LocalHome, local_home

from . import capacity
from .connections import bound_silence
from .proxies import SeenThroughProxies
from .request_body import SteadyBodies
from .web_worker import WebWorker

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def web_app(home: LocalHome) -> flask.Flask:
    """The one origin of the local home: API, storage, media and, unless it is elsewhere, the identity."""
    counters = Counters(home.bells)
    vitals = vitals_routes.blueprint(home, counters)
    fetched = downloads.blueprint(home.sources, home.downloads)
    parts = (_storage(home), fetched, _media(home), vitals)
    blueprints: list[tuple[Blueprint, str | None]] = [(part, None) for part in parts]
    if home.identity is not None:
        admits = partial(fair_use.admits, home.app)
        blueprints.append((routes.blueprint(home.identity, admits), "/cognito"))
    web = create_app(home.app, token_check=_token_check(home), blueprints=blueprints, operations=LocalOperations(home))
    vitals_routes.count_answers(web, counters)
    return web


def _token_check(home: LocalHome) -> TokenCheck:
    settings = home.app.settings
    fetch = home.identity.jwks if home.identity else _fetch_for_all(home, jwks_url(settings))
    return TokenCheck(settings.issuer, settings.client_id, fetch, home.app.now)


def _fetch_for_all(home: LocalHome, url: str) -> SharedFetch:
    name = f"jwks-{sha256(url.encode()).hexdigest()[:16]}.json"
    return SharedFetch(http_jwks(url), home.app.settings.data / "run" / name, home.app.now)


def _storage(home: LocalHome) -> Blueprint:
    app = home.app

    def arrived(bucket: str, key: str) -> None:
        if layout.is_id(key):
            app.queue.send(SourceArrived(key))

    return storage.blueprint(
        {"raw": home.sources},
        home.storage_key,
        may_arrive=lambda bucket, key: uploads.may_arrive(app, key),
        arrived=arrived,
        now=app.now,
    )


def _media(home: LocalHome) -> Blueprint:
    def may_watch(video_id: str, pass_: str | None) -> bool:
        try:
            video = home.app.videos.get(video_id)
        except NotFound:
            return False
        return not video.gone and (video.open if pass_ is None else home.links.admits(pass_, video_id))

    return media.blueprint(home.media, may_watch, accel=home.app.settings.accel)


class ServerLog(Logger):
    """gunicorn's lines, written where ours are and in their form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class WebServer(BaseApplication):
    """gunicorn with our options; each of its processes builds an app of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        application = web_app(local_home(self._settings))
        steady = SteadyBodies(application.wsgi_app)
        application.wsgi_app = SeenThroughProxies(steady, self._settings.trusted_proxies)  # type: ignore[method-assign]
        return application


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's configuration."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "worker_class": WebWorker,
        "workers": settings.web_processes,
        "threads": capacity.WEB_THREADS,
        "keepalive": 5,
        # A token too long is answered by the token check, with its 401; beyond this gunicorn answers 431.
        "limit_request_field_size": 65536,
        "limit_request_line": 8190,
        "when_ready": _bound_silence,
        "graceful_timeout": settings.stop_s,
        # The workers' sign of life is a file's time; in memory it never waits for a busy disk.
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        # It trusts this machine by itself, whose word a visitor's may be; and lets it move requests to other addresses.
        "forwarded_allow_ips": ",".join(map(str, settings.trusted_proxies)),
        "forwarder_headers": "",
        # Its control socket would lie in the home folder, which may be read-only.
        "control_socket_disable": True,
        "loglevel": "warning",
        "logger_class": ServerLog,
    }


def _bound_silence(server: Any) -> None:
    for listener in server.LISTENERS:
        bound_silence(listener.sock)


def serve_forever(settings: Settings) -> None:
    """Serve until SIGTERM."""
    capacity.claim(settings.web_processes)
    # What can't be opened or made is said once, and before there are processes to start again and again.
    local_home(settings).close()
    WebServer(settings).run()
