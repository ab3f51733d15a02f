"""What a Sluice needs around it: settings that are read, a folder, room, a port, the right time, an identity, mail."""

import errno
import http.client
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from sluice.adapters.local.listening import listening_remedy, not_listened_on, reachable
from sluice.adapters.local.room import MOST_RESERVE, STREAM_PER_SOURCE
from sluice.errors import SluiceError
from sluice.settings import Settings, unknown
from sluice.tokens import http_jwks, jwks_url

from .findings import Finding

CLOCK_OFF_AT_MOST_S = 60
_WAIT_S = 5


def findings(settings: Settings) -> Iterator[Finding]:
    """What there is to say of all of them."""
    yield from names()
    yield folder(settings.data)
    yield room(settings)
    yield port(settings)
    yield clock(settings)
    yield identity(settings)
    yield mail(settings)
    yield site(settings)


def names() -> Iterator[Finding]:
    """What is set and has no effect: misspelt if there is a setting that is like it, else well, as somebody else's."""
    for one in unknown():
        yield Finding("settings", one.words, one.remedy if one.like else None)


def folder(data: Path) -> Finding:
    """Whether files can be written where everything is kept."""
    there = next(path for path in (data, *data.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".doctor-") as probe:
            probe.write(b"x")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return Finding(
            "data folder", f"{data}: {error.strerror}", f"let this user write to {there}, or set SLUICE_DATA"
        )
    return Finding("data folder", str(data) if there == data else f"{data}, made at the first start")


def room(settings: Settings) -> Finding:
    """Whether the disk has space for one more upload, as large as they may be, and what is made of it."""
    there = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    reserve, upload = settings.reserve_bytes or MOST_RESERVE, settings.max_upload_bytes
    free, wanted = shutil.disk_usage(there).free, reserve + (1 + STREAM_PER_SOURCE) * upload
    words = f"{free / 1e9:.1f} GB free"
    if free < wanted:
        parts = f"{reserve / 1e9:.1f} that are kept free (SLUICE_RESERVE_BYTES), and the largest upload with its stream"
        return Finding("disk", words, f"make room: {wanted / 1e9:.1f} GB at least, for {parts}")
    return Finding("disk", words)


def port(settings: Settings) -> Finding:
    """Whether the port is free, or a Sluice's."""
    where = f"{settings.host}:{settings.port}"
    if error := not_listened_on(settings):
        return _taken(settings, where, error)
    return Finding("port", f"{where} is free")


def _taken(settings: Settings, where: str, error: OSError) -> Finding:
    if error.errno == errno.EADDRINUSE and _is_sluice(settings):
        return Finding("port", f"{where}: a Sluice answers")
    return Finding("port", f"{where}: {error.strerror}", listening_remedy(settings, error))


def _is_sluice(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(reachable(settings.host), settings.port, timeout=_WAIT_S)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().read().strip().startswith(b'{"status"')
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def clock(settings: Settings) -> Finding:
    """Whether the time is right: by the issuer's clock if it is another machine, else by our own last writes."""
    off_s = _off_by_issuer_s(settings) if not settings.local_identity else _behind_own_files_s(settings.data)
    if off_s is None:
        return Finding("clock", "there is nothing to compare it with")
    if off_s > CLOCK_OFF_AT_MOST_S:
        return Finding("clock", f"{off_s:.0f} s off", "set this machine's clock (timedatectl set-ntp true)")
    return Finding("clock", f"less than {CLOCK_OFF_AT_MOST_S} s off")


def _off_by_issuer_s(settings: Settings) -> float | None:
    request = Request(jwks_url(settings))  # noqa: S310
    try:
        with urlopen(request, timeout=_WAIT_S) as answer:  # noqa: S310
            return abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time())
    except (OSError, TypeError, ValueError, http.client.HTTPException):
        return None


def _behind_own_files_s(data: Path) -> float | None:
    times = [path.stat().st_mtime for path in data.glob("*.db*") if path.is_file()]
    return max(0.0, max(times) - time.time()) if times else None


def identity(settings: Settings) -> Finding:
    """Whether the keys that tokens are checked with can be had."""
    if settings.local_identity:
        return Finding("identity", "accounts are kept here")
    try:
        keys = http_jwks(jwks_url(settings))().get("keys", [])
    except SluiceError as error:
        return Finding("identity", str(error), "check SLUICE_ISSUER and SLUICE_JWKS_URL, and that they can be reached")
    if not keys:
        return Finding("identity", f"{jwks_url(settings)} has no keys", "check SLUICE_ISSUER and SLUICE_JWKS_URL")
    return Finding("identity", f"{settings.issuer}: {len(keys)} keys")


def mail(settings: Settings) -> Finding:
    """Whether new users can get their codes."""
    if not settings.local_identity:
        return Finding("mail", "is not needed, as accounts are kept elsewhere")
    if settings.smtp_url:
        return _mail_server(settings.smtp_url)
    if settings.shows_outbox:
        return Finding("mail", "none is sent; codes are on /cognito/outbox, for this machine only")
    return Finding("mail", "none is sent, so nobody elsewhere can sign up", "set SLUICE_SMTP_URL")


def _mail_server(url: str) -> Finding:
    parts = urlsplit(url)
    default = {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25)
    where = f"{parts.hostname}:{parts.port or default}"
    try:
        socket.create_connection((parts.hostname or "", parts.port or default), timeout=_WAIT_S).close()
    except OSError as error:
        return Finding("mail", f"{where} does not answer: {error}", "check SLUICE_SMTP_URL")
    return Finding("mail", f"{where} answers")


def site(settings: Settings) -> Finding:
    """Whether there are pages to show."""
    if (settings.site / "index.html").is_file():
        return Finding("site", str(settings.site))
    return Finding("site", f"{settings.site} holds no site", "build it (make site), or set SLUICE_SITE")
