"""The table of `make bench`."""

from tests.bench.table import Row, table


def test_a_row_tells_both_times_the_ratio_and_whether_the_goal_was_met():
    rows = [Row("a start", 0.23, "an import", 0.2, 1.15), Row("a longer start", 0.5, "another", 0.25, 1.15)]

    assert table(rows).splitlines() == [
        "what            ours     compared with  theirs   ratio  goal",
        "a start         0.230 s  an import      0.200 s  1.15   <= 1.15  met",
        "a longer start  0.500 s  another        0.250 s  2.00   <= 1.15  NOT met",
    ]
