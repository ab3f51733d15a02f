"""The real probe on real files: each gets the verdict that stands beside it in tests/media/cases.py."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice.adapters.ffprobe import Ffprobe
from sluice.errors import Unavailable, Unplayable
from sluice.ladder import Facts, plan
from sluice.settings import Settings
from tests.canary import Canary, singing
from tests.media.cases import CASES
from tests.media.make import copied, film
from tests.media.pointers import POINTERS
from tests.media.verdicts import Accepted

pytestmark = pytest.mark.e2e


def look(location: Path | str, **settings: str) -> Facts:
    return plan(Ffprobe(Settings(**settings))(str(location)), tall=False)


@pytest.mark.parametrize("name", CASES)
def test_an_odd_film_is_accepted_with_its_repairs(name: str, tmp_path: Path) -> None:
    CASES[name].make(tmp_path / name)

    facts = look(tmp_path / name)

    verdict = CASES[name].verdict
    assert isinstance(verdict, Accepted)
    found = Accepted(frozenset(facts.repairs), tuple(rung.name for rung in facts.renditions))
    assert found == Accepted(verdict.repairs, verdict.rungs)
    assert facts.duration_s == pytest.approx(verdict.seconds, abs=0.1)


# --- files that point elsewhere ---------------------------------------------------------------------------------


@pytest.fixture
def canary() -> Iterator[Canary]:
    with singing() as bird:
        yield bird


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


def test_a_cut_off_head_behind_a_loopback_address_is_no_fault_of_the_storage(tmp_path: Path, canary: Canary) -> None:
    copied(film(), container="matroska")(tmp_path / "film.mkv")
    canary.body = (tmp_path / "film.mkv").read_bytes()[:300]

    with pytest.raises(Unplayable) as refusal:
        look(canary.url)

    assert refusal.value.code == "not_a_video"


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
