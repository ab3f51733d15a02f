"""Zip files that depend on nothing but what goes into them."""

import zipfile
from pathlib import Path

# The earliest time that a zip can tell.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PROGRAM, _PLAIN = 0o100755, 0o100644


def write_zip(folder: Path, target: Path) -> None:
    """The files below the folder as a zip: the same bytes for the same files."""
    unfinished = target.with_name(target.name + ".new")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.writestr(_entry(file, file.relative_to(folder)), file.read_bytes())
    unfinished.replace(target)


def _entry(file: Path, name: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name.as_posix(), _LONG_AGO)
    entry.create_system = _UNIX
    entry.compress_type = zipfile.ZIP_DEFLATED
    # Whether it is a program is all that counts of its mode: the rest is the builder's habit.
    entry.external_attr = (_PROGRAM if file.stat().st_mode & 0o100 else _PLAIN) << 16
    return entry
