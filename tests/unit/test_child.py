"""Children stay within their bounds. The children here are small Python programs, quick to start."""

import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sluice.adapters.bounds import PARENT_GONE
from sluice.adapters.child import Finished, Limits, ToolUnusable, bounded, end_of, renice, run, start, stop

BACKEND = Path(__file__).parents[2] / "backend"
ROOMY = Limits(memory_bytes=1 << 30, cpu_s=20, file_bytes=1 << 20)


def python(program: str, limits: Limits = ROOMY, *, wall_s: float = 20.0, folder: Path | None = None) -> Finished:
    command = [sys.executable, "-I", "-S", "-c", program]
    return run(command, limits, wall_s=wall_s, stdout_cap_bytes=1000, folder=folder)


def test_the_command_carries_its_limits_and_ends_with_the_wrapped_one() -> None:
    command = bounded(["/no/such/ffmpeg", "--", "-i"], Limits(memory_bytes=5, cpu_s=6), folder=Path("/job"))

    assert command[0] == sys.executable
    assert command[4:] == [
        "memory_bytes=5",
        "cpu_s=6",
        "file_bytes=0",
        "open_files=256",
        "niceness=5",
        f"parent={os.getpid()}",
        "folder=/job",
        "network=0",
        "writes=0",
        "read=/no/such/ffmpeg",
        "--",
        "/no/such/ffmpeg",
        "--",
        "-i",
    ]


def test_a_child_answers_with_its_output_and_return_code() -> None:
    ended = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

    assert ended == Finished(3, b"out\n", "err\n")


def test_a_child_gets_its_limits() -> None:
    ended = python(
        "import resource as r, os;"
        "print([r.getrlimit(k)[0] for k in (r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE)])"
    )

    assert ended.stdout == b"[20, 1048576, 256, 0]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="macOS can't limit the address space")
def test_a_child_that_takes_too_much_memory_fails() -> None:
    ended = python("bytearray(2 << 30)")

    assert ended.returncode == 1
    assert "MemoryError" in ended.stderr


def test_a_child_that_writes_too_much_is_killed(tmp_path: Path) -> None:
    program = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open('big', 'wb', 0).write(bytes(2 << 20))"

    ended = python(program + "; open('big', 'ab', 0).write(b'x')", folder=tmp_path)

    assert ended.returncode == -signal.SIGXFSZ
    assert (tmp_path / "big").stat().st_size == 1 << 20


def test_a_child_that_computes_too_long_is_out_of_cpu() -> None:
    ended = python("while True: pass", Limits(memory_bytes=1 << 30, cpu_s=1))

    assert ended.out_of_cpu
    assert not ended.timed_out


def test_a_child_runs_in_its_folder_with_a_bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_STORAGE_SECRET_KEY", "hidden")

    ended = python("import os; print(os.getcwd(), 'SLUICE_STORAGE_SECRET_KEY' in os.environ)", folder=tmp_path)

    assert ended.stdout.decode() == f"{tmp_path.resolve()} False\n"


def test_a_child_leads_a_group_of_its_own_in_our_session() -> None:
    ended = python("import os; print(os.getpgid(0) == os.getpid(), os.getsid(0))")

    assert ended.stdout.decode() == f"True {os.getsid(0)}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd is Linux's")
def test_a_late_child_is_ended_with_its_children() -> None:
    program = "import os, time; pid = os.fork(); pid and print(pid, flush=True); time.sleep(60)"

    ended = python(program, wall_s=2)

    assert ended.timed_out
    assert ended.returncode == -signal.SIGKILL
    assert _has_ended(int(ended.stdout))


def test_a_child_that_closes_its_pipes_and_stays_is_late_too() -> None:
    ended = python("import os, time; os.close(1); os.close(2); time.sleep(60)", wall_s=0.5)

    assert ended.timed_out


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_late_child_that_waited_is_told_from_one_that_computed() -> None:
    waiting = python("import time; time.sleep(60)", wall_s=2)
    computing = python("while True: pass", wall_s=1)

    assert (waiting.timed_out, waiting.idled) == (True, True)
    assert (computing.timed_out, computing.idled) == (True, False)


def test_a_talkative_child_is_cut_off() -> None:
    ended = python("while True: print('x' * 500)")

    assert ended.overflowed
    assert len(ended.stdout) == 1000


