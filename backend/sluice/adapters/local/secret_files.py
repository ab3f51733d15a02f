"""Secrets of this installation: made at the first start, then the same for every process."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from .durable import make_folder, sync


def kept_secret(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The file's text, made first if it is not there; processes that race agree on one. Mode 0600."""
    make_folder(path.parent, 0o700)
    if not path.exists():
        _offer(path, make())
    return path.read_text(encoding="ascii").strip()


def _offer(path: Path, secret: str) -> None:
    candidate = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where another process was first, so a whole file is there or none.
        os.link(candidate, path)
    except FileExistsError:
        pass
    finally:
        candidate.unlink()
    sync(path.parent)
