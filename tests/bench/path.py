"""From the answer to an upload to what can be watched: a whole Sluice, and people who reach it by HTTP alone."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import requests

from sluice.adapters.cadence import keyframe_frames
from sluice.adapters.ffmpeg import CRF, PRESET
from sluice.adapters.ffprobe import Ffprobe
from sluice.ladder import Facts, plan
from sluice.playlists import SEGMENT_S
from sluice.settings import load
from tests.e2e.running import Running, User

from . import films, ours
from .runs import run_chains
from .table import Goal, Row, at_most
from .turns import ROUNDS, in_turns

CORES = os.cpu_count() or 1
AT_ONCE = 10
HOUR_S = 3600
# What a first look is compared with: a small rung, as the one that an encode shows first.
RUNG = 360
# A first look takes less than a second. Of what takes many, looking so often would take a sixth of the processors: that
# is looked at as often as the site does.
LOOK_EVERY_S, SELDOM_S = 0.01, 0.25
TIMEOUT_S = 600
SETTINGS = {
    "MAX_UPLOAD_BYTES": str(1 << 30),
    "USER_CALLS_PER_MINUTE": "0",
    "ADDRESS_CALLS_PER_MINUTE": "0",
}


def path() -> Iterator[Row]:
    """One upload alone, ten at once, and one beside a film of an hour."""
    with TemporaryDirectory() as folder:
        with _user(Path(folder) / "encodes", ours.ENCODES_ALL) as user:
            yield _first_look(user, films.part(films.NATURAL, 10, Path(folder) / "10.mp4"), at_most(1.5))
            yield from _ten_at_once(user, films.part(films.NATURAL, 20, Path(folder) / "20.mp4"))
            yield from _beside_a_long_film(user, Path(folder))
        with _user(Path(folder) / "copies", ours.COPIES) as user:
            film = films.part(films.CONFORMANT, 10, Path(folder) / "conformant.mp4")
            yield _first_look(user, film, at_most(0.6), copied=True)


@contextmanager
def _user(folder: Path, settings: Mapping[str, str]) -> Iterator[User]:
    folder.mkdir()
    running = Running(folder, **SETTINGS, **settings)
    try:
        yield running.start().user()
    finally:
        running.end()


# --- rows -------------------------------------------------------------------------------------------------------


def _first_look(user: User, film: Path, goal: Goal, *, copied: bool = False) -> Row:
    what = "top rung copied" if copied else "re-encoded"
    bare = f"ffprobe, then {SEGMENT_S} s of {RUNG} lines"
    mine, theirs = in_turns(partial(_until_playable, user, film, copied), partial(_bare, film))
    return Row(f"204 to playable, {what}", mine, bare, theirs, goal)


def _ten_at_once(user: User, film: Path) -> Iterator[Row]:
    taken = [(*_ten(user, film), _limit_s(film, SEGMENT_S), _limit_s(film)) for _ in range(ROUNDS)]
    playable, done, first, everything = map(median, zip(*taken, strict=True))
    yield Row("ten uploads: last playable", playable, "ten first segments, one pass, all cores", first, at_most(1.5))
    yield Row("ten uploads: last done", done, "all of them, one pass, all cores", everything, at_most(1.25))


def _beside_a_long_film(user: User, folder: Path) -> Iterator[Row]:
    short = films.part(films.NATURAL, 10, folder / "short.mp4")
    film = films.over_and_over(films.NATURAL, HOUR_S, folder / "long.mp4")
    beside, alone = in_turns(partial(_until_done_beside, user, short, film), partial(_until_done, user, short))
    yield Row("10 s beside an hour: done", beside, "the same alone", alone, at_most(2))


# --- uploads ----------------------------------------------------------------------------------------------------


def _until_playable(user: User, film: Path, copied: bool) -> float:
    """How long after its 204 a video can be watched, its top rung copied or not; nothing of it is left."""
    video_id, arrived = _sent(user, film)
    seconds = _until(user, video_id, "playable") - arrived
    _until(user, video_id, "done", SELDOM_S)
    top = user.call("GET", f"/videos/{video_id}/receipt").json()["renditions"][0]
    assert top["copied"] is copied, f"the top rung of {film.stem} was {'not ' * copied}copied"
    _gone(user, video_id)
    return seconds


def _until_done(user: User, film: Path) -> float:
    """How long after its 204 a video is done; it is left there."""
    video_id, arrived = _sent(user, film)
    return _until(user, video_id, "done", SELDOM_S) - arrived


def _until_done_beside(user: User, short: Path, film: Path) -> float:
    """As `_until_done`, once the encode of the film is well under way; nothing of that one is left."""
    video_id, _ = _sent(user, film)
    _until(user, video_id, "under way", SELDOM_S)
    seconds = _until_done(user, short)
    assert user.video(video_id)["status"] == "processing", "the long film was to be encoded all the time"
    _gone(user, video_id)
    return seconds


def _ten(user: User, film: Path) -> tuple[float, float]:
    """How long after ten people began to upload the last of them could watch, and the last one was done."""
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as people:
        ids = [video_id for video_id, _ in people.map(lambda _: _sent(user, film), range(AT_ONCE))]
        playable = max(people.map(lambda video_id: _until(user, video_id, "playable", SELDOM_S), ids))
    done = max(_until(user, video_id, "done", SELDOM_S) for video_id in ids)
    for video_id in ids:
        _gone(user, video_id)
    return playable - began, done - began


_STATES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "playable": lambda video: bool(video["playable"]),
    "under way": lambda video: bool(video["playable"]) and video["progress"]["percent"] > 0.5,
    "done": lambda video: video["status"] == "done",
}


def _sent(user: User, film: Path) -> tuple[str, float]:
    """The id of a new video, and when its upload was answered. Its title goes with the ticket: nothing comes after."""
    ticket = user.ticket(filename=film.name, title="A film")
    answer = user.post_file(ticket, film)
    arrived = time.monotonic()
    assert answer.status_code == 204, answer.text
    return ticket["id"], arrived


def _until(user: User, video_id: str, state: str, look_every_s: float = LOOK_EVERY_S) -> float:
    """When a video was first seen to be so."""
    reached, deadline = _STATES[state], time.monotonic() + TIMEOUT_S
    with requests.Session() as line:
        line.headers["Authorization"] = f"Bearer {user.token}"
        while time.monotonic() < deadline:
            video = line.get(f"{user.running.url}/api/videos/{video_id}", timeout=30).json()
            assert video["status"] != "failed", video
            if reached(video):
                return time.monotonic()
            time.sleep(look_every_s)
    raise AssertionError(f"video {video_id} is not {state} within {TIMEOUT_S} s")


def _gone(user: User, video_id: str) -> None:
    """Delete a video, and wait until nothing is encoded any more."""
    assert user.call("DELETE", f"/videos/{video_id}").ok
    while user.running.children("ffmpeg"):
        time.sleep(LOOK_EVERY_S)


# --- what it is compared with -------------------------------------------------------------------------------------


def _bare(film: Path) -> float:
    """How long it takes to ask ffprobe, and then to encode the first segment of one rung."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        told = ["-v", "error", "-show_format", "-show_streams", "-of", "json"]
        subprocess.run(["ffprobe", *told, str(film)], check=True, stdout=subprocess.DEVNULL)
        coded = ["-vf", f"scale=-2:{RUNG}:flags=lanczos", "-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF)]
        segment = ["-c:a", "aac", "-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_segment_type", "fmp4", "index.m3u8"]
        whole = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(film), "-t", str(SEGMENT_S), *coded, *segment]
        subprocess.run(whole, check=True, cwd=folder)
    return time.monotonic() - began


