"""docs/COST.md says what the command prints."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sluice.entry.cli import main

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/COST.md").read_text()
README = " ".join((ROOT / "README.md").read_text().split())


def printed(*arguments: str) -> str:
    return CliRunner().invoke(main, ["quote", *arguments], catch_exceptions=False).output


@pytest.mark.parametrize("part", range(4))
def test_the_tables_are_those_of_the_command(part: int) -> None:
    assert printed("--tables").split("\n\n")[part].strip() in DOC


def test_there_is_no_table_that_the_command_does_not_print() -> None:
    rows = [line for line in DOC.splitlines() if line.startswith("|")]

    assert rows == [line for line in printed("--tables").splitlines() if line.startswith("|")]


def test_the_example_is_what_the_command_prints() -> None:
    said = printed("--duration", "754", "--height", "1080", "--hours-watched", "40")

    shown = re.search(r"for 40 hours:\n\n(.*?)\n\n\*\*", DOC, re.DOTALL)

    assert shown is not None
    assert re.sub(r"^ {4}", "", shown[1], flags=re.MULTILINE) == said.rpartition("\nPrices")[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (r"\*\*together\*\* \| \*\*([\d.]+)", "{} USD a month while nobody comes"),
        (r"1080 lines \| (\d+\.\d\d)", "{} USD for an hour of film at 1080 lines"),
    ],
)
def test_the_readme_names_the_same_prices(row: str, words: str) -> None:
    shown = re.search(rf"^\| {row}", DOC, re.MULTILINE)

    assert shown is not None
    assert words.format(shown[1]) in README
