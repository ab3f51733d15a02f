"""How long a page of the public list takes, among a thousand videos and among a million, at its beginning and end."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from sluice.adapters.local.database import Database
from sluice.adapters.local.sqlite import MIGRATIONS, SqliteVideos
from sluice.api.cursors import cursor_of
from tests.bench.load import ask, request
from tests.bench.running import on_our_disk, sluice
from tests.bench.table import Row, at_most
from tests.bench.turns import in_turns
from tests.making import done

FEW, MANY = 1_000, 1_000_000
PAGE = 20
TIMES = 200
ROUNDS = 5
GOAL = at_most(1.3)
NUMBERED = "printf('01JD%022d', number)"


def lists() -> Iterator[Row]:
    """Medians of what one visitor waits who looks at one page after another."""
    with ExitStack() as stack:
        folder = stack.enter_context(on_our_disk())
        few, many = (_port_of(videos, folder / str(videos), stack) for videos in (FEW, MANY))
        first, last = "/api/videos", f"/api/videos?cursor={cursor_of(_id_of(PAGE + 1))}"
        pages = [partial(_page_s, port, path) for port, path in ((few, first), (many, first), (many, last))]
        for page in pages:
            page()
        among_few, among_many, deepest = in_turns(*pages, rounds=ROUNDS)
    yield Row(f"list: first page of {MANY:,} videos", among_many, f"of {FEW:,}", among_few, GOAL)
    yield Row(f"list: deepest page of {MANY:,} videos", deepest, "the first", among_many, GOAL)


def _port_of(videos: int, folder: Path, stack: ExitStack) -> int:
    """A Sluice with so many public videos."""
    _fill(folder / "data" / "sluice.db", videos)
    port: int = stack.enter_context(sluice(folder)).port
    return port


def _fill(path: Path, videos: int) -> None:
    """The first is stored as any; the others are its likeness, under ids of their own."""
    one = SqliteVideos(Database(path, MIGRATIONS)).add(done(id=_id_of(1)))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody else is there, and nothing is lost if it fails.
        connection.execute("PRAGMA synchronous=OFF")
        names = {name for _, name, *_ in connection.execute("PRAGMA table_info(videos)")} - {"id", "record"}
        connection.execute(_likenesses(", ".join(sorted(names))), {"id": one.id, "videos": videos})


def _likenesses(names: str) -> str:
    return f"""
        WITH RECURSIVE numbers (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < :videos)
        INSERT INTO videos (id, record, {names})
            SELECT {NUMBERED}, replace(record, :id, {NUMBERED}), {names} FROM numbers, videos WHERE id = :id
    """


def _id_of(number: int) -> str:
    return f"01JD{number:022d}"


def _page_s(port: int, path: str) -> float:
    return ask(port, [request(f"GET {path}")], TIMES).at(0.5)
