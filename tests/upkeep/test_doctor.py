"""The doctor: well is said where it is, and the remedy where it is not."""

import errno
import json
import os
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.adapters.local.listening import listening_remedy
from sluice.settings import Settings
from sluice.upkeep import keeping, surroundings, tools
from sluice.video import Video
from sluice.wiring.local import local_home
from tests.upkeep.conftest import Sluice, Told


@pytest.fixture
def busy_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Somebody listens there who never says a word."""
    monkeypatch.setattr(surroundings, "_WAIT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def a_tool(folder: Path, name: str, says: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    path.chmod(0o755)
    return str(path)


def test_a_missing_tool_says_what_to_install(settings: Settings) -> None:
    found = list(tools.findings(replace(settings, ffmpeg="/nowhere/ffmpeg", ffprobe="/nowhere/ffprobe")))
    assert [finding.well for finding in found] == [False, False]
    assert str(found[1].remedy).endswith("or set SLUICE_FFMPEG")


def test_an_ffmpeg_without_an_encoder_is_not_well(settings: Settings, tmp_path: Path) -> None:
    tool = a_tool(tmp_path, "ffmpeg", "ffmpeg version 9\n A..... aac  AAC\n V..... mjpeg  JPEG\n" + _filters())
    encoders = list(tools.findings(replace(settings, ffmpeg=tool)))[2]
    assert (encoders.well, encoders.words) == (False, "libx264 not built in")


def test_an_ffmpeg_without_tone_mapping_is_well_with_a_word(settings: Settings, tmp_path: Path) -> None:
    tool = a_tool(tmp_path, "ffmpeg", "ffmpeg version 9\n V. libx264 x\n A. aac x\n V. mjpeg x\n" + _filters())
    filters = list(tools.findings(replace(settings, ffmpeg=tool)))[3]
    assert filters.well
    assert filters.words.startswith("zscale, tonemap not built in")


def test_an_ffmpeg_that_can_not_encode_here_is_not_well(settings: Settings, tmp_path: Path) -> None:
    says = "ffmpeg version 9\n V. libx264 x\n A. aac x\n V. mjpeg x\n" + _filters()
    tool = a_tool(tmp_path, "ffmpeg", says)
    found = list(tools.findings(replace(settings, ffmpeg=tool)))[-1]
    assert (found.well, found.words) == (False, f"{tool} can't encode (exit code 0)")
    assert str(found.remedy).endswith("or set SLUICE_FFMPEG")


def _filters() -> str:
    return "\n".join(f" .. {name} V->V" for name in ("scale", "fps", "bwdif", "tpad", "aresample"))


def test_a_folder_that_is_not_there_yet_is_no_trouble(data: Path) -> None:
    assert surroundings.folder(data / "deep").well
    assert not data.exists()


def test_too_little_room_is_told(settings: Settings) -> None:
    assert surroundings.room(settings).well
    assert not surroundings.room(replace(settings, max_upload_bytes=1 << 50)).well
    assert not surroundings.room(replace(settings, reserve_bytes=1 << 50)).well


def test_a_port_that_somebody_else_has_is_told(settings: Settings, busy_port: int) -> None:
    found = surroundings.port(replace(settings, port=busy_port))
    assert not found.well
    assert str(found.remedy).startswith("stop what listens there, or take another port")


@pytest.mark.parametrize("host", ["192.0.2.1", f"{70 * 'a'}.org", "::2"])
def test_an_address_of_another_machine_is_told_with_its_own_remedy(settings: Settings, host: str) -> None:
    found = surroundings.port(replace(settings, host=host))
    assert not found.well
    assert str(found.remedy).startswith("set SLUICE_HOST to an address of this machine")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "SLUICE_HOST"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "SLUICE_HOST"),
        (PermissionError(errno.EACCES, "Permission denied"), "SLUICE_PORT"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "SLUICE_PORT"),
    ],
)
def test_what_keeps_from_listening_names_the_setting_to_change(settings: Settings, error: OSError, name: str) -> None:
    assert re.findall(r"SLUICE_[A-Z]+", listening_remedy(settings, error)) == [name]


def test_a_clock_behind_our_own_files_is_told(settings: Settings, data: Path) -> None:
    data.mkdir()
    (data / "sluice.db").touch()
    assert surroundings.clock(settings).well
    _touch_in_the_future(data / "sluice.db")
    assert not surroundings.clock(settings).well


def _touch_in_the_future(path: Path) -> None:
    os.utime(path, (time.time() + 7200,) * 2)


def test_an_issuer_that_can_not_be_reached_is_told(settings: Settings) -> None:
    away = replace(settings, external_issuer="http://127.0.0.1:1/pool")
    found = surroundings.identity(away)
    assert not found.well
    assert "SLUICE_ISSUER" in str(found.remedy)


def test_mail_is_wanted_where_users_come_from_elsewhere(settings: Settings) -> None:
    assert surroundings.mail(settings).well
    assert not surroundings.mail(replace(settings, public_url="https://video.example.org")).well


def test_a_mail_server_that_does_not_answer_is_told(settings: Settings, busy_port: int) -> None:
    assert surroundings.mail(replace(settings, smtp_url=f"smtp://127.0.0.1:{busy_port}")).well
    assert not surroundings.mail(replace(settings, smtp_url="smtp://127.0.0.1:1")).well


def test_a_missing_site_is_told(settings: Settings, tmp_path: Path) -> None:
    assert not surroundings.site(replace(settings, site=tmp_path)).well
    (tmp_path / "index.html").touch()
    assert surroundings.site(replace(settings, site=tmp_path)).well


def test_keys_that_others_can_read_are_told(settings: Settings, data: Path) -> None:
    local_home(settings)
    assert keeping.modes(data).well
    (data / "keys" / "links").chmod(0o644)
    found = keeping.modes(data)
    assert (found.well, found.remedy) == (False, f"run: chmod go= {data / 'keys' / 'links'}")


def test_a_damaged_database_is_told(settings: Settings, data: Path) -> None:
    data.mkdir()
    (data / "sluice.db").write_bytes(b"no database at all" * 1000)
    assert not keeping.wholeness(data / "sluice.db").well


def unwell(data: Path) -> list[str]:
    return [f"{finding.name}: {finding.words}" for finding in keeping.findings(data) if not finding.well]


def test_videos_with_their_files_are_well_in_every_state(story: Told, data: Path) -> None:
    story.ticket()
    story.failed()
    story.processing()
    story.done()
    assert unwell(data) == []


def test_videos_without_a_database_are_told(story: Told, data: Path) -> None:
    story.done()
    (data / "sluice.db").unlink()
    assert unwell(data) == [f"sluice.db: {data} holds videos, and no sluice.db that knows them"]


def test_a_misspelt_setting_is_told_once_and_one_of_somebody_else_is_no_fault(
    sluice: Sluice, story: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "findings", lambda _: [])
    end = sluice("doctor", SLUICE_WORKER="2", SLUICE_BACKUPS_GO_TO="/srv")
    assert "ok   settings     SLUICE_BACKUPS_GO_TO is not a setting of Sluice\n" in end.stdout
    assert "NO   settings     SLUICE_WORKER is not a setting of Sluice\n" in end.stdout
    assert "-> SLUICE_WORKERS is one; .env.example lists those there are\n" in end.stdout
    assert (end.exit_code, end.stderr) == (1, "")


def test_a_key_without_its_accounts_is_told_unless_they_are_kept_elsewhere(settings: Settings, data: Path) -> None:
    local_home(settings).close()
    (data / "identity.db").unlink()
    assert unwell(data) == [f"identity.db: {data} holds the key of an identity.db, and none that it fits"]
    assert all(finding.well for finding in keeping.findings(data, accounts=False))


def test_a_database_without_its_videos_is_told(story: Told, data: Path) -> None:
    video = story.done()
    story.done()
    shutil.rmtree(data / "media")
    assert unwell(data) == [f"files: 2 videos have none, {video.id} for one"]


@pytest.mark.parametrize("damage", ["DROP TABLE videos", "UPDATE videos SET record = '{'"])
def test_rows_that_can_not_be_read_are_told(story: Told, data: Path, damage: str) -> None:
    story.done()
    story.home.close()
    with closing(sqlite3.connect(data / "sluice.db")) as connection, connection:
        connection.execute(damage)
    (finding,) = unwell(data)
    assert finding.startswith("files: the rows of sluice.db can't be read (")


def test_a_video_that_is_deleted_meanwhile_is_not_missed(
    story: Told, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, video = keeping.videos_in, story.done()

    def later(*arguments: str) -> list[Video]:
        found = list(real(*arguments))  # type: ignore[arg-type]
        shutil.rmtree(data / "media" / video.id, ignore_errors=True)
        monkeypatch.setattr(keeping, "videos_in", real)
        story.app.videos.delete(video.id)
        return found

    monkeypatch.setattr(keeping, "videos_in", later)
    assert keeping.files(data).well


def test_everything_well_is_exit_code_0(sluice: Sluice, data: Path, settings: Settings, tmp_path: Path) -> None:
    local_home(settings)
    (tmp_path / "index.html").touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    end = sluice("doctor", "--json", SLUICE_SITE=str(tmp_path), SLUICE_PORT=str(port))
    found = [json.loads(line) for line in end.stdout.splitlines()]
    assert [finding for finding in found if not finding["well"]] == []
    assert {"ffmpeg", "data folder", "disk", "port", "clock", "key files", "identity", "sluice.db"} <= {
        finding["name"] for finding in found
    }
    assert end.exit_code == 0


def test_something_not_well_is_exit_code_1_with_its_remedy(sluice: Sluice, busy_port: int) -> None:
    end = sluice("doctor", SLUICE_PORT=str(busy_port), SLUICE_FFPROBE="/nowhere/ffprobe")
    assert end.exit_code == 1
    assert "NO   ffprobe      /nowhere/ffprobe is not there\n                  -> install ffmpeg" in end.stdout
