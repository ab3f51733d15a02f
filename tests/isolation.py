"""Whether this kernel lets a child give up files and network; tests that prove it say so where it does not."""

import subprocess
import sys

import pytest

_LANDLOCK = "import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, None, ctypes.c_long(0), ctypes.c_long(1)) < 1)"
_OWN_NETWORK = """
import ctypes, os, sys
sys.exit(ctypes.CDLL(None).unshare(0x40000000 if os.geteuid() == 0 else 0x50000000) != 0)
"""


def _works(program: str) -> bool:
    """Asked in a process of its own, because the answer changes who asks."""
    return sys.platform == "linux" and subprocess.run([sys.executable, "-c", program], timeout=20).returncode == 0


needs_landlock = pytest.mark.skipif(
    not _works(_LANDLOCK), reason="this kernel has no Landlock: files are not walled off"
)
needs_own_network = pytest.mark.skipif(
    not _works(_OWN_NETWORK), reason="this kernel gives us no network namespace: the network is not walled off"
)
