"""The web server: the API, identity, storage and media on one origin, by gunicorn."""

from pathlib import Path
from typing import Any

import flask
from gunicorn.app.base import BaseApplication

from sluice.api.web import web_app
from sluice.settings import Settings
from sluice.wiring import local_home

# Requests wait on disks and slow networks, hardly ever on the processor: many threads, few processes.
THREADS = 64
# The supervisor gives every process 4 s to end.
GRACEFUL_S = 3
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class WebServer(BaseApplication):
    """gunicorn with our options; each of its processes builds an app of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        return web_app(local_home(self._settings))


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's configuration."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "worker_class": "gthread",
        "workers": settings.web_processes,
        "threads": THREADS,
        "keepalive": 5,
        "graceful_timeout": GRACEFUL_S,
        # The workers' sign of life is a file's time; in memory it never waits for a busy disk.
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        # Its control socket would lie in the home folder, which may be read-only.
        "control_socket_disable": True,
        "loglevel": "warning",
    }


def serve_forever(settings: Settings) -> None:
    """Serve until SIGTERM."""
    local_home(settings)
    WebServer(settings).run()
