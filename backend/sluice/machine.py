"""What this process may use of the machine: not all of it, in a container or under a service's limits."""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

_OWN = Path("/proc/self/cgroup")
_MOUNTED = Path("/sys/fs/cgroup")


def cores() -> int:
    """How many cores it may run on, which is what ffmpeg counts, too."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def busy_cores() -> int:
    """How many cores it may keep busy: a quota may be less than those that it may run on."""
    quotas = [cores()]
    for text in _told("cpu.max"):
        # "max" is none.
        with suppress(ValueError, ZeroDivisionError):
            time_us, period_us = map(int, text.split())
            quotas.append(ceil(time_us / period_us))
    return max(1, min(quotas))


def memory_bytes() -> int:
    """How much memory it may have, with all that shares its limits."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for text in (*_told("memory.max"), *_told("memory.limit_in_bytes", "memory")):
        with suppress(ValueError):
            limits.append(int(text))
    return min(limits)


def _told(name: str, controller: str = "") -> Iterator[str]:
    """What its group says, and those that this is in: their limits hold, too. Only version 1 knows controllers."""
    root = _MOUNTED / controller
    # A container may be told of groups that it can't see; what it sees as the root is then its own.
    own = root / _groups().get(controller, "")
    for folder in (own, *own.parents):
        if folder.is_relative_to(root):
            with suppress(OSError):
                yield (folder / name).read_text()


def _groups() -> dict[str, str]:
    """Its groups by their controllers, from the root."""
    try:
        lines = _OWN.read_text().splitlines()
    except OSError:
        return {}
    return {controllers: path.strip("/") for _, controllers, path in (line.split(":", 2) for line in lines)}
