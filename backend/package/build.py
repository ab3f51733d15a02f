"""Builds what Terraform uploads: backend.zip, the layers with ffprobe and ffmpeg, and package.json that tells of them.

build.py [FOLDER]: into the folder, or into dist/."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import functions
import layer

DIST = functions.ROOT / "dist"
# The tests ran on this Python, so this is the one for Lambda, which has these.
LAMBDA_HAS = ((3, 11), (3, 12), (3, 13), (3, 14))
PARTS = {
    "backend.zip": functions.build,
    "ffprobe-layer.zip": layer.ffprobe,
    "ffmpeg-layer.zip": layer.ffmpeg,
}


def main(folder: Path) -> None:
    """Build everything into the folder and say what came of it."""
    told: dict[str, Any] = {"runtime": _runtime(), "architecture": "x86_64"}
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: _built(build, folder / name) for name, build in PARTS.items()}
    (folder / "package.json").write_text(json.dumps(told | files, indent=2) + "\n", encoding="utf-8")


def _runtime() -> str:
    """What Lambda calls this Python."""
    version = sys.version_info[:2]
    if version not in LAMBDA_HAS:
        known = ", ".join(".".join(map(str, one)) for one in LAMBDA_HAS)
        sys.exit(f"Lambda has no Python {version[0]}.{version[1]}, only {known}; make .venv with one of these")
    return f"python{version[0]}.{version[1]}"


def _built(build: Callable[[Path, Path], None], file: Path) -> dict[str, str | int]:
    """Build one of the files; what is to be known of it."""
    with tempfile.TemporaryDirectory(prefix="sluice-package-") as stage:
        build(Path(stage), file)
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    print(f"{file}  {len(content) / 1e6:.1f} MB  sha256 {digest}")
    return {"bytes": len(content), "sha256": digest}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DIST)
