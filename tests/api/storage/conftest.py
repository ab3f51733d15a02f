"""A storage of its own, and forms that are sent to it: the server's, and those of stock boto3."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sluice.adapters.local.files import LocalObjects
from sluice.adapters.local.forms import LocalForms
from sluice.api import storage
from sluice.api.multipart_upload import Readable
from sluice.ports import Form
from tests.stock_s3 import KEY as STORAGE_KEY
from tests.stock_s3 import s3_client

KEY = "01JD0000000000000000000001"
BODY = b"\x00\x01 a film \r\n--not the boundary\r\n \xff"
CLIENT = s3_client()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Place:
    """The storage as a test sees it: its objects, what arrived, and what it is told."""

    def __init__(self, folder: Path) -> None:
        signer = LocalForms("raw", "/storage/raw", STORAGE_KEY, now=utc_now)
        self.folder = folder
        self.raw = LocalObjects(folder, forms=signer)
        self.arrivals: list[tuple[str, str]] = []
        self.may_arrive: Callable[[], bool] = lambda: True
        self.arrived: Callable[[], None] = lambda: None
        self.now = utc_now
        self.client = self._app().test_client()

    def _app(self) -> Flask:
        app = Flask("test")
        app.config["MAX_CONTENT_LENGTH"] = 1000
        routes = storage.blueprint(
            {"raw": self.raw},
            STORAGE_KEY,
            may_arrive=lambda bucket, key: self.may_arrive(),
            arrived=self._arrived,
            now=lambda: self.now(),
        )
        app.register_blueprint(routes)
        return app

    def _arrived(self, bucket: str, key: str) -> None:
        self.arrivals.append((bucket, key))
        self.arrived()

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.name[0] != ".")

    def stored(self) -> list[str]:
        return [name for name in self.files() if not name.startswith(".metadata/")]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "raw")


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return place.client


def ticket(place: Place, max_bytes: int = 1000) -> dict[str, str]:
    expires_at = utc_now() + timedelta(hours=1)
    form: Form = place.raw.upload_form(KEY, {"user-id": "ann"}, max_bytes=max_bytes, expires_at=expires_at)
    return dict(form.fields)


def stock(key: str = KEY, fields: dict[str, str] | None = None, conditions: list[Any] | None = None) -> dict[str, str]:
    """A form of somebody who has the storage keys and boto3."""
    made: dict[str, str] = CLIENT.generate_presigned_post("raw", key, Fields=fields, Conditions=conditions)["fields"]
    return made


def part(name: str, value: bytes, extra: str = "") -> bytes:
    return f'--bnd\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"


def multipart(
    fields: dict[str, str], body: bytes = BODY, after: bytes = b"--bnd--\r\n", filename: str = "f.mp4"
) -> bytes:
    before = b"".join(part(name, value.encode()) for name, value in fields.items())
    return before + part("file", body, f'; filename="{filename}"') + after


def send(client: FlaskClient, body: bytes, bucket: str = "raw", **more: Any) -> TestResponse:
    kind = more.pop("content_type", "multipart/form-data; boundary=bnd")
    return client.post(f"/storage/{bucket}", data=body, content_type=kind, buffered=True, **more)


def upload(client: FlaskClient, fields: dict[str, str], body: bytes = BODY, **more: Any) -> TestResponse:
    return send(client, multipart(fields, body), **more)


def stream(client: FlaskClient, body: Readable, length: int) -> TestResponse:
    """Send as the real server hands a body over."""
    given = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(length)}
    given["CONTENT_TYPE"] = "multipart/form-data; boundary=bnd"
    return client.post("/storage/raw", environ_overrides=given, buffered=True)


def told(answer: TestResponse) -> tuple[int, str | None]:
    assert answer.mimetype == "application/xml"
    return answer.status_code, ElementTree.fromstring(answer.data).findtext("Code")
