"""Every failure of a video either offers its owner another try of the same file, or is known not to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import sluice
from sluice.adapters import refusals
from sluice.adapters.aws import mediaconvert_ends
from sluice.adapters.local import encoding
from sluice.messages import EncodeFailed

ROOT = Path(__file__).parents[2]
# At which place each of these takes a code.
MAKERS = {"Unplayable": 0, "Failure": 0, "failed": 1, "EncodeFailed": 2}
LASTING = {
    "damaged",
    "encrypted",
    "no_video_stream",
    "not_a_video",
    "sound_unreadable",
    "source_gone",
    "too_complex",
    "too_large",
    "too_long",
    "too_slow",
    "too_small",
    "unsupported",
}


def test_the_site_offers_another_try_after_every_other_failure() -> None:
    written = (ROOT / "frontend" / "lib" / "failures.ts").read_text(encoding="utf-8")

    assert set(re.findall(r'"([a-z_]+)"', written)) == codes() - LASTING


def test_only_failures_that_there_are_are_listed() -> None:
    assert codes() >= LASTING


def test_a_damaged_file_is_told_in_the_same_words_in_both_homes() -> None:
    news = mediaconvert_ends.end("v", 1, "ERROR", 1010)

    assert isinstance(news, EncodeFailed)
    assert news.detail == encoding.DAMAGED == refusals.damaged().detail


def codes() -> set[str]:
    modules = Path(*sluice.__path__).rglob("*.py")
    return {*(code for module in modules for code in written_in(module)), *of_mediaconvert()}


def written_in(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    named = {
        one.targets[0].id: one.value
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS:
            place = MAKERS[call.func.id]
            code = call.args[place] if place < len(call.args) else None
            code = named.get(code.id, code) if isinstance(code, ast.Name) else code
            if isinstance(code, ast.Constant):
                yield str(code.value)


def of_mediaconvert() -> Iterator[str]:
    for error in range(1000, 2000):
        news = mediaconvert_ends.end("v", 1, "ERROR", error)
        if isinstance(news, EncodeFailed):
            yield news.code
