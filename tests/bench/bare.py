"""A Flask application with one route, on the same server as Sluice: what no route of ours can be quicker than."""

import flask

from sluice import settings
from sluice.entry.serve import WebServer


class BareServer(WebServer):
    """Our gunicorn, with its processes, its threads and its worker, around an application that does nothing."""

    def load(self) -> flask.Flask:
        web = flask.Flask(__name__, static_folder=None)
        web.get("/")(lambda: "It answers.")
        return web


if __name__ == "__main__":
    BareServer(settings.load()).run()
