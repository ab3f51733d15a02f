"""With ffmpeg's own options out of the way, the kernel still keeps a hostile file to itself, where it can."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice.adapters.child import Limits, run
from tests.canary import Canary, singing
from tests.isolation import needs_landlock, needs_own_network
from tests.media.make import copied, film
from tests.media.pointers import POINTERS

pytestmark = pytest.mark.e2e

LIMITS = Limits(memory_bytes=2 << 30, cpu_s=20)
ANYTHING = ("-protocol_whitelist", "file,crypto,data,http,tcp,udp,rtp", "-allowed_extensions", "ALL")


def decoding(file: Path, *options: str) -> list[str]:
    """An ffmpeg that follows whatever the file says."""
    return ["ffmpeg", "-v", "error", "-nostdin", *options, "-i", f"file:{file}", "-f", "null", "-"]


def works_in_the_open(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, timeout=60).returncode == 0


def works_behind_walls(argv: list[str]) -> bool:
    return run(argv, LIMITS, wall_s=60, stdout_cap_bytes=1000, folder=Path("/")).returncode == 0


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    copied(film(), container="mpegts")(tmp_path / "bait.ts")
    return tmp_path / "bait.ts"


@pytest.fixture
def canary(bait: Path) -> Iterator[Canary]:
    with singing(bait.read_bytes()) as bird:
        yield bird


def playlist(folder: Path, target: str) -> Path:
    pointer = folder / "film.m3u8"
    pointer.write_text(POINTERS["hls"].format(target=target))
    return pointer


def test_a_film_is_decoded_behind_the_walls(bait: Path) -> None:
    assert works_behind_walls(decoding(bait))


@needs_landlock
def test_a_playlist_does_not_get_the_file_that_lies_beside_it(bait: Path) -> None:
    argv = decoding(playlist(bait.parent, "bait.ts"), *ANYTHING)

    assert works_in_the_open(argv)
    assert not works_behind_walls(argv)


@needs_landlock
def test_a_script_does_not_get_a_file_by_its_whole_name(bait: Path) -> None:
    script = bait.parent / "film.txt"
    script.write_text(POINTERS["ffconcat"].format(target=bait))
    argv = decoding(script, "-f", "concat", "-safe", "0")

    assert works_in_the_open(argv)
    assert not works_behind_walls(argv)


@needs_own_network
def test_a_playlist_reaches_no_address(bait: Path, canary: Canary) -> None:
    argv = decoding(playlist(bait.parent, canary.url), *ANYTHING)

    assert not works_behind_walls(argv)
    assert canary.calls == []
    assert works_in_the_open(argv)
    assert canary.calls != []
