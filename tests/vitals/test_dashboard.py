"""docs/grafana.json asks for numbers that there are, by labels that they have."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sluice.messages import EncodeFailed, EncodeProgressed, EncodeSucceeded
from tests.vitals.conftest import HERE, Watched
from tests.vitals.exposition import read

FILE = Path(__file__).parents[2] / "docs" / "grafana.json"
DASHBOARD = json.loads(FILE.read_text(encoding="utf-8"))
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
_METRIC = re.compile(r"\b(sluice_\w+)(?:\{([^}]*)\})?")
_BY = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture
def known(story: Watched, client: FlaskClient) -> dict[str, set[str]]:
    """The labels of every metric, after one of everything has happened."""
    done, failed = story.processing(), story.processing()
    story.handle(EncodeProgressed(done.id, 1, 50.0, playable=True))
    story.encode(done)
    story.handle(EncodeSucceeded(done.id, 1))
    story.handle(EncodeFailed(failed.id, 1, "damaged", "It is damaged."))
    client.get("/api/videos")
    found: dict[str, set[str]] = defaultdict(set)
    for name, labels in read(client.get("/metrics", **HERE).text):
        found[name] |= {label for label, _ in labels}
    return found


def labels_in(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    selected = [one for _, selector in _METRIC.findall(expression) for one in re.findall(r"(\w+)\s*[=!]", selector)]
    grouped = [one.strip() for names in _BY.findall(expression) for one in names.split(",")]
    return {*selected, *grouped}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_there_is(known: dict[str, set[str]], expression: str) -> None:
    names = [name for name, _ in _METRIC.findall(expression)]
    assert names
    assert set(names) <= known.keys()
    assert labels_in(expression) <= set.intersection(*(known[name] for name in names))


def test_no_metric_is_left_unseen(known: dict[str, set[str]]) -> None:
    shown = {name for expression in EXPRESSIONS for name, _ in _METRIC.findall(expression)}
    assert {re.sub("_(sum|count)$", "_bucket", name) for name in known} == shown


def test_a_legend_names_what_is_grouped_by() -> None:
    targets = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
    named = [set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) for target in targets]
    grouped = [labels_in(target["expr"]) - {"le"} for target in targets]
    assert all(name <= group for name, group in zip(named, grouped, strict=True))


def test_panels_fill_the_grid_without_lying_on_each_other() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells)) == 24 * max(y + 1 for _, y in cells)
