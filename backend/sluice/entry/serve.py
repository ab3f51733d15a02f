"""The web server: the API, identity, storage and media on one origin, by gunicorn."""

import socket
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask
from flask import Blueprint
from gunicorn.app.base import BaseApplication

from sluice import layout, uploads
from sluice.adapters.local.counters import Counters
from sluice.adapters.local.shared_fetch import SharedFetch
from sluice.api import media, storage
from sluice.api.app import create_app
from sluice.errors import NotFound
from sluice.identity import routes
from sluice.messages import SourceArrived
from sluice.settings import Settings
from sluice.tokens import TokenCheck, http_jwks, jwks_url
from sluice.vitals import routes as vitals_routes
from sluice.wiring.local import LocalHome, local_home

from .request_body import SteadyBodies

# Requests wait on disks and slow networks, hardly ever on the processor: many threads, few processes.
THREADS = 128
# The supervisor gives every process 4 s to end.
GRACEFUL_S = 3
SILENCE_AT_MOST_S = 20
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def web_app(home: LocalHome) -> flask.Flask:
    """The one origin of the local home: API, storage, media and, unless it is elsewhere, the identity."""
    counters = Counters(home.bells)
    vitals = vitals_routes.blueprint(home, counters)
    blueprints: list[tuple[Blueprint, str | None]] = [(_storage(home), None), (_media(home), None), (vitals, None)]
    if home.identity is not None:
        blueprints.append((routes.blueprint(home.identity), "/cognito"))
    web = create_app(home.app, token_check=_token_check(home), blueprints=blueprints)
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
        home.storage_key.access,
        home.storage_key.secret,
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

    return media.blueprint(home.media, may_watch)


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
        application.wsgi_app = SteadyBodies(application.wsgi_app)  # type: ignore[method-assign]
        return application


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's configuration."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "worker_class": "gthread",
        "workers": settings.web_processes,
        "threads": THREADS,
        "keepalive": 5,
        # A token too long is answered by the token check, with its 401; beyond this gunicorn answers 431.
        "limit_request_field_size": 65536,
        "limit_request_line": 8190,
        "when_ready": _bound_silence,
        "graceful_timeout": GRACEFUL_S,
        # The workers' sign of life is a file's time; in memory it never waits for a busy disk.
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        # Its control socket would lie in the home folder, which may be read-only.
        "control_socket_disable": True,
        "loglevel": "warning",
    }


def _bound_silence(server: Any) -> None:
    """Give no sender a thread for longer than this without a byte from it."""
    # Accepted connections inherit it. The storage, whose senders may be on slow lines, sets a longer one of its own.
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENCE_AT_MOST_S, 0))


def serve_forever(settings: Settings) -> None:
    """Serve until SIGTERM."""
    local_home(settings)
    WebServer(settings).run()
