"""A program that takes limits upon itself and then becomes another one; `child.py` builds its command line.

It runs as a plain script in front of every ffmpeg and ffprobe, so it imports nothing it does not need.
"""

import os
import resource
import signal
import sys

CANNOT_RUN = 126
NOT_FOUND = 127
PARENT_GONE = 125

# ffmpeg answers SIGXCPU by ending tidily; it gets this long before the kernel kills it.
_LAST_CPU_SECONDS = 5
_PR_SET_PDEATHSIG = 1
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")


def main(args: list[str]) -> int:
    """Become the command behind `--`, bounded as the name=value words before it say; an exit code if that fails."""
    split = args.index("--")
    bounds = dict(word.split("=", 1) for word in args[:split])
    command = args[split + 1 :]
    _own_group()
    if not _tied_to(int(bounds["parent"])):
        return PARENT_GONE
    _limit(bounds)
    if bounds["folder"]:
        os.chdir(bounds["folder"])
    return _become(command)


def _own_group() -> None:
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)


def _tied_to(parent: int) -> bool:
    """Whether the parent lives; on Linux its death will be ours."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # Asked only now: a parent that died before prctl would never be noticed.
    return os.getppid() == parent


def _limit(bounds: dict[str, str]) -> None:
    cpu_s = int(bounds["cpu_s"])
    _cap(resource.RLIMIT_AS, int(bounds["memory_bytes"]))
    _cap(resource.RLIMIT_CPU, cpu_s, cpu_s + _LAST_CPU_SECONDS)
    _cap(resource.RLIMIT_FSIZE, int(bounds["file_bytes"]))
    _cap(resource.RLIMIT_NOFILE, int(bounds["open_files"]))
    _cap(resource.RLIMIT_CORE, 0)
    os.nice(int(bounds["niceness"]))


def _cap(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never above what the parent itself is allowed."""
    _, allowed = resource.getrlimit(kind)
    ceiling = hard if hard is not None else soft
    if allowed != resource.RLIM_INFINITY:
        ceiling = min(ceiling, allowed)
    try:
        resource.setrlimit(kind, (min(soft, ceiling), ceiling))
    except (ValueError, OSError):
        # macOS knows the name of RLIMIT_AS but refuses to set it.
        if sys.platform == "linux":
            raise


def _become(command: list[str]) -> int:
    # Python ignores these two, and an ignored signal stays ignored across exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    try:
        os.execvpe(command[0], command, {**environment, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"})  # noqa: S606
    except OSError as error:
        print(f"{command[0]} can't be run: {error.strerror}", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError | NotADirectoryError) else CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
