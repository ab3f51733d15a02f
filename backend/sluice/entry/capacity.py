"""What this process may open and start: as much as the system lets it, and not begun at all with too little."""

import os
import resource

from sluice.errors import Unavailable

# Every thread has its databases, its connection and a file; the usual 1024 files would not do.
ENOUGH = 8192
# An encoder's threads alone take some 300 files; all threads of all processes together, with four for the web,
# are about 700.
FEWEST_FILES = 512
FEWEST_THREADS = 768


def claim() -> None:
    """Raise this process's own limits, which its children inherit. Unavailable where what may be had is too little."""
    if _raised(resource.RLIMIT_NOFILE, ENOUGH) < FEWEST_FILES:
        raise Unavailable(f"too few files may be open at once (ulimit -Hn); Sluice needs {FEWEST_FILES}")
    # Root is not held to it.
    if os.geteuid() and _raised(resource.RLIMIT_NPROC, ENOUGH) < FEWEST_THREADS:
        raise Unavailable(f"too few processes and threads may run at once (ulimit -Hu); Sluice needs {FEWEST_THREADS}")


def _raised(kind: int, wanted: int) -> int:
    """At least so much may be had now, which is what is wanted if the system allows it."""
    least, most = resource.getrlimit(kind)
    reachable = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if least != resource.RLIM_INFINITY and least < reachable:
        resource.setrlimit(kind, (reachable, most))
    return reachable
