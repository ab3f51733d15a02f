"""A quote for a file, looked into by the real probe."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sluice.entry.cli import main
from tests.media.make import film
from tests.media.strangers import CASES

pytestmark = pytest.mark.e2e


def test_a_file_is_quoted_by_what_is_in_it(tmp_path: Path) -> None:
    film(sound=True)(tmp_path / "film.mp4")

    found = json.loads(CliRunner().invoke(main, ["quote", str(tmp_path / "film.mp4"), "--json"]).output)

    assert [output["name"] for output in found["outputs"]] == ["240", "audio", "thumbnail"]
    assert found["outputs"][0]["minutes"] == pytest.approx(10 / 60)


def test_a_file_that_would_be_refused_gets_the_reason_instead_of_a_price(tmp_path: Path) -> None:
    CASES["text.mp4"].make(tmp_path / "text.mp4")

    refused = CliRunner().invoke(main, ["quote", str(tmp_path / "text.mp4")])

    assert refused.exit_code == 1
    assert refused.output.startswith("sluice: ")
