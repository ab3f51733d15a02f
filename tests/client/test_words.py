"""Words that a server takes: measured against what the API itself says of them."""

import sys
from pathlib import Path

import pytest

from sluice.api import text
from sluice.client.words import description_misfit, name_of, title_misfit, title_of


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("a walk.mp4", "a walk"),
        ("   .mp4", ".mp4"),
        (f"{'x' * 250}.mp4", "x" * 200),
        ("e\u0301.mp4", "é"),
        ("a\nb.mp4", "a\N{REPLACEMENT CHARACTER}b"),
        ("caf\udce9.mp4", "caf\N{REPLACEMENT CHARACTER}"),
        ("a\\b.mp4", "a\\b"),
        (" ", "Untitled"),
    ],
)
def test_a_video_is_called_after_its_file(name: str, title: str) -> None:
    assert title_of(Path(name)) == title
    assert text.line(title, text.TITLE_MAX) == title


def test_every_character_becomes_one_that_a_name_may_hold() -> None:
    every = (chr(number) for number in range(sys.maxunicode + 1) if chr(number) != "/")
    name = name_of(Path("".join(every)))
    assert text.line(name, len(name)) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a\\b.mp4", "a\N{REPLACEMENT CHARACTER}b.mp4"),
        ("a\\", "a\N{REPLACEMENT CHARACTER}"),
        ("../a.mp4", "a.mp4"),
        ("a/..", "Untitled"),
        ("..", "Untitled"),
        ("/", "Untitled"),
    ],
)
def test_a_name_is_whole_on_the_server_and_leads_out_of_no_folder(path: str, name: str) -> None:
    assert name_of(Path(path)) == name
    assert text.file_name(name) == name


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "\u0958" * 101, "a\tb", "a\x1b[2Jb", "a\u202eb", "caf\udce9"])
def test_titles_that_the_api_refuses_are_refused_here(title: str) -> None:
    assert title_misfit(title)
    with pytest.raises(ValueError, match="characters"):
        text.line(title, text.TITLE_MAX)


@pytest.mark.parametrize("title", ["x" * 200, f"  {'x' * 200}\n", "e\u0301" * 200, "A\u3000walk"])
def test_titles_that_the_api_takes_are_taken_here(title: str) -> None:
    assert title_misfit(title) is None
    assert text.line(title, text.TITLE_MAX)


@pytest.mark.parametrize("description", ["x" * 5001, "a\x00b", "caf\udce9"])
def test_descriptions_that_the_api_refuses_are_refused_here(description: str) -> None:
    assert description_misfit(description)
    with pytest.raises(ValueError, match="characters"):
        text.paragraphs(description)


@pytest.mark.parametrize("description", ["", "x" * 5000, "a\r\n" * 2500, "a\n\tb"])
def test_descriptions_that_the_api_takes_are_taken_here(description: str) -> None:
    assert description_misfit(description) is None
    assert text.paragraphs(description) is not None
