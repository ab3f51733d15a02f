"""A program that takes limits upon itself and then becomes another one; `child.py` builds its command line.

It runs as a plain script in front of every ffmpeg and ffprobe, so it imports nothing it does not need.

Besides limits it gives up, where the kernel lets it, the network and the sight of all files that it was not told of.
Where the kernel does not, it goes on without: those walls are behind ffmpeg's own options, not instead of them.
"""

import os
import resource
import sys

# `os.execvpe` imports it, at a time when it could not be read any more.
import warnings  # noqa: F401

# `typing`, and the enums of `signal`, would take longer than all the rest of it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any
else:
    import _signal as signal

CANNOT_RUN = 126
NOT_FOUND = 127
PARENT_GONE = 125

# ffmpeg answers SIGXCPU by ending tidily; it gets this long before the kernel kills it.
_LAST_CPU_SECONDS = 5
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")

# What programs need of the system: themselves, their libraries, and how many processors there are.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store", "/home/linuxbrew"),
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/zero", "/dev/random", "/dev/urandom"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system"),
)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# All that root keeps is reading and writing what belongs to others (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH).
_DROPPED_CAPABILITIES = (0, *range(3, 64))

# Landlock, as in <linux/landlock.h>; the numbers are the same on every machine that Python runs on.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_TELL_VERSION, _BENEATH_PATH = 1, 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REMOVE, _MAKE_FOLDERS_AND_FILES, _MOVE, _TRUNCATE = 16 + 32, 128 + 256, 1 << 13, 1 << 14
_READABLE = _EXECUTE | _READ | _LIST
_WRITABLE = _READ | _LIST | _WRITE | _REMOVE | _MAKE_FOLDERS_AND_FILES | _MOVE | _TRUNCATE
_OF_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE
_RIGHTS_IN_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_TCP_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3


def main(args: list[str]) -> int:
    """Become the command behind `--`, bounded as the name=value words before it say; an exit code if that fails."""
    split = args.index("--")
    words = [(name, value) for name, _, value in (word.partition("=") for word in args[:split])]
    bounds = dict(words)
    command = args[split + 1 :]
    _own_group()
    if bounds["folder"]:
        os.chdir(bounds["folder"])
    if sys.platform == "linux":
        _retreat(bounds, [path for name, path in words if name == "read"])
    if not _tied_to(int(bounds["parent"])):
        return PARENT_GONE
    _limit(bounds)
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


# --- network and files -------------------------------------------------------------------------------------------


def _retreat(bounds: dict[str, str], readable: list[str]) -> None:
    """Give up what the child has no use for: the network unless it may have it, other files, and root's powers."""
    import ctypes

    libc = ctypes.CDLL(None)
    offline = bounds["network"] == "0"
    if offline:
        # Who is not root may do so in a user namespace, and has no other power there: no user is mapped into it.
        libc.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET)
    for capability in _DROPPED_CAPABILITIES:
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _see_only(libc.syscall, readable, bounds["writes"] == "1", offline)


def _see_only(syscall: "Any", readable: list[str], writes: bool, offline: bool) -> None:
    """See nothing but the system's programs and libraries and these files, and the present folder to write into."""
    from ctypes import c_long

    version = syscall(c_long(_CREATE_RULESET), None, c_long(0), c_long(_TELL_VERSION))
    given_up, rights = _given_up(version, offline)
    ruleset = syscall(c_long(_CREATE_RULESET), given_up, c_long(len(given_up)), c_long(0))
    if ruleset < 0:
        return
    for path in (*_SYSTEM, *readable):
        _allow(syscall, ruleset, path, _READABLE & rights)
    _allow(syscall, ruleset, "/dev/null", (_READ | _WRITE) & rights)
    if writes:
        _allow(syscall, ruleset, ".", _WRITABLE & rights)
    syscall(c_long(_RESTRICT_SELF), c_long(ruleset), c_long(0))
    os.close(ruleset)


def _given_up(version: int, offline: bool) -> tuple[bytes, int]:
    """All that this version of Landlock can take away, in its own words, and the rights over files among it."""
    rights = (1 << _RIGHTS_IN_VERSION.get(version, 16)) - 1
    network, scopes = _BIND_AND_CONNECT if offline else 0, _ABSTRACT_SOCKETS_AND_SIGNALS
    words = [rights, *([network] if version >= _TCP_SINCE else []), *([scopes] if version >= _SCOPES_SINCE else [])]
    return b"".join(word.to_bytes(8, sys.byteorder) for word in words), rights


def _allow(syscall: "Any", ruleset: int, path: str, rights: int) -> None:
    """Let this file, or all below this folder, be used like that; what is not there needs no rule."""
    from ctypes import c_long

    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112
        rights &= _OF_FILES
    rule = rights.to_bytes(8, sys.byteorder) + handle.to_bytes(4, sys.byteorder)
    syscall(c_long(_ADD_RULE), c_long(ruleset), c_long(_BENEATH_PATH), rule, c_long(0))
    os.close(handle)


# --- limits ------------------------------------------------------------------------------------------------------


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