def _limit_s(film: Path, seconds: float | None = None) -> float:
    """How long ten take if the cores share the least there is to do: decoded once, each rung scaled from the next.

    All cores are kept busy meanwhile, as they are with us: with a core to itself a process takes less of its time.
    """
    part = [] if seconds is None else ["-t", str(seconds)]
    one = ["-threads", "1"]
    argv = ["ffmpeg", "-nostdin", "-v", "error", *one, *part, "-i", str(film), "-filter_complex_threads", "1"]
    chain = [[*argv, *_rungs(plan(Ffprobe(load())(str(film)), tall=False))]]
    with TemporaryDirectory() as folder:
        return run_chains([chain] * AT_ONCE, Path(folder), at_once=CORES).cpu_s / CORES


def _rungs(facts: Facts) -> list[str]:
    """All rungs, and the sound if there is any."""
    graph, outputs, picture = [], [], "0:v:0"
    for place, rung in enumerate(facts.renditions):
        graph.append(f"[{picture}]scale={rung.width}:{rung.height}:flags=lanczos,split[r{place}][n{place}]")
        coded = ["-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-g", str(keyframe_frames(facts.rate))]
        capped = ["-maxrate", str(rung.max_bitrate), "-bufsize", str(2 * rung.max_bitrate)]
        outputs += ["-map", f"[r{place}]", *coded, *capped, "-threads", "1", "-f", "null", "-"]
        picture = f"n{place}"
    graph.append(f"[{picture}]nullsink")
    sound = ["-map", "0:a:0", "-c:a", "aac", "-f", "null", "-"] if facts.has_audio else []
    return ["-filter_complex", ";".join(graph), *outputs, *sound]
