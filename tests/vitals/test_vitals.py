"""/api/ready and /metrics of a local home."""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import IO

import pytest
from flask.testing import FlaskClient

from sluice.adapters.local.database import Database
from sluice.entry.serve import web_app
from sluice.errors import Unavailable
from sluice.messages import EncodeFailed, EncodeProgressed, EncodeSucceeded, SourceArrived
from sluice.settings import Settings
from sluice.vitals.exposition import Family, Sample, render
from sluice.wiring.local import local_home
from tests.vitals.conftest import HERE, Watched

# --- ready


def test_a_whole_sluice_is_ready(client: FlaskClient, workers: None) -> None:
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json["ready"]) == (200, True)
    assert answer.json["parts"] == dict.fromkeys(("database", "disk", "identity", "tools", "workers"), "ok")


def test_lanes_without_a_worker_are_named(client: FlaskClient) -> None:
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["parts"]["workers"] == "nobody works on sources, encodes, tasks, encoder"


def test_the_bell_of_a_dead_worker_does_not_count(client: FlaskClient, story: Watched) -> None:
    story.home.bells.mkdir(exist_ok=True)
    os.mkfifo(story.home.bells / "sources.1-dead.bell")
    assert "sources" in client.get("/api/ready").json["parts"]["workers"]


def test_too_little_room_is_not_ready(client: FlaskClient, workers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=200 << 30, free=(1 << 30) - 1, used=0))
    assert client.get("/api/ready").json["parts"]["disk"] == "no_space"


@pytest.mark.parametrize("folder", ["raw", "raw/.unfinished", "media", "media/.unfinished"])
def test_a_folder_that_cannot_be_written_to_is_not_ready(
    client: FlaskClient, workers: None, story: Watched, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    refuse_writing(monkeypatch, story.app.settings.data / folder, errno.EROFS)
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json["parts"]["disk"]) == (503, "unusable")