def test_only_the_tail_of_stderr_is_kept() -> None:
    ended = python("import sys; sys.stderr.write('x' * 100_000 + 'end')")

    assert ended.stderr.endswith("xend")
    assert len(ended.stderr) == 8192


def test_a_program_that_is_not_there_did_not_run() -> None:
    with pytest.raises(
        ToolUnusable, match=r"^/no/such/program can't be run: No such file or directory; install ffmpeg"
    ):
        run(["/no/such/program"], ROOMY, wall_s=20, stdout_cap_bytes=10)


def test_a_program_that_may_not_be_executed_did_not_run(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("not a program")

    with pytest.raises(ToolUnusable):
        run([str(tmp_path / "plain")], ROOMY, wall_s=20, stdout_cap_bytes=10)


def test_a_program_whose_library_is_broken_did_not_run() -> None:
    with pytest.raises(ToolUnusable, match=r"^ffmpeg: libavutil.so: file too short; install ffmpeg"):
        python("import sys; sys.stderr.write('ffmpeg: libavutil.so: file too short\\n'); sys.exit(127)")


def test_a_child_does_not_start_once_its_parent_has_gone() -> None:
    orphaned = [word.replace(f"parent={os.getpid()}", "parent=1") for word in bounded(["true"], ROOMY)]

    assert subprocess.run(orphaned, timeout=20).returncode == PARENT_GONE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_child_dies_with_its_parent() -> None:
    parent = f"""
import os, sys
sys.path.insert(0, {str(BACKEND)!r})
from sluice.adapters.child import Limits, start
sleeper = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
start(sleeper, Limits(1 << 30, 20), stderr=sys.stderr.fileno()).stdout.readline()
os._exit(7)
"""

    ended = subprocess.run([sys.executable, "-I", "-S", "-c", parent], stderr=subprocess.PIPE, timeout=20)

    # The grandchild has our stderr: it would stay open for a minute if it had lived on.
    assert ended.returncode == 7


def test_what_a_child_has_computed_is_known_when_it_ends() -> None:
    busy = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.3: pass"
    with start([sys.executable, "-I", "-S", "-c", busy], ROOMY) as process:
        cpu_s = end_of(process, 20)

        assert stop(process) == 0
    assert cpu_s is not None
    assert 0.25 < cpu_s < 5


def test_a_child_that_stays_has_no_end_to_tell_of() -> None:
    with start([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"], ROOMY) as process:
        assert end_of(process, 0.01) is None

        stop(process)


@pytest.fixture
def many_files() -> Iterator[None]:
    """More files are open than `select` could watch."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most not in (resource.RLIM_INFINITY, max(most, 2048)):
        pytest.skip("the system allows too few")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, most))
    with ExitStack() as files:
        for _ in range(1024):
            files.enter_context(Path(os.devnull).open())
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


@pytest.mark.usefixtures("many_files")
def test_the_end_of_a_child_is_told_however_many_files_are_open() -> None:
    with start([sys.executable, "-I", "-S", "-c", ""], ROOMY) as process:
        assert end_of(process, 20) is not None

        assert stop(process) == 0


def test_the_end_of_a_child_is_waited_for_however_long_it_may_take() -> None:
    with start([sys.executable, "-I", "-S", "-c", ""], ROOMY) as process:
        assert end_of(process, 10 * 365 * 86_400) is not None

        assert stop(process) == 0


def test_a_child_and_what_it_started_can_be_made_nicer() -> None:
    two = "import subprocess as s; s.Popen(['sleep', '60']); print(flush=True); import time; time.sleep(60)"
    with start([sys.executable, "-I", "-S", "-c", two], ROOMY) as process:
        assert process.stdout is not None
        process.stdout.readline()
        renice(process, 9)
        # The least of all of them.
        niceness = os.getpriority(os.PRIO_PGRP, process.pid)

        stop(process)
        # Less nice than it is, or gone.
        renice(process, 9)
    assert niceness == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 9)


def test_a_child_that_may_not_be_made_nicer_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "setpriority", refuse)
    with start([sys.executable, "-I", "-S", "-c", ""], ROOMY) as process:
        renice(process, 9)

        assert stop(process) in (0, -signal.SIGKILL)


def test_stopping_a_child_twice_is_fine() -> None:
    with start([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"], ROOMY) as process:
        stop(process)

        assert stop(process) == -signal.SIGKILL


def _has_ended(pid: int) -> bool:
    """Whether the process ends within five seconds, or has done so."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 5)[0])
