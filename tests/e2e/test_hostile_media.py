"""Hostile files before the probe and the encoder: the right word for each, in bounds, and nothing but itself opened."""

import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hls import checker
from tests.media import hostile, pointers
from tests.media.make import film
from tests.media.tracing import Judgement, Reach, can_trace, judge
from tests.media.verdicts import Accepted, Refused

pytestmark = pytest.mark.e2e

TRACED = can_trace()
needs_strace = pytest.mark.skipif(
    not TRACED,
    reason="strace is missing or may not trace: what ffmpeg opens can not be proved; apt-get install strace",
)

# One of each kind, where ffmpeg's own options are all that stands between a file and others.
UNWALLED = ["hls-sibling.mp4", "ffconcat-absolute.mp4", "dash-address.mp4", "playlist-as-subtitles.avi"]
UNWALLED += ["samples-in-a-sibling.mov", "hls-key-address.mp4", "film-then-playlist.mp4"]
# All of them take five minutes (`make hostile`), on all cores: not with several workers, each of which would judge all.
# Every run of the tests takes one in forty-eight.
SAMPLE = {*list(hostile.CASES)[::48], *UNWALLED}
CASES = {name: one for name, one in hostile.CASES.items() if os.environ.get("HOSTILE") == "all" or name in SAMPLE}

# What the encoder writes, by names that begin in its own folder.
OUTPUT = r"(?:audio|\d+)/(?!bait)[\w.]+|[\w.]+\.(?:jpg|ssim)"
# What the C library opens when it needs to: tables of characters, how memory is given out.
SYSTEM = r"/usr/lib\d*/.*|/lib\d*/.*|/proc/sys/vm/overcommit_memory|/sys/devices/system/cpu/online"
PROBE_AT_MOST = {"peak_mb": 800, "cpu_s": 40, "own_peak_mb": 256}
ENCODE_AT_MOST = {"peak_mb": 800, "cpu_s": 60, "own_peak_mb": 256}
ACCEPTED = [name for name, case in CASES.items() if isinstance(case.verdict, Accepted)]
REFUSED = [name for name, case in CASES.items() if isinstance(case.verdict, Refused)]


class Court:
    """Judges files on all cores, each once."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._pool = pool
        self._cases: dict[str, Future[Judgement]] = {}
        self._film = folder / "plain.mp4"
        film(sound=True)(self._film)

    def summon(self, name: str) -> None:
        if name not in self._cases:
            self._cases[name] = self._pool.submit(self._judge, name)

    def verdict(self, name: str) -> Judgement:
        self.summon(name)
        return self._cases[name].result()

    def harmless(self) -> Reach:
        """How far they reach for a film without any guile."""
        self._cases.setdefault("", self._pool.submit(judge, self._film, self._film, traced=True))
        return self._cases[""].result().reach or Reach(frozenset(), ())

    def file(self, name: str) -> Path:
        return self._folder / name / name

    def _judge(self, name: str) -> Judgement:
        file = made(self._folder / name, name)
        return judge(file, *([self._film] if CASES[name].encoded else []), traced=TRACED)


def made(folder: Path, name: str) -> Path:
    folder.mkdir()
    CASES[name].make(folder / name)
    return folder / name


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Court]:
    """A court that has begun with all files that are to be asked for."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        one = Court(tmp_path_factory.mktemp("court"), pool)
        for item in request.session.items:
            if item.path == request.path and "court" in getattr(item, "fixturenames", ()):
                one.summon(item.callspec.params["name"])
        yield one
        pool.shutdown(cancel_futures=True)


def strayed(reach: Reach, harmless: Reach, file: Path) -> set[str]:
    """What was opened that is neither the file, nor the encoder's own, nor opened for every film."""
    own = re.compile(rf"{re.escape(str(file))}|{re.escape(str(file.parent))}/home/.*|{OUTPUT}|{SYSTEM}")
    return {path for path in reach.opened - harmless.opened if not own.fullmatch(path)}


def bounds_broken(used: dict[str, float], at_most: dict[str, int]) -> dict[str, float]:
    return {name: used[name] for name, most in at_most.items() if used[name] > most}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_good_film_is_refused_with_its_reason(name: str, court: Court) -> None:
    report = court.verdict(name).report

    assert report["code"] in CASES[name].verdict.codes
    assert report["detail"].endswith(".")


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_can_be_shown_is_let_in_with_its_repairs(name: str, court: Court) -> None:
    report, verdict = court.verdict(name).report, CASES[name].verdict

    assert report["code"] is None, report["detail"]
    assert (set(report["repairs"]), tuple(report["rungs"])) == (verdict.repairs, verdict.rungs)
    assert report["seconds"] == pytest.approx(verdict.seconds, abs=0.1)


@pytest.mark.parametrize("name", [name for name in ACCEPTED if CASES[name].encoded])
def test_what_was_let_in_comes_out_playable_or_is_found_damaged(name: str, court: Court) -> None:
    report = court.verdict(name).report

    if CASES[name].verdict.encode_fails:
        assert (report["end"], report["left"]) == ("damaged", [])
    else:
        assert report["end"] == "EncodeSucceeded"
        assert checker.problems(Path(report["master"])) == []


@pytest.mark.parametrize("name", [name for name in pointers.CASES if name in REFUSED])
def test_an_encoder_that_is_given_a_pointer_all_the_same_makes_nothing_of_it(name: str, court: Court) -> None:
    report = court.verdict(name).report

    assert (report["end"], report["left"]) == ("damaged", [])


@pytest.mark.parametrize("name", CASES)
def test_a_look_and_an_encode_stay_within_memory_and_time(name: str, court: Court) -> None:
    report = court.verdict(name).report

    assert bounds_broken(report["probe"], PROBE_AT_MOST) == {}
    assert bounds_broken(report.get("encode", report["probe"]), ENCODE_AT_MOST) == {}


@needs_strace
@pytest.mark.parametrize("name", CASES)
def test_no_other_file_is_opened_and_nobody_is_called(name: str, court: Court) -> None:
    reach = court.verdict(name).reach or Reach(frozenset(), ("nothing was traced",))

    assert reach.called == ()
    assert strayed(reach, court.harmless(), court.file(name)) == set()


@needs_strace
@pytest.mark.parametrize("name", UNWALLED)
def test_on_a_kernel_that_isolates_nothing_it_is_the_same(name: str, court: Court, tmp_path: Path) -> None:
    file = made(tmp_path / "job", name)

    bare = judge(file, traced=True, unwalled=True)

    walled = court.verdict(name).report
    assert (bare.report["code"], bare.report.get("detail")) == (walled["code"], walled.get("detail"))
    assert bare.reach is not None
    assert bare.reach.called == ()
    assert strayed(bare.reach, court.harmless(), file) == set()
