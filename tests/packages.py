"""What goes to AWS, built for tests into a folder of theirs."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sluice.messages import LANES

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


def function_settings() -> dict[str, str]:
    """Settings with which a function starts, as Terraform gives them; nothing of it has to exist for that."""
    queue = "http://127.0.0.1/123456789012/{}"
    return {
        "SLUICE_BACKEND": "aws",
        "SLUICE_PUBLIC_URL": "https://sluice.example.org",
        "SLUICE_ISSUER": "https://issuer.example.org/pool",
        "SLUICE_CLIENT_ID": "the-client",
        "SLUICE_TABLE": "videos",
        "SLUICE_RAW_BUCKET": "sluice-raw",
        "SLUICE_MEDIA_BUCKET": "sluice-media",
        **{f"SLUICE_{lane.upper()}_QUEUE": queue.format(lane) for lane in LANES},
        "SLUICE_ENCODER_ROLE": "arn:aws:iam::123456789012:role/encoder",
        "SLUICE_ENCODER_QUEUE": "arn:aws:mediaconvert:us-east-1:123456789012:queues/encodes",
        "SLUICE_LINKS_KEY": "a key of the tests",
        "SLUICE_FFMPEG": "/opt/bin/ffmpeg",
        "SLUICE_FFPROBE": "/opt/bin/ffprobe",
    }
