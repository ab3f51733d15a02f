"""The layers with ffprobe and ffmpeg, from the packages that layers/ffmpeg pins."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import zips

HERE = Path(__file__).parents[2] / "layers" / "ffmpeg"
FFPROBE = HERE / "node_modules" / "@ffprobe-installer" / "linux-x64" / "ffprobe"
# What the wheel was built for, wherever this runs.
PLATFORM = "manylinux2014_x86_64"


def ffprobe(stage: Path, target: Path) -> None:
    """Write the zip, which Lambda unpacks below /opt; `stage` is an empty folder to work in."""
    if not FFPROBE.is_file():
        sys.exit("ffprobe was not downloaded; run: make package")
    _write(FFPROBE, "ffprobe", stage, target)


def ffmpeg(stage: Path, target: Path) -> None:
    """Write the zip, which Lambda unpacks below /opt; `stage` is an empty folder to work in."""
    # A layer of its own: together they are more than Lambda takes in one upload.
    wheel, unpacked = stage / "wheel", stage / "unpacked"
    wheel.mkdir()
    wanted = ["--platform", PLATFORM, "--only-binary", ":all:", "--no-deps", "--dest", str(wheel)]
    locked = ["--require-hashes", "--requirement", str(HERE / "requirements.lock")]
    quiet = ["-qq", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "download", *quiet, *wanted, *locked], check=True)
    with zipfile.ZipFile(next(wheel.iterdir())) as packed:
        (program,) = (name for name in packed.namelist() if "/binaries/ffmpeg-linux" in name)
        built = Path(packed.extract(program, unpacked))
    layer = stage / "layer"
    layer.mkdir()
    _write(built, "ffmpeg", layer, target)


def _write(built: Path, name: str, layer: Path, target: Path) -> None:
    program = layer / "bin" / name
    program.parent.mkdir()
    shutil.copyfile(built, program)
    program.chmod(0o755)
    licence = layer / "share" / "licenses" / name
    licence.mkdir(parents=True)
    for text in ("LICENSE.md", "GPL-3.0.txt"):
        shutil.copyfile(HERE / text, licence / text)
    zips.write_zip(layer, target)
