"""The address a Sluice listens on: whether it is free, what to do where it is not, and how to get there."""

import errno
import socket

from sluice.errors import Unavailable
from sluice.settings import Settings


def not_listened_on(settings: Settings) -> OSError | None:
    """Why nobody can listen on the port now; None if somebody can."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        return error
    except UnicodeError:
        # It can't even be looked up: a part of it is too long, or empty.
        return socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return None


def require_port(settings: Settings) -> None:
    """Unavailable where nobody can listen, with what to do."""
    if error := not_listened_on(settings):
        remedy = listening_remedy(settings, error)
        raise Unavailable(f"{settings.host}:{settings.port} can't be listened on ({error}); {remedy}") from error


def listening_remedy(settings: Settings, error: OSError) -> str:
    """What to do where nobody can listen."""
    if error.errno == errno.EADDRINUSE:
        other = settings.port + 1
        return f"stop what listens there, or take another port: make run PORT={other}, or SLUICE_PORT={other}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "set SLUICE_PORT to one from 1024 on; a proxy may listen on this one"
    return "set SLUICE_HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all it has"


def reachable(host: str) -> str:
    """Where this machine finds what listens on this host, which may stand for all its addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
