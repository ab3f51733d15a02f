"""The real probe on real files: each gets the verdict that stands beside it in tests/media/cases.py."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sluice.adapters.ffprobe import Ffprobe
from sluice.errors import Unavailable, Unplayable
from sluice.ladder import Facts, plan
from sluice.settings import Settings
from tests.media.cases import CASES, Accepted, Refused
from tests.media.make import film

pytestmark = pytest.mark.e2e


def look(location: Path | str, **settings: str) -> Facts:
    return plan(Ffprobe(Settings(**settings))(str(location)), tall=False)


ACCEPTED = {name: case for name, case in CASES.items() if isinstance(case.verdict, Accepted)}
REFUSED = {name: case for name, case in CASES.items() if isinstance(case.verdict, Refused)}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_that_can_be_shown_is_accepted_with_its_repairs(name: str, tmp_path: Path) -> None:
    CASES[name].make(tmp_path / name)

    facts = look(tmp_path / name)

    found = Accepted(frozenset(facts.repairs), tuple(rung.name for rung in facts.renditions))
    assert found == Accepted(ACCEPTED[name].verdict.repairs, ACCEPTED[name].verdict.rungs)
    assert facts.duration_s == pytest.approx(ACCEPTED[name].verdict.seconds, abs=0.1)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_can_not_be_shown_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    CASES[name].make(tmp_path / name)

    with pytest.raises(Unplayable) as refusal:
        look(tmp_path / name)

    assert refusal.value.code in REFUSED[name].verdict.codes
    assert refusal.value.detail.endswith(".")


# --- files that point elsewhere ---------------------------------------------------------------------------------


class Canary:
    """A web server on loopback that writes down who calls, and serves one file."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.body = b""
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.calls.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(canary.body)))
                self.end_headers()
                self.wfile.write(canary.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/bait.ts"


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    thread = Thread(target=bird.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield bird
    bird.server.shutdown()
    thread.join()
    bird.server.server_close()


POINTERS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n",
    "hls-key": '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF:1,\n{target}\n',
    "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
    "ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><BaseURL>{target}</BaseURL></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na={target}\n",
    "smooth": '<SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="{target}"/></SmoothStreamingMedia>',
    "rtsp": "RTSPtext\n{target}\n",
    "asx": '<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
}


@pytest.mark.parametrize("kind", POINTERS)
def test_a_file_that_points_to_an_address_gets_nobody_to_call_it(kind: str, tmp_path: Path, canary: Canary) -> None:
    pointer = tmp_path / "film.mp4"
    pointer.write_text(POINTERS[kind].format(target=canary.url))

    with pytest.raises(Unplayable) as refusal:
        look(pointer)

    assert refusal.value.code == "not_a_video"
    assert canary.calls == []


@pytest.mark.parametrize("reach", ["bait.mp4", "./bait.mp4", "{folder}/bait.mp4", "file:{folder}/bait.mp4"])
@pytest.mark.parametrize("kind", ["hls", "hls-master", "ffconcat"])
def test_a_file_that_points_to_another_is_not_that_other(kind: str, reach: str, tmp_path: Path) -> None:
    film()(tmp_path / "bait.mp4")
    pointer = tmp_path / "film.mp4"
    pointer.write_text(POINTERS[kind].format(target=reach.format(folder=tmp_path)))

    with pytest.raises(Unplayable) as refusal:
        look(pointer)

    assert refusal.value.code == "not_a_video"


def test_a_file_behind_a_loopback_address_is_looked_into(tmp_path: Path, canary: Canary) -> None:
    film(also=("-movflags", "+faststart"))(tmp_path / "film.mp4")
    canary.body = (tmp_path / "film.mp4").read_bytes()

    assert [rung.name for rung in look(canary.url).renditions] == ["240"]


def test_a_playlist_behind_a_loopback_address_leads_nowhere(canary: Canary) -> None:
    canary.body = POINTERS["hls"].format(target="/elsewhere.ts").encode()

    with pytest.raises(Unplayable):
        look(canary.url)

    assert set(canary.calls) == {"/bait.ts"}


# --- when the look itself fails ---------------------------------------------------------------------------------


def test_a_missing_ffprobe_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="install ffmpeg"):
        look(tmp_path / "film.mp4", ffprobe="/no/such/ffprobe")


def a_program(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return os.fspath(path)


def test_a_file_that_crashes_ffprobe_is_refused(tmp_path: Path) -> None:
    crashing = a_program(tmp_path / "crashing", "kill -SEGV $$")

    with pytest.raises(Unplayable) as refusal:
        look(tmp_path / "film.mp4", ffprobe=crashing)

    assert refusal.value.code == "damaged"


def test_an_ffprobe_killed_from_outside_is_asked_again(tmp_path: Path) -> None:
    killed = a_program(tmp_path / "killed", "kill -KILL $$")

    with pytest.raises(Unavailable):
        look(tmp_path / "film.mp4", ffprobe=killed)


def test_a_source_that_has_gone_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="tried again"):
        look(tmp_path / "gone.mp4")
