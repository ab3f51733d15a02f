"""What a child gets to see where the kernel helps: its own files and no network. Here they are Python programs."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice.adapters import bounds
from sluice.adapters.child import Finished, Limits, bounded, run
from tests.isolation import needs_landlock, needs_own_network

ROOMY = Limits(memory_bytes=1 << 30, cpu_s=20, file_bytes=1 << 20)
READS_ONLY = Limits(memory_bytes=1 << 30, cpu_s=20)


def python(program: str, *words: str, folder: Path, limits: Limits = ROOMY) -> Finished:
    command = [sys.executable, "-I", "-S", "-c", f"import os, sys\n{program}", *words]
    return run(command, limits, wall_s=20, stdout_cap_bytes=1000, folder=folder)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """An empty folder, beside a file with a secret."""
    (tmp_path / "secret").write_text("the secret")
    (tmp_path / "job").mkdir()
    return tmp_path / "job"


@pytest.fixture
def port() -> Iterator[int]:
    """One at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


CALL = "import socket; socket.create_connection(('127.0.0.1', int(sys.argv[1]))); print('reached')"


# --- files --------------------------------------------------------------------------------------------------------


@needs_landlock
def test_a_child_can_not_read_what_its_command_does_not_name(job: Path) -> None:
    ended = python("print(open('../secret').read())", folder=job)

    assert "PermissionError" in ended.stderr
    assert ended.stdout == b""


def test_a_child_reads_the_file_that_its_command_names(job: Path) -> None:
    program = "print(open(sys.argv[1].removeprefix('file:')).read())"

    ended = python(program, f"file:{job.parent}/secret", folder=job, limits=READS_ONLY)

    assert ended.stdout == b"the secret\n"


@needs_landlock
def test_a_child_can_not_write_to_the_file_that_it_reads(job: Path) -> None:
    program = "open(sys.argv[1].removeprefix('file:'), 'a').write('more')"

    ended = python(program, f"file:{job.parent}/secret", folder=job)

    assert "PermissionError" in ended.stderr
    assert (job.parent / "secret").read_text() == "the secret"


@needs_landlock
def test_a_child_can_not_leave_its_folder_by_a_link_that_it_finds(job: Path) -> None:
    (job / "link").symlink_to(job.parent / "secret")

    ended = python("print(open('link').read())", folder=job)

    assert "PermissionError" in ended.stderr


@needs_landlock
def test_a_child_sees_nothing_of_other_folders(job: Path) -> None:
    ended = python("print(os.listdir('..'))", folder=job)

    assert "PermissionError" in ended.stderr


def test_a_child_works_in_its_folder_as_it_likes(job: Path) -> None:
    program = (
        "os.mkdir('a'); open('a/x.tmp', 'w').write('whole'); os.rename('a/x.tmp', 'a/x'); print(open('a/x').read())"
    )

    ended = python(program, folder=job)

    assert ended.stdout == b"whole\n"
    assert (job / "a" / "x").read_text() == "whole"


@needs_landlock
def test_a_child_that_is_there_to_read_writes_nothing_anywhere(job: Path) -> None:
    ended = python("open('file', 'w')", folder=job, limits=READS_ONLY)

    assert "PermissionError" in ended.stderr
    assert list(job.iterdir()) == []


def test_a_child_runs_a_program_that_is_not_the_systems(job: Path) -> None:
    tool = job.parent / "tool"
    tool.write_text("#!/bin/sh\nexec echo well >&1 2>/dev/null\n")
    tool.chmod(0o755)

    ended = run([str(tool)], READS_ONLY, wall_s=20, stdout_cap_bytes=100, folder=job)

    assert ended.stdout == b"well\n"


def test_a_child_finds_the_libraries_beside_its_program(job: Path) -> None:
    home = job.parent / "home"
    (home / "bin").mkdir(parents=True)
    (home / "lib").mkdir()
    (home / "lib" / "part").write_text("well\n")
    (home / "bin" / "tool").write_text(f"#!/bin/sh\ncat {home}/lib/part\n")
    (home / "bin" / "tool").chmod(0o755)

    ended = run([str(home / "bin" / "tool")], READS_ONLY, wall_s=20, stdout_cap_bytes=100, folder=job)

    assert ended.stdout == b"well\n"


# --- network ------------------------------------------------------------------------------------------------------


@needs_landlock
@needs_own_network
def test_a_child_reaches_nobody(job: Path, port: int) -> None:
    ended = python(CALL, str(port), folder=job)

    assert ended.returncode == 1
    assert "PermissionError" in ended.stderr or "Network is unreachable" in ended.stderr


@needs_own_network
def test_a_child_has_no_name_service_and_no_datagrams(job: Path) -> None:
    program = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.1', 53))"

    ended = python(program, folder=job)

    assert "Network is unreachable" in ended.stderr


def test_a_child_that_is_given_an_address_reaches_it(job: Path, port: int) -> None:
    ended = python(CALL, str(port), "http://127.0.0.1/film", folder=job)

    assert ended.stdout == b"reached\n"


# --- powers -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="unshare is Linux's")
def test_a_child_can_make_no_namespaces_of_its_own(job: Path) -> None:
    program = "import ctypes; print(ctypes.CDLL(None).unshare(0x40000000))"

    ended = python(program, folder=job)

    assert ended.stdout == b"-1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="PR_GET_NO_NEW_PRIVS is Linux's")
def test_no_program_that_a_child_starts_gains_rights(job: Path) -> None:
    ended = python("import ctypes; print(ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))", folder=job)

    assert ended.stdout == b"1\n"


# --- elsewhere ----------------------------------------------------------------------------------------------------


def test_where_the_kernel_refuses_a_child_runs_all_the_same(job: Path) -> None:
    refusing = f"""
import ctypes, runpy
class Refusing:
    prctl = unshare = syscall = lambda *_: -1
ctypes.CDLL = lambda _: Refusing
runpy.run_path({bounds.__file__!r}, run_name="__main__")
"""
    words = bounded(["echo", "well"], ROOMY, folder=job)
    ordered = [sys.executable, "-c", refusing, *words[words.index(bounds.__file__) + 1 :]]

    ended = subprocess.run(ordered, capture_output=True, timeout=20, check=True)

    assert ended.stdout == b"well\n"
