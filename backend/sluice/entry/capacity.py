"""What this process may open and start: as much as the system lets it, and not begun at all with too little."""

import os
import resource

from sluice.errors import Unavailable

# Every thread has its databases, its connection and a file; the usual 1024 files would not do.
ENOUGH = 8192
FEWEST_FILES = 512
# What a film takes that is being encoded: measured 2.5 files, and 3.5 MB for one of two hours.
_FILES_OF_A_FILM, _BYTES_OF_A_FILM = 4, 16 << 20
# What all else takes in the process that does it: some 15 children for each core may have three pipes each.
_FILES_OF_A_CORE, _OTHER_FILES = 48, 64
# Beyond these, a film waits until another has come to its end.
_FILMS = 128
# Those of a process of the web server: requests wait on disks and slow networks, seldom on the processor. But the
# threads of one process only ever run in turns, on one core.
WEB_THREADS = 128
# Those of all other processes together.
OTHER_THREADS = 384


def claim(web_processes: int) -> None:
    """Raise this process's own limits, which its children inherit. Unavailable where what may be had is too little."""
    threads = OTHER_THREADS + WEB_THREADS * web_processes
    if _raised(resource.RLIMIT_NOFILE, ENOUGH) < FEWEST_FILES:
        raise Unavailable(f"too few files may be open at once (ulimit -Hn); Sluice needs {FEWEST_FILES}")
    # Root is not held to it.
    if os.geteuid() and _raised(resource.RLIMIT_NPROC, max(ENOUGH, threads)) < threads:
        remedy = f"{threads} would do for so many SLUICE_WEB_PROCESSES as {web_processes}; raise it, or set fewer"
        raise Unavailable(f"too few processes and threads may run at once (ulimit -Hu); {remedy}")


def films_at_once(cores: int, memory_bytes: int) -> int:
    """How many films may be under way in this process, each in a thread of its own, if encodes may take so much."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    left = ENOUGH if files == resource.RLIM_INFINITY else files
    left -= _OTHER_FILES + _FILES_OF_A_CORE * cores
    return max(1, min(_FILMS, left // _FILES_OF_A_FILM, memory_bytes // _BYTES_OF_A_FILM))


def _raised(kind: int, wanted: int) -> int:
    """At least so much may be had now, which is what is wanted if the system allows it."""
    least, most = resource.getrlimit(kind)
    reachable = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if least != resource.RLIM_INFINITY and least < reachable:
        resource.setrlimit(kind, (reachable, most))
    return reachable
