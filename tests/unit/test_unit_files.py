"""The files under docs/ that run Sluice for good: they fit each other, and the settings there are."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sluice.entry.processes import STOP_SPARE_S
from sluice.entry.starting import remedies
from sluice.settings import load

DOCS = Path(__file__).parents[2] / "docs"
UNITS = DOCS / "systemd"
LINES = [line for line in (UNITS / "sluice.env").read_text().splitlines() if line and not line.startswith("#")]
ENVIRONMENT = dict(line.split("=", 1) for line in LINES)


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(UNITS / name)
    return read


def test_the_environment_is_settings_and_nothing_misspelt(caplog: pytest.LogCaptureFixture) -> None:
    settings = load(ENVIRONMENT)
    assert (settings.accel, settings.stop_s, settings.log_format) == ("/.media", 120, "json")
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32"]
    assert caplog.messages == []


def test_the_unit_waits_longer_than_the_service_takes_to_stop() -> None:
    service = unit("sluice.service")["Service"]
    assert int(service["TimeoutStopSec"]) > int(ENVIRONMENT["SLUICE_STOP_S"]) + STOP_SPARE_S
    # Were every process told, uploads would be fine but workers would be told twice.
    assert service["KillMode"] == "mixed"


def test_what_no_start_cures_is_not_started_again() -> None:
    @remedies
    def misspelt() -> None:
        load({"SLUICE_PORT": "http"})

    with pytest.raises(SystemExit) as end:
        misspelt()

    assert unit("sluice.service")["Service"]["RestartPreventExitStatus"] == str(end.value.code)


def test_the_unit_and_nginx_name_the_same_folder_and_port() -> None:
    folder = f"/var/lib/{unit('sluice.service')['Service']['StateDirectory']}"
    nginx = (DOCS / "nginx.conf").read_text()
    assert folder == ENVIRONMENT["SLUICE_DATA"]
    assert f"alias {folder}/media/;" in nginx
    assert f"location {ENVIRONMENT['SLUICE_ACCEL']}/ {{" in nginx
    assert f"server 127.0.0.1:{load({}).port};" in nginx


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to check its units")
@pytest.mark.parametrize("name", ["sluice.service", "sluice-backup.service", "sluice-backup.timer"])
def test_systemd_finds_nothing_wrong_with_a_unit(name: str, tmp_path: Path) -> None:
    """But for what is only where it is installed: the folder, the user, the mount."""
    # In quotes, as the path of a checkout may have a blank in it.
    command = f'"{Path(sys.executable).with_name("sluice")}"'
    for file in UNITS.glob("sluice*.*"):
        text = file.read_text().replace("/opt/sluice/.venv/bin/sluice", command)
        (tmp_path / file.name).write_text(text)
    verify = ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stderr.splitlines() if "sluice" in line] == []
    assert done.returncode == 0