def test_a_folder_whose_quota_is_used_up_is_not_ready(
    client: FlaskClient, story: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_writing(monkeypatch, story.app.settings.data / "media", errno.EDQUOT)
    assert client.get("/api/ready").json["parts"]["disk"] == "no_space"


def refuse_writing(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """As where chattr, a mount or a quota forbids it; root, who may run the tests, heeds no modes."""

    def refusing(*, dir: Path, prefix: str) -> IO[bytes]:  # noqa: A002
        if dir == folder:
            raise OSError(number, os.strerror(number), str(dir))
        return TemporaryFile(dir=dir, prefix=prefix)

    monkeypatch.setattr("sluice.adapters.local.durable.TemporaryFile", refusing)


def test_a_look_leaves_no_file_behind(client: FlaskClient, workers: None, story: Watched) -> None:
    client.get("/api/ready")
    data = story.app.settings.data
    assert [path for below in ("raw", "media") for path in (data / below).rglob("*") if path.is_file()] == []


def test_what_fails_tells_its_code_and_nothing_else(client: FlaskClient, workers: None, story: Watched) -> None:
    def broken(*_: object) -> None:
        raise Unavailable("/srv/sluice/sluice.db is locked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "rows", broken)
        assert client.get("/api/ready").json["parts"]["database"] == "unavailable"


def test_who_looks_leaves_no_database_open_for_a_fork(client: FlaskClient, story: Watched) -> None:
    client.get("/api/ready")
    client.get("/metrics", **HERE)

    story.home.close()

    opened = {file.resolve() for file in Path("/proc/self/fd").iterdir()}
    assert {path.name for path in opened & set(story.home.app.settings.data.rglob("*.db*"))} == set()


def test_a_database_that_was_deleted_is_not_ready(client: FlaskClient, workers: None, story: Watched) -> None:
    (story.app.settings.data / "sluice.db").unlink()
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json["parts"]["database"]) == (503, "unavailable")


@pytest.mark.parametrize(
    "path", ["/api/ready", "/api/videos", "/cognito/local_Sluice/.well-known/jwks.json", "/metrics"]
)
def test_nothing_is_begun_where_the_folder_was_taken_away(tmp_path: Path, path: str) -> None:
    data = tmp_path / "data"
    client = web_app(local_home(Settings(data=data))).test_client()
    data.rename(tmp_path / "away")
    assert client.get(path).status_code in (200, 503)
    assert not data.exists()


def test_no_upload_is_begun_where_the_folder_was_taken_away(tmp_path: Path) -> None:
    data = tmp_path / "data"
    home = local_home(Settings(data=data))
    data.rename(tmp_path / "away")
    with pytest.raises(Unavailable), home.sources.receive("key1", {}, expected=1):
        pytest.fail("it was let in")
    assert not data.exists()


def test_a_folder_that_cannot_be_read_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/sluice/run")

    monkeypatch.setattr("sluice.vitals.readiness.sleepers", unreadable)
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json["parts"]["workers"]) == (503, "unavailable")


def asked_with(story: Watched, ffmpeg: Path) -> FlaskClient:
    settings = replace(story.app.settings, ffmpeg=str(ffmpeg))
    return web_app(replace(story.home, app=replace(story.home.app, settings=settings))).test_client()


def a_tool(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("body", ["echo 'libavutil.so.57: file too short' >&2; exit 127", "exit 1", "kill -SEGV $$"])
def test_an_ffmpeg_that_cannot_be_run_is_not_ready(story: Watched, workers: None, tmp_path: Path, body: str) -> None:
    answer = asked_with(story, a_tool(tmp_path / "broken", body)).get("/api/ready")
    assert (answer.status_code, answer.json["parts"]["tools"]) == (503, "ffmpeg can't be run")


def test_tools_are_asked_again_after_some_seconds(story: Watched, tmp_path: Path) -> None:
    client = asked_with(story, a_tool(tmp_path / "tool", "exit 127"))
    client.get("/api/ready")
    a_tool(tmp_path / "tool", "exit 0")
    assert client.get("/api/ready").json["parts"]["tools"] == "ffmpeg can't be run"
    story.move(seconds=10)
    assert client.get("/api/ready").json["parts"]["tools"] == "ok"


# --- metrics


def test_every_answer_is_counted_by_its_route(client: FlaskClient, scrape: Callable[..., float | None]) -> None:
    client.get("/api/videos/01JD0000000000000000000001")
    client.get("/api/videos/01JD0000000000000000000002")
    route = "/api/videos/<ulid:id>"
    assert scrape("sluice_http_requests_total", route=route, method="GET", code="404") == 2
    assert scrape("sluice_http_request_seconds_count", route=route) == 2


def test_invented_methods_are_one_number(client: FlaskClient, scrape: Callable[..., float | None]) -> None:
    client.open("/api/videos", method="FROB")
    client.open("/api/videos", method="TWIDDLE")
    assert scrape("sluice_http_requests_total", route="none", method="other", code="405") == 2


def test_lanes_are_measured(story: Watched, scrape: Callable[..., float | None]) -> None:
    story.home.queue.send(SourceArrived("01JD0000000000000000000001"))
    assert scrape("sluice_queue_messages", lane="sources", state="waiting") == 1
    assert scrape("sluice_queue_messages", lane="encodes", state="waiting") == 0
    assert scrape("sluice_queue_oldest_seconds", lane="encodes") == 0


def test_a_running_encode_is_seen(story: Watched, scrape: Callable[..., float | None]) -> None:
    story.processing()
    assert scrape("sluice_encodes_running") == 0
    story.home.queue.lease("encoder", 300)
    assert scrape("sluice_encodes_running") == 1


def test_a_finished_video_is_counted_with_its_times(story: Watched, scrape: Callable[..., float | None]) -> None:
    video = story.processing()
    story.move(seconds=20)
    story.handle(EncodeProgressed(video.id, 1, 50.0, playable=True))
    story.handle(EncodeProgressed(video.id, 1, 60.0, playable=True))
    story.move(seconds=20)
    story.encode(video)
    story.handle(EncodeSucceeded(video.id, 1))
    story.handle(EncodeSucceeded(video.id, 1))

    assert scrape("sluice_videos_ended_total", status="done", code="") == 1
    assert scrape("sluice_playable_after_seconds_count") == 1
    assert scrape("sluice_playable_after_seconds_bucket", le="30") == 1
    assert scrape("sluice_done_after_seconds_bucket", le="30") == 0
    assert scrape("sluice_done_after_seconds_bucket", le="60") == 1
    assert scrape("sluice_encoded_media_seconds_total") == 8
    assert scrape("sluice_encode_seconds_total") == 40
    assert scrape("sluice_videos", state="done", code="") == 1


def test_failures_are_counted_by_code(story: Watched, scrape: Callable[..., float | None]) -> None:
    video = story.processing()
    story.handle(EncodeFailed(video.id, 1, "damaged", "It is damaged."))
    assert scrape("sluice_videos_ended_total", status="failed", code="damaged") == 1
    assert scrape("sluice_videos", state="failed", code="damaged") == 1


def test_an_edit_of_a_finished_video_is_no_second_end(story: Watched, scrape: Callable[..., float | None]) -> None:
    video = story.processing()
    story.handle(EncodeFailed(video.id, 1, "damaged", "It is damaged."))
    story.app.videos.save(story.video(video).edit("Another title", None, None))
    assert scrape("sluice_videos_ended_total", status="failed", code="damaged") == 1


def test_the_disk_is_measured(scrape: Callable[..., float | None]) -> None:
    free, size = scrape("sluice_disk_free_bytes"), scrape("sluice_disk_size_bytes")
    assert free is not None
    assert size is not None
    assert 0 < free <= size


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.0.0.1"}, {"Authorization": "Bearer wrong"}])
def test_metrics_are_not_for_everybody(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/metrics", base_url="https://video.example.org", headers=headers).status_code == 404


def test_a_scraper_with_the_token_gets_them_from_anywhere(story: Watched) -> None:
    settings = replace(story.app.settings, metrics_token="s3cret")
    home = replace(story.home, app=replace(story.home.app, settings=settings))
    client = web_app(home).test_client()
    far = {"base_url": "https://video.example.org", "headers": {"Authorization": "Bearer s3cret"}}
    assert client.get("/metrics", **far).status_code == 200


def test_labels_are_escaped_as_the_format_wants() -> None:
    text = render([Family("a", "gauge", "One\nline.", (Sample(1.5, {"x": 'a"b\\c\nd'}),))])
    assert text == '# HELP a One\\nline.\n# TYPE a gauge\na{x="a\\"b\\\\c\\nd"} 1.5\n'
