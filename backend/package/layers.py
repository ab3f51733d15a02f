"""The layers with ffprobe and ffmpeg, from the packages that layers/ffmpeg pins.

They are two because Lambda takes 50 MB in one upload, and together they are more."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import zips

HERE = Path(__file__).parents[2] / "layers" / "ffmpeg"
FFPROBE = HERE / "node_modules" / "@ffprobe-installer" / "linux-x64" / "ffprobe"
PLATFORM = "manylinux2014_x86_64"


def ffprobe(stage: Path, target: Path) -> None:
    """Write ffprobe's zip, which Lambda unpacks below /opt; `stage` is an empty folder to work in."""
    if not FFPROBE.is_file():
        sys.exit("ffprobe was not downloaded; run: make package")
    _layer("ffprobe", FFPROBE, stage / "layer", target)


def ffmpeg(stage: Path, target: Path) -> None:
    """Write ffmpeg's zip in the same way."""
    wanted = ["--platform", PLATFORM, "--only-binary", ":all:", "--no-deps", "--require-hashes"]
    quiet = ["-qq", "--disable-pip-version-check", "--dest", str(stage)]
    locked = ["--requirement", str(HERE / "requirements.lock")]
    argv = [sys.executable, "-m", "pip", "download", *quiet, *wanted, *locked]
    if subprocess.run(argv, env=os.environ.copy()).returncode != 0:
        sys.exit("ffmpeg could not be downloaded; the lines above say why")
    _layer("ffmpeg", _program(stage), stage / "layer", target)


def _program(stage: Path) -> Path:
    """The program out of the one package that was downloaded."""
    (package,) = stage.glob("*.whl")
    with zipfile.ZipFile(package) as wheel:
        (name,) = (name for name in wheel.namelist() if "/ffmpeg-linux-x86_64-" in name)
        return Path(wheel.extract(name, stage))


def _layer(name: str, program: Path, folder: Path, target: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(program, folder / "bin" / name)
    (folder / "bin" / name).chmod(0o755)
    licence = folder / "share" / "licenses" / name
    licence.mkdir(parents=True)
    shutil.copyfile(HERE / f"{name}.md", licence / "LICENSE.md")
    shutil.copyfile(HERE / "GPL-3.0.txt", licence / "GPL-3.0.txt")
    zips.write_zip(folder, target)
