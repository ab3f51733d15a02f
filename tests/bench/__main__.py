"""`make bench`: measures, and prints how we stand; all of it, with films of ours, is written down."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sluice.adapters.chunks import uncopyable
from sluice.settings import load
from tests.bench import films, ours
from tests.bench.cold_start import cold_start
from tests.bench.encode import encode
from tests.bench.lists import lists
from tests.bench.path import path
from tests.bench.quality import quality
from tests.bench.table import Row, table
from tests.bench.tickets import tickets
from tests.bench.uploads import uploads

SECTIONS: dict[str, Callable[[], Iterable[Row]]] = {
    "encode": encode,
    "quality": quality,
    "path": path,
    "lists": lists,
    "tickets": tickets,
    "uploads": uploads,
    "lambda": cold_start,
}
WRITTEN = Path(__file__).parents[2] / "docs" / "BENCH.md"
PAGE = """# How we stand

What `make bench` printed on {date}, on {cores} cores ({machine}), Python {python},
ffmpeg {ffmpeg}{films}. Every row was measured in one run, in turns with what it is compared
with; figures are medians, and only what they come to is worth comparing between machines.
`make bench ARGS="--help"` lists the sections.

{table}
"""
# What people add below this heading stays when the page is written again.
REMARKS = "\n## What is known of the causes\n"


def main() -> None:
    """Measure what was asked for and print the page; it is kept if all of it is there, and of our films."""
    names = _asked_for()
    rows: list[Row] = []
    try:
        for name in names:
            rows.extend(_measured(name))
    finally:
        # What was measured before something went wrong took long enough.
        print(_page(rows))
    if names == list(SECTIONS) and not os.environ.get(films.YOURS):
        WRITTEN.write_text(_page(rows) + _remarks(WRITTEN))


def _asked_for() -> list[str]:
    parser = argparse.ArgumentParser("make bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"one of {', '.join(SECTIONS)}; all by default")
    parser.add_argument(
        "--films",
        metavar="FOLDER",
        help=f"films of yours in place of ours: {', '.join(films.NAMES)}; what comes of them is only printed",
    )
    given = parser.parse_args()
    for name in given.sections:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}")
    if given.films:
        os.environ[films.YOURS] = given.films
        if trouble := _trouble(given.films):
            parser.error(trouble)
    return given.sections or list(SECTIONS)


def _trouble(folder: str) -> str | None:
    """Why films of yours will not do; None if they will, as far as can be told beforehand."""
    if not any(map(films.yours, films.NAMES)):
        return f"there is no film in {folder} that is named {' or '.join(films.NAMES)}"
    if film := films.yours(films.CONFORMANT):
        order = ours.order_of(film)
        if reason := uncopyable(order.source, order.facts):
            return f"the top rung of {film} can't be copied: {reason}"
    return None


def _measured(name: str) -> Iterable[Row]:
    for row in SECTIONS[name]():
        print(f"{name}: {row.what}: {row.goal.told(row.result)} ({row.goal})", file=sys.stderr, flush=True)
        yield row


def _remarks(page: Path) -> str:
    _, heading, remarks = (page.read_text() if page.exists() else "").partition(REMARKS)
    return heading + remarks


def _page(rows: list[Row]) -> str:
    return PAGE.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        machine=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        ffmpeg=_ffmpeg_version(),
        films=f", with films of {folder}" if (folder := os.environ.get(films.YOURS)) else "",
        table=table(rows),
    )


def _ffmpeg_version() -> str:
    told = subprocess.run([load().ffmpeg, "-version"], capture_output=True, text=True, check=True, timeout=30).stdout
    return told.split()[2]


if __name__ == "__main__":
    main()
