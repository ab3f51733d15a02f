"""The real package: built twice, looked into, its ffprobe run."""

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

    assert {"sluice", "zappa", "flask", "jwt", "pydantic", "ffmpeg", "ulid", "handler.py", "zappa_settings.py"} <= there
    assert not there & {
        "boto3",
        "botocore",
        "urllib3",
        "gunicorn",
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


@pytest.mark.parametrize("name", ["ffprobe", "ffmpeg"])
def test_a_layer_has_a_program_that_runs_and_its_licence(package, tmp_path, name):
    with zipfile.ZipFile(package / f"{name}-layer.zip") as layer:
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in layer.infolist()}
        program = Path(layer.extract(f"bin/{name}", tmp_path))
        licence = layer.read(f"share/licenses/{name}/LICENSE.md").decode()
    program.chmod(0o755)

    assert modes.pop(f"bin/{name}") == "0o100755"
    assert set(modes.values()) == {"0o100644"}
    assert "GNU General Public License" in licence
    assert subprocess.run([program, "-version"], check=True, capture_output=True).stdout.startswith(name.encode())


def test_each_file_is_small_enough_for_one_upload_and_the_layers_for_a_function(package):
    """50 MB zipped, 250 MB unpacked."""
    zips = {path.name: zipfile.ZipFile(path) for path in package.glob("*.zip")}

    assert set(zips) == {"backend.zip", "ffprobe-layer.zip", "ffmpeg-layer.zip"}
    assert max((package / name).stat().st_size for name in zips) < 50_000_000
    assert sum(entry.file_size for one in zips.values() for entry in one.infolist()) < 250_000_000
