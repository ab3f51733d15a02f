"""The folder that a backup is written to before it has its name."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sluice.errors import Refused

# Locked for as long as somebody writes the backup; the kernel lets go of it when they die, however they die.
LOCK = ".backup.lock"
_SUFFIX = ".unfinished"


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """A new folder beside the target, which has the target's name at the end, or is gone.

    Drafts beside it that nobody writes to any more are removed first. Refused while somebody else writes this one."""
    draft = target.with_name(f"{target.name}{_SUFFIX}")
    _clear(draft)
    draft.mkdir(parents=True, mode=0o700)
    try:
        with (draft / LOCK).open("x") as lock:
            # Where the file system knows no locks, nobody gets this one either, and the draft is safe from others.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield draft
            (draft / LOCK).unlink()
            draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _clear(draft: Path) -> None:
    for left in {draft, *draft.parent.glob(f"*{_SUFFIX}")}:
        try:
            _remove_abandoned(left)
        except BlockingIOError as error:
            if left == draft:
                words = f"another backup is being written to {draft}; let it end, or give another folder"
                raise Refused("being_written", words) from error
        except OSError:
            # A folder without our lock may be anybody's, unless it is in the way.
            if left == draft:
                shutil.rmtree(left, ignore_errors=True)


def _remove_abandoned(left: Path) -> None:
    with (left / LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
