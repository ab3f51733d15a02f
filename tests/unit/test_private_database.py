"""Who on the machine may read a database."""

from pathlib import Path

from sluice.adapters.local.database import Database
from sluice.adapters.local.sqlite import MIGRATIONS


def test_nobody_else_on_the_machine_can_read_a_database(tmp_path: Path) -> None:
    Database(tmp_path / "data" / "sluice.db", MIGRATIONS)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert "sluice.db-wal" in modes
