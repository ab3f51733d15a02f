"""Whether ffmpeg and ffprobe can do what encodes ask of them."""

import re
import shutil
import subprocess
from collections.abc import Iterator

from sluice.adapters.tools import fault
from sluice.settings import INSTALL_TOOLS, Settings

from .findings import Finding

ENCODERS = ("libx264", "aac", "mjpeg")
FILTERS = ("scale", "fps", "bwdif", "tpad", "aresample", "zscale", "tonemap")
# Without these HDR is shown as it is; nothing else suffers.
_FOR_HDR = {"zscale", "tonemap"}


def findings(settings: Settings) -> Iterator[Finding]:
    """What there is to say of both."""
    ffprobe, ffmpeg = _version("ffprobe", settings.ffprobe), _version("ffmpeg", settings.ffmpeg)
    yield from (ffprobe, ffmpeg)
    if ffmpeg.well:
        yield _encoders(settings.ffmpeg)
        yield _filters(settings.ffmpeg)
    if ffmpeg.well and ffprobe.well:
        yield _film(settings)


def _version(name: str, tool: str) -> Finding:
    if shutil.which(tool) is None:
        return Finding(name, f"{tool} is not there", f"{INSTALL_TOOLS} or set SLUICE_{name.upper()}")
    found = re.search(r"version (\S+)", _said(tool, "-version"))
    if found is None:
        return Finding(name, f"{tool} does not tell its version", f"{INSTALL_TOOLS}; this one does not run")
    return Finding(name, f"{tool}, version {found[1]}")


def _encoders(tool: str) -> Finding:
    missing = _missing(ENCODERS, _said(tool, "-encoders"))
    if missing:
        return Finding("encoders", f"{', '.join(missing)} not built in", "install a complete ffmpeg (Debian's is one)")
    return Finding("encoders", ", ".join(ENCODERS))


def _filters(tool: str) -> Finding:
    missing = _missing(FILTERS, _said(tool, "-filters"))
    if set(missing) - _FOR_HDR:
        return Finding("filters", f"{', '.join(missing)} not built in", "install a complete ffmpeg (Debian's is one)")
    if missing:
        return Finding("filters", f"{', '.join(missing)} not built in: the colours of HDR videos will look pale")
    return Finding("filters", ", ".join(FILTERS))


def _film(settings: Settings) -> Finding:
    found = fault(settings)
    if found is None:
        return Finding("a tiny film", "encoded and read, as all are")
    return Finding("a tiny film", found.words, f"{INSTALL_TOOLS} or set SLUICE_{found.tool.upper()}")


def _missing(names: tuple[str, ...], listing: str) -> list[str]:
    listed = {line.split()[1] for line in listing.splitlines() if len(line.split()) > 1}
    return [name for name in names if name not in listed]


def _said(tool: str, *words: str) -> str:
    try:
        done = subprocess.run(
            [tool, "-hide_banner", *words], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
