"""The zip of the functions: Sluice, its packages for Lambda's Linux and parts of Zappa, by `zappa package`."""

import os
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pins
import zips

ROOT = Path(__file__).parents[2]
ZAPPA = ROOT / ".package" / "bin" / "zappa"
PLATFORM = "manylinux2014_x86_64"
MAX_BYTES = 12_000_000
# Where Lambda unpacks it.
TASK = "/var/task"

_LEFT_OUT = (
    # The build's time, machine and user, and what pip noted down.
    "package_info.json",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
    # What Zappa does on a developer's machine, and its handler; of Swagger UI our page takes two files.
    "bin/*",
    "zappa/asgi.py",
    "zappa/cli.py",
    "zappa/core.py",
    "zappa/handler.py",
    "zappa/letsencrypt.py",
    "zappa/asynchronous.py",
    "zappa/websocket.py",
    "zappa/ext/*",
    "*/swagger-ui-standalone-preset.js",
    # What packages bring along and no function of ours imports: an older Python's library, a parser of C for building,
    # a debugger, types.
    "libfuturize/*",
    "libpasteurize/*",
    "future/[!_u]*",
    "past/translation/*",
    "werkzeug/debug/*",
    "cffi/*",
    "pycparser/*",
    "*.pyi",
)
# The local home and what an operator types; a function imports nothing of these.
_OF_THIS_MACHINE = (
    "__main__.py",
    "adapters/local/*",
    "api/downloads.py",
    "api/media.py",
    "api/post_policy.py",
    "api/served_file.py",
    "api/storage.py",
    "client/*",
    "entry/cli.py",
    "entry/operators.py",
    "entry/processes.py",
    "entry/quoting.py",
    "entry/request_body.py",
    "entry/sections.py",
    "entry/serve.py",
    "entry/starting.py",
    "entry/upkeep_commands.py",
    "entry/worker.py",
    "identity/*",
    "interruption.py",
    "srp.py",
    "upkeep/*",
    "vitals/*",
    "wiring/local.py",
)


def build(stage: Path, target: Path) -> None:
    """Write the zip; `stage` is an empty folder to work in."""
    task, unpacked = stage / "task", stage / "unpacked"
    task.mkdir()
    _install(_site_packages(stage), stage / "requirements.txt")
    _copy(ROOT / "backend" / "sluice", task / "sluice")
    shutil.copy(ROOT / "backend" / "package" / "zappa_settings.json", task)
    _unpack(_zappa(stage, task), unpacked)
    shutil.copy(ROOT / "backend" / "package" / "handler.py", unpacked)
    _compile(unpacked)
    zips.write_zip(unpacked, target)
    if target.stat().st_size > MAX_BYTES:
        sys.exit(
            f"{target} has {target.stat().st_size} bytes, more than {MAX_BYTES}; see what grew: unzip -lv {target}"
        )


def _site_packages(stage: Path) -> Path:
    return stage / "venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _install(packages: Path, requirements: Path) -> None:
    """Install what runs on Lambda, for Lambda's Linux wherever this runs."""
    requirements.write_text(pins.for_lambda(ROOT), encoding="utf-8")
    wanted = ["--platform", PLATFORM, "--implementation", "cp", "--only-binary", ":all:", "--no-deps"]
    locked = ["--require-hashes", "--requirement", str(requirements)]
    quiet = ["-qq", "--disable-pip-version-check", "--no-compile", "--target", str(packages)]
    _run([sys.executable, "-m", "pip", "install", *quiet, *wanted, *locked], os.environ.copy(), ROOT)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))


def _zappa(stage: Path, task: Path) -> Path:
    """Zappa's own zip of the task and the packages."""
    scratch = stage / "tmp"
    scratch.mkdir()
    # Nothing of this machine: no AWS profile, no other venv; and a name, which Zappa wants to note down.
    clean = {"HOME": str(stage), "TMPDIR": str(scratch), "VIRTUAL_ENV": str(stage / "venv"), "LOGNAME": "sluice"}
    _run([str(ZAPPA), "package", "lambda", "--output", "zappa.zip"], {"PATH": os.defpath, **clean}, task)
    return task / "zappa.zip"


def _run(argv: list[str], environ: dict[str, str], folder: Path) -> None:
    ended = subprocess.run(argv, env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != 0:
        sys.exit(f"{ended.stdout}\n{Path(argv[0]).name} failed; the lines above say why")


def _unpack(archive: Path, target: Path) -> None:
    with zipfile.ZipFile(archive) as zappas:
        left_out = (*_LEFT_OUT, *(f"sluice/{pattern}" for pattern in _OF_THIS_MACHINE))
        names = {name for name in zappas.namelist() if not any(fnmatch(name, pattern) for pattern in left_out)}
        zappas.extractall(target, sorted(names))


def _compile(folder: Path) -> None:
    """Compile once what every cold start would compile again, as Lambda's disk can't be written to."""
    # By the sources' times it would be another zip each time; and nobody changes a source on Lambda.
    how = ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", TASK]
    # The order of a set's constants hangs on the hash of strings.
    stable = os.environ | {"PYTHONHASHSEED": "0"}
    _run([sys.executable, "-m", "compileall", "-q", *how, str(folder)], stable, folder)
