"""The layer with ffprobe, from the npm package that layers/ffmpeg pins."""

import shutil
import sys
from pathlib import Path

import zips

HERE = Path(__file__).parents[2] / "layers" / "ffmpeg"
FFPROBE = HERE / "node_modules" / "@ffprobe-installer" / "linux-x64" / "ffprobe"


def build(stage: Path, target: Path) -> None:
    """Write the zip, which Lambda unpacks below /opt; `stage` is an empty folder to work in."""
    if not FFPROBE.is_file():
        sys.exit("ffprobe was not downloaded; run: make package")
    program = stage / "bin" / "ffprobe"
    program.parent.mkdir()
    shutil.copyfile(FFPROBE, program)
    program.chmod(0o755)
    licence = stage / "share" / "licenses" / "ffprobe"
    licence.mkdir(parents=True)
    for name in ("LICENSE.md", "GPL-3.0.txt"):
        shutil.copyfile(HERE / name, licence / name)
    zips.write_zip(stage, target)
