"""What goes to AWS, built for tests into a folder of theirs."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[1]
TOOLS = (".package/zappa", "layers/ffmpeg/node_modules/.package-lock.json")


@cache
def the_package() -> Path:
    """The folder with backend.zip, ffprobe-layer.zip and package.json; built once for all tests of a run."""
    return build(Path(mkdtemp(prefix="sluice-tests-package-")))


def build(folder: Path, **environ: str) -> Path:
    """The same folder, with a package built in it."""
    subprocess.run(["make", "-s", *TOOLS], cwd=ROOT, check=True, timeout=300)
    argv = ["env", *(f"{name}={value}" for name, value in environ.items())]
    script = [sys.executable, str(ROOT / "backend" / "package" / "build.py"), str(folder)]
    subprocess.run([*argv, *script], cwd=ROOT, check=True, timeout=300, stdout=subprocess.DEVNULL)
    return folder
