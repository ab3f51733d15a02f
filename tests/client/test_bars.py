"""The progress line, as text."""

import io

import pytest

from sluice.client.bars import Bar, line, size, span
from sluice.client.terminal import cut, width


class Terminal(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_are_told_by_thousands(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_spans_are_told_like_a_clock(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_line_fits_its_terminal() -> None:
    assert line("walk.mp4", 0.5, "1 MB", 40) == "walk.mp4 [#########---------]  50 % 1 MB"


def test_a_long_name_is_cut() -> None:
    shown = line("a" * 100, 1, "done", 60)
    assert len(shown) <= 60
    assert "…" in shown


def test_a_narrow_terminal_gets_the_number_alone() -> None:
    assert line("walk.mp4", 0.5, "1 MB of 2 MB", 20) == " 50 % 1 MB of 2 MB"
    assert line("walk.mp4", 0.5, "1 MB of 2 MB", 15) == " 50 % 1 MB of …"


@pytest.mark.parametrize("name", ["富士山" * 20, "e\u0301" * 60, "ｗａｌｋ.mp4", "富士山.mp4"])
@pytest.mark.parametrize("columns", [40, 41, 60, 80])
def test_a_line_fits_its_terminal_whatever_the_alphabet(name: str, columns: int) -> None:
    shown = line(name, 0.5, "1 MB", columns)
    assert "#" in shown
    assert width(shown) <= columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [("walk", 4, "walk"), ("walks", 4, "wal…"), ("富士山", 6, "富士山"), ("富士山", 5, "富士…"), ("富士山", 4, "富…")],
)
def test_wide_characters_take_two_columns(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


def test_accents_that_stand_apart_take_none() -> None:
    assert width("e\u0301") == 1


def test_speed_and_time_left_are_those_of_the_last_seconds() -> None:
    clock = iter([0.0, 0.0, 2.0, 2.0])
    out = Terminal()
    with Bar("walk.mp4", out=out, clock=lambda: next(clock)) as bar:
        bar.sent(0, 10_000_000)
        bar.sent(4_000_000, 10_000_000)
    assert "4.0 MB of 10.0 MB, 2.0 MB/s, 0:03 left" in out.getvalue()
    assert out.getvalue().endswith("\r\x1b[K")


def test_nothing_is_drawn_where_nobody_watches() -> None:
    out = io.StringIO()
    with Bar("walk.mp4", out=out) as bar:
        bar.sent(1, 2)
        bar.encoded("encoding", 50, 3)
    assert out.getvalue() == ""


def test_words_are_said_also_where_nobody_watches() -> None:
    out = io.StringIO()
    with Bar("walk.mp4", out=out) as bar:
        bar.say("the line broke")
    assert out.getvalue() == "the line broke\n"


def test_a_terminal_that_has_gone_is_no_failure() -> None:
    class Gone(Terminal):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    with Bar("walk.mp4", out=Gone()) as bar:
        bar.sent(1, 2)
        bar.say("the line broke")


def test_standard_error_may_be_closed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with Bar("walk.mp4") as bar:
        bar.sent(1, 2)
        bar.say("the line broke")
    assert capsys.readouterr().out == ""


def test_an_encode_says_how_long_it_takes() -> None:
    out = Terminal()
    with Bar("A walk", out=out) as bar:
        bar.encoded("encoding", 42.0, 61)
    assert " 42 % encoding, 1:01 left" in out.getvalue()


def test_names_and_words_can_not_steer_the_terminal() -> None:
    out = Terminal()
    with Bar("a\x1b[2Jb", out=out) as bar:
        bar.encoded("c\x1b[2Jd", 42.0, None)
        bar.say("e\x1b[2Jf")
    assert "\x1b[2J" not in out.getvalue()
    assert out.getvalue().count("\N{REPLACEMENT CHARACTER}[2J") == 3
