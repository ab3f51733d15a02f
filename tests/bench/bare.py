"""A Flask application with next to nothing in it, on the same server as Sluice: what no route of ours can outdo."""

from secrets import token_hex

import flask

from sluice import settings
from sluice.adapters.local.database import Database
from sluice.entry.serve import WebServer

_MADE = ["CREATE TABLE stored (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID"]
# What a ticket stores and answers, in bytes.
_RECORD = "x" * 600
_ANSWER = "x" * 1500


class BareServer(WebServer):
    """Our gunicorn, with its processes, its threads and its worker, around an application that hardly does anything."""

    def load(self) -> flask.Flask:
        web = flask.Flask(__name__, static_folder=None)
        database = Database(self._settings.data / "bare.db", _MADE)

        def store() -> tuple[str, int]:
            database.execute("INSERT INTO stored VALUES (?, ?)", (token_hex(13), _RECORD))
            return _ANSWER, 201

        web.get("/")(lambda: "It answers.")
        web.post("/row")(store)
        return web


if __name__ == "__main__":
    BareServer(settings.load()).run()
