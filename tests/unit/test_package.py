"""What goes to AWS: zips that are the same for the same files, and the right packages in them."""

import os
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = """\
boto3==1.44.5 \\
    --hash=sha256:11 \\
    --hash=sha256:12
flask==3.1.3 ; python_version >= '3.11' \\
    --hash=sha256:21
gunicorn==27.0.1 \\
    --hash=sha256:31
"""
ZAPPAS_LOCK = """\
durationpy==0.11 \\
    --hash=sha256:41
pip==26.3 \\
    --hash=sha256:51
zappa==0.63.0 \\
    --hash=sha256:61
"""


@pytest.fixture(autouse=True)
def _scripts(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "backend" / "package")


@pytest.fixture
def zips():
    import zips

    return zips


@pytest.fixture
def pins():
    import pins

    return pins


@pytest.fixture
def folder(tmp_path):
    """A folder with a program and a text two levels down."""
    folder = tmp_path / "folder"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "tool").write_text("#!/bin/sh\n")
    (folder / "bin" / "tool").chmod(0o755)
    (folder / "read.me").write_text("Hello.\n" * 100)
    return folder


def test_the_same_files_make_the_same_zip_at_any_time_and_under_any_umask(zips, folder, tmp_path):
    zips.write_zip(folder, tmp_path / "one.zip")
    os.utime(folder / "read.me", (0, 0))
    (folder / "read.me").chmod(0o600)
    (folder / "bin" / "tool").chmod(0o700)
    zips.write_zip(folder, tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_programs_stay_programs_and_everybody_may_read(zips, folder, tmp_path):
    zips.write_zip(folder, tmp_path / "one.zip")

    entries = zipfile.ZipFile(tmp_path / "one.zip").infolist()
    assert [(entry.filename, oct(entry.external_attr >> 16)) for entry in entries] == [
        ("bin/tool", "0o100755"),
        ("read.me", "0o100644"),
    ]


def test_a_changed_file_makes_another_zip(zips, folder, tmp_path):
    zips.write_zip(folder, tmp_path / "one.zip")
    (folder / "read.me").write_text("Hello.\n" * 99 + "Hallo.\n")
    zips.write_zip(folder, tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() != (tmp_path / "two.zip").read_bytes()


def test_functions_get_what_they_run_on_with_its_hashes(pins, tmp_path):
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "requirements-package.lock").write_text(ZAPPAS_LOCK)

    assert pins.for_lambda(tmp_path).splitlines() == [
        "flask==3.1.3 ; python_version >= '3.11' \\",
        "    --hash=sha256:21",
        "durationpy==0.11 \\",
        "    --hash=sha256:41",
        "zappa==0.63.0 \\",
        "    --hash=sha256:61",
    ]


def test_every_package_that_is_left_out_is_a_locked_one(pins):
    locked = (ROOT / "requirements.lock").read_text()

    assert {name for name in pins.GIVEN | pins.LOCAL | pins.UNUSED if f"\n{name}==" not in f"\n{locked}"} == set()


def test_what_both_locks_name_is_of_the_same_version(pins):
    """What there is of Zappa runs on the project's packages."""
    project, zappas = pins._pins(ROOT / "requirements.lock"), pins._pins(ROOT / "requirements-package.lock")

    both = project.keys() & zappas.keys()
    assert "werkzeug" in both
    assert {name: zappas[name].split()[0] for name in both} == {name: project[name].split()[0] for name in both}
