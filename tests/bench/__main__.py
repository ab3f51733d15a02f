"""`make bench`: measures, prints how we stand, and writes it down."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.cold_start import cold_start
from tests.bench.path import path
from tests.bench.table import Row, table

SECTIONS: dict[str, Callable[[], Iterable[Row]]] = {
    "lambda": cold_start,
    "path": path,
}
WRITTEN = Path(__file__).parents[2] / "docs" / "BENCH.md"
PAGE = """# How we stand

What `make bench` printed on {date}, on {cores} cores ({machine}), Python {python}. Every row was measured in
one run, in turns with what it is compared with; figures are medians, and only what they come to is worth
comparing between machines. `make bench ARGS="--help"` lists the sections.

{table}
"""


def main() -> None:
    """Measure what was asked for and print the table; all of it is written down as well."""
    names = _asked_for()
    rows = [row for name in names for row in _measured(name)]
    print(table(rows))
    if names == list(SECTIONS):
        WRITTEN.write_text(_page(rows))


def _asked_for() -> list[str]:
    parser = argparse.ArgumentParser("make bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"one of {', '.join(SECTIONS)}; all by default")
    sections: list[str] = parser.parse_args().sections
    for name in sections:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}")
    return sections or list(SECTIONS)


def _measured(name: str) -> Iterable[Row]:
    for row in SECTIONS[name]():
        print(f"{name}: {row.what}: {row.result:.2f} ({row.goal})", file=sys.stderr, flush=True)
        yield row


def _page(rows: list[Row]) -> str:
    return PAGE.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        machine=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        table=table(rows),
    )


if __name__ == "__main__":
    main()
