"""What a process of ours may open and start, as the system limits it."""

import resource
import subprocess
import sys

import pytest

from sluice.entry.capacity import ENOUGH, FEWEST_FILES

MOST = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
REACHABLE = ENOUGH if MOST == resource.RLIM_INFINITY else min(ENOUGH, MOST)


def claimed(
    least: int, most: int, tell: str = "print(r.getrlimit(r.RLIMIT_NOFILE)[0])"
) -> "subprocess.CompletedProcess[str]":
    """What comes of claiming under these limits; in a process of its own, because what is lowered stays low."""
    code = (
        "import resource as r, sys; from sluice.entry import capacity;"
        f"r.setrlimit(r.RLIMIT_NOFILE, ({least}, {most})); capacity.claim(4); {tell}"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)


def test_a_process_may_open_as_many_files_as_its_threads_need() -> None:
    assert claimed(256, MOST).stdout.strip() == str(REACHABLE)


@pytest.mark.parametrize(
    ("files", "cores", "memory_bytes", "films"),
    [
        (FEWEST_FILES, 4, 1 << 40, 64),
        (4096, 4, 1 << 40, 128),
        (4096, 4, 640 << 20, 40),
        (4096, 4, 1, 1),
        (FEWEST_FILES, 64, 1 << 40, 1),
    ],
)
def test_as_many_films_are_encoded_at_once_as_there_are_files_and_memory_for(
    files: int, cores: int, memory_bytes: int, films: int
) -> None:
    told = claimed(256, files, f"print(capacity.films_at_once({cores}, {memory_bytes}))")
    assert told.stdout.strip() == str(films)


def test_a_system_that_allows_too_few_files_is_told_so() -> None:
    refused = claimed(64, FEWEST_FILES - 1)
    assert refused.returncode == 1
    assert "too few files may be open at once (ulimit -Hn); Sluice needs 512" in refused.stderr
