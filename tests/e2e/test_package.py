"""The real package: built twice, looked into, its programs run."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packages import build, the_package

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def package():
    return the_package()


@pytest.fixture(scope="module")
def names(package):
    """What lies in the functions' zip."""
    with zipfile.ZipFile(package / "backend.zip") as backend:
        return backend.namelist()


def packages_in(names):
    return {name.split("/")[0] for name in names}


def test_the_same_tree_makes_the_same_package_again(package, tmp_path):
    again = build(tmp_path, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="7")

    assert json.loads((again / "package.json").read_text()) == json.loads((package / "package.json").read_text())
    assert (again / "backend.zip").read_bytes() == (package / "backend.zip").read_bytes()


def test_it_tells_terraform_of_the_python_that_the_tests_run_on(package):
    told = json.loads((package / "package.json").read_text())

    assert told["runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert told["architecture"] == "x86_64"
    assert told["backend.zip"]["bytes"] == (package / "backend.zip").stat().st_size < 12_000_000


def test_the_functions_have_what_they_run_on_and_not_what_lambda_has(names):
    there = packages_in(names)

    assert {"sluice", "zappa", "flask", "jwt", "ffmpeg", "ulid", "handler.py", "zappa_settings.py"} <= there
    assert not there & {
        "boto3",
        "botocore",
        "urllib3",
        "gunicorn",
        "flask_openapi3",
        "pydantic",
        "pydantic_core",
        "pip",
        "pytest",
        "moto",
        "tests",
        "package_info.json",
    }


def test_the_zip_has_each_file_once_compiled_beforehand(names):
    assert len(names) == len(set(names))
    assert f"sluice/__pycache__/flow.{sys.implementation.cache_tag}.pyc" in names
    assert "sluice/api/templates/docs.html" in names


def test_programs_in_it_are_for_lambdas_linux(package):
    with zipfile.ZipFile(package / "backend.zip") as backend:
        programs = [backend.read(name)[:20] for name in backend.namelist() if name.endswith(".so")]

    # ELF, 64 bits, x86-64.
    assert {(program[:5], program[18]) for program in programs} == {(b"\x7fELF\x02", 62)}


@pytest.mark.parametrize("program", ["ffprobe", "ffmpeg"])
def test_a_layer_has_its_program_that_runs_and_its_licence(package, tmp_path, program):
    with zipfile.ZipFile(package / f"{program}-layer.zip") as layer:
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in layer.infolist()}
        unpacked = layer.extract(f"bin/{program}", tmp_path)
        licence = layer.read(f"share/licenses/{program}/LICENSE.md").decode()

    assert modes.pop(f"bin/{program}") == "0o100755"
    assert set(modes.values()) == {"0o100644"}
    assert "GNU General Public License" in licence
    assert subprocess.run(["sh", "-c", f"chmod 755 {unpacked} && {unpacked} -version"], check=True).returncode == 0


def test_lambda_takes_what_is_uploaded_and_unpacked(package):
    parts = [zipfile.ZipFile(package / name) for name in ("backend.zip", "ffprobe-layer.zip", "ffmpeg-layer.zip")]

    assert max(Path(part.filename).stat().st_size for part in parts) < 50 << 20
    assert sum(entry.file_size for part in parts for entry in part.infolist()) < 250 << 20
