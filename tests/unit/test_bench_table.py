"""The table of `make bench`."""

import pytest

from tests.bench.table import Goal, Row, at_least, at_most, loses, table, times_less


def test_a_row_tells_both_figures_the_result_and_whether_the_goal_was_met():
    rows = [
        Row("a start", 0.23, "an import", 0.2, at_most(1.15)),
        Row("a longer start", 0.5, "another", 0.25, at_most(1.15)),
    ]

    assert table(rows).splitlines() == [
        "| what           | ours   | compared with | theirs | result | goal    |         |",
        "| -------------- | ------ | ------------- | ------ | ------ | ------- | ------- |",
        "| a start        | 0.23 s | an import     | 0.2 s  | 1.15   | <= 1.15 | met     |",
        "| a longer start | 0.5 s  | another       | 0.25 s | 2.00   | <= 1.15 | NOT met |",
    ]


@pytest.mark.parametrize(
    ("goal", "ours", "theirs", "met"),
    [
        (at_most(1.5), 3.0, 2.0, True),
        (at_most(1.5), 3.1, 2.0, False),
        (at_most(1.1), 1.104, 1.0, False),
        (at_least(0.25), 25.0, 100.0, True),
        (at_least(0.25), 24.0, 100.0, False),
        (times_less(2.8), 10.0, 28.0, True),
        (times_less(2.8), 10.0, 27.0, False),
        (times_less(2.8), 10.0, 27.96, False),
        (loses(0.5), 95.5, 96.0, True),
        (loses(0.5), 95.4, 96.0, False),
        (loses(0.5), 97.0, 96.0, True),
    ],
)
def test_a_goal_is_a_bound_on_what_the_figures_come_to(goal: Goal, ours: float, theirs: float, met: bool):
    assert Row("ours", ours, "theirs", theirs, goal).met is met


@pytest.mark.parametrize(
    ("goal", "result", "told"),
    [
        (at_most(1.1), 1.099, "1.10"),
        (at_most(1.1), 1.104, "1.104"),
        (at_most(1.1), 1.1000004, "1.1000004"),
        (at_most(1.1), 1.106, "1.11"),
        (times_less(2.8), 2.796, "2.796"),
        (times_less(2.8), 2.801, "2.80"),
        (times_less(40), float("inf"), "inf"),
    ],
)
def test_what_is_not_met_does_not_look_as_if_it_were(goal: Goal, result: float, told: str):
    assert goal.told(result) == told
