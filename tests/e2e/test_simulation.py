"""docs/SCALING.md holds what `make simulate` prints; all of it, which takes its time."""

from pathlib import Path

import pytest

from tests.bench import burst

pytestmark = pytest.mark.e2e

DOC = (Path(__file__).parents[2] / "docs/SCALING.md").read_text()


def test_every_scenario_ends_as_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    burst.main(["--table"])

    assert capsys.readouterr().out.strip() in DOC


def test_the_burst_in_the_document_is_the_one_that_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    burst.main([])

    shown = [f"    {line}" for line in capsys.readouterr().out.rstrip().splitlines()]
    assert "\n".join(shown) in DOC
