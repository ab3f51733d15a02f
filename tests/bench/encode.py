"""Encodes beside the least that has to be done, and beside those of others, film by film.

Where the settings are ours on both sides, both encode the sound. Beside the defaults of others stand ours, which take
over sound that will do, and of the conformant film the top rung too, as PeerTube does.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sluice.ladder import Order
from sluice.settings import load

from . import films, ours, peers
from .runs import Chain, Run, in_rounds, run_chains
from .table import Goal, Row, at_most, times_less

CORES = os.cpu_count() or 1
LIMIT = "one thread, one pass"
Peer = Callable[[str, Path, Order, Path], list[Chain]]
_BOTH = {"all": ours.ENCODES_ALL, "defaults": ours.ENCODES_PICTURES}


def encode() -> Iterator[Row]:
    """Every film with what it is compared with; what is compared on one film shares our runs."""
    yield from _natural()
    yield from _long()
    yield from _noisy()
    yield from _conformant()


def _natural() -> Iterator[Row]:
    others = {"MediaCMS": peers.mediacms, "one per rung": peers.one_per_rung}
    others |= {"first look": peers.first_look, "chunks": peers.chunks_alone}
    film, runs = _in_rounds(films.NATURAL, _BOTH, others, limit=True)
    mine, theirs, alone_s = runs["defaults"], runs["MediaCMS"], runs["first look"].playable_s
    yield from _beside_the_limit(film, runs, cpu=at_most(1.10), wall=at_most(1.30))
    yield _chunks_beside_the_limit(film, runs, at_most(1.10))
    by_default = f"{film}, by default"
    yield Row(f"{by_default}: wall", mine.wall_s, "MediaCMS's defaults", theirs.wall_s, times_less(2.8))
    yield Row(f"{by_default}: CPU", mine.cpu_s, "MediaCMS's defaults", theirs.cpu_s, times_less(2.8))
    yield Row(f"{by_default}: playable", mine.playable_s, "MediaCMS's defaults", theirs.playable_s, times_less(40))
    yield Row(f"{by_default}: playable", mine.playable_s, "ffmpeg's part of it, alone", alone_s, at_most(1.25))
    yield _cpu_beside_one_per_rung(film, runs, times_less(1.35))


def _long() -> Iterator[Row]:
    film, runs = _in_rounds(films.LONG, {"all": ours.ENCODES_ALL}, {}, limit=True)
    yield from _beside_the_limit(film, runs, cpu=at_most(1.10), wall=at_most(1.20))


def _noisy() -> Iterator[Row]:
    others = {"PeerTube": peers.peertube, "one per rung": peers.one_per_rung, "chunks": peers.chunks_alone}
    film, runs = _in_rounds(films.NOISY, _BOTH, others, limit=True)
    mine, theirs = runs["defaults"].wall_s, runs["PeerTube"].wall_s
    yield _cpu_beside_the_limit(f"noisy {film}", runs, at_most(1.15))
    yield _chunks_beside_the_limit(f"noisy {film}", runs, at_most(1.15))
    yield Row(f"noisy {film}, by default: wall", mine, "PeerTube's defaults", theirs, times_less(3))
    yield _cpu_beside_one_per_rung(f"noisy {film}", runs, times_less(1.7))


def _conformant() -> Iterator[Row]:
    film, runs = _in_rounds(films.CONFORMANT, {"defaults": ours.COPIES}, {"PeerTube": peers.peertube})
    mine, theirs = runs["defaults"].wall_s, runs["PeerTube"].wall_s
    yield Row(f"{film}, top rung copied: wall", mine, "PeerTube's defaults", theirs, times_less(2.5))


# --- rows -------------------------------------------------------------------------------------------------------


def _beside_the_limit(film: str, runs: dict[str, Run], *, cpu: Goal, wall: Goal) -> Iterator[Row]:
    yield _cpu_beside_the_limit(film, runs, cpu)
    yield Row(f"{film}: wall", runs["all"].wall_s, f"{LIMIT}, shared by the cores", runs["limit"].cpu_s / CORES, wall)


def _cpu_beside_the_limit(film: str, runs: dict[str, Run], goal: Goal) -> Row:
    return Row(f"{film}: CPU", runs["all"].cpu_s, LIMIT, runs["limit"].cpu_s, goal)


def _chunks_beside_the_limit(film: str, runs: dict[str, Run], goal: Goal) -> Row:
    """What cutting costs; the rest of the row above is haste: a second thread here and there, and all cores at once."""
    return Row(f"{film}: CPU, chunk by chunk in one thread", runs["chunks"].cpu_s, LIMIT, runs["limit"].cpu_s, goal)


def _cpu_beside_one_per_rung(film: str, runs: dict[str, Run], goal: Goal) -> Row:
    return Row(f"{film}: CPU", runs["all"].cpu_s, "one ffmpeg per rung", runs["one per rung"].cpu_s, goal)


# --- runs -------------------------------------------------------------------------------------------------------


def _in_rounds(
    name: str, mine: Mapping[str, Mapping[str, str]], others: Mapping[str, Peer], *, limit: bool = False
) -> tuple[str, dict[str, Run]]:
    """What the film is called, and how long it took us by each of these settings, and everybody else."""
    film = films.film(name)
    order = ours.order_of(film)
    with _folder() as folder:
        contenders = {one: partial(_ours, film, settings) for one, settings in mine.items()}
        contenders |= {other: partial(_theirs, peer, film, order) for other, peer in others.items()}
        if limit:
            contenders["limit"] = partial(_limit, film, order, _parts(film, order, folder))
        return films.label(order), in_rounds(contenders)


def _ours(film: Path, settings: Mapping[str, str]) -> Run:
    with _folder() as folder:
        return ours.encode(film, folder, settings)


def _theirs(peer: Peer, film: Path, order: Order) -> Run:
    with _folder() as folder:
        return run_chains(peer(load().ffmpeg, film, order, folder), folder, at_once=CORES)


def _limit(film: Path, order: Order, parts: Sequence[Path]) -> Run:
    """All of it twice, at once: few parts would leave cores idle, and with a core to itself each takes less time."""
    chains = peers.limit(load().ffmpeg, parts, film, order)
    with _folder() as folder:
        both = run_chains([*chains, *chains], folder, at_once=CORES + 1)
    return Run(both.wall_s / 2, both.cpu_s / 2)


def _parts(film: Path, order: Order, folder: Path) -> list[Path]:
    """The film's pictures in about as many parts as there are cores, each with all that it takes to decode it."""
    cut = [
        "-c",
        "copy",
        "-f",
        "segment",
        "-segment_time",
        str(order.facts.duration_s / CORES),
        "-reset_timestamps",
        "1",
    ]
    argv = [load().ffmpeg, "-nostdin", "-v", "error", "-i", str(film), "-map", "0:v:0", *cut, f"{folder}/%03d.mkv"]
    subprocess.run(argv, check=True, timeout=60)
    return sorted(folder.glob("*.mkv"))


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder on the disk that the films are on, for one run."""
    films.CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=films.CACHE) as folder:
        yield Path(folder)
