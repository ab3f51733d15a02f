"""What goes over the wire: written under its own names, read without guessing."""

from typing import Annotated, Any, Literal

import pytest

from sluice.api.wire import Header, Model, Told, Unfit, as_text, json_of, members, read


class Part(Model):
    """A part of something."""

    width: int
    ratio: float | None = None


class Thing(Model):
    """Something made of parts."""

    kind: Literal["round", "square"]
    parts: list[Part]
    counts: dict[str, int]
    whole: bool
    note: Annotated[str, Told(read=lambda given: as_text(given).strip())] = "none"


class Lenient(Model):
    """Takes what it does not know."""

    ignores_unknown = True

    name: str = "nobody"


class Conditions(Header):
    """A header."""

    if_none_match: str | None = None


WRITTEN: dict[str, Any] = {
    "kind": "round",
    "parts": [{"width": 3, "ratio": None}, {"width": 4, "ratio": 0.5}],
    "counts": {"a": 1},
    "whole": True,
    "note": "straße",
}


def test_what_is_written_is_read_again() -> None:
    thing = read(Thing, WRITTEN)

    assert (thing.kind, thing.parts[1].width, thing.parts[1].ratio, thing.note) == ("round", 4, 0.5, "straße")
    assert members(thing) == WRITTEN | {"parts": thing.parts}


def test_json_is_compact_and_keeps_its_characters_and_its_order() -> None:
    assert json_of(Part(ratio=1.0, width=7)) == '{"width":7,"ratio":1.0}'
    assert json_of(read(Thing, WRITTEN)).endswith('"counts":{"a":1},"whole":true,"note":"straße"}')


def test_what_is_left_out_has_its_default_and_is_known_to_be_left_out() -> None:
    part = read(Part, {"width": 3})

    assert (part.ratio, vars(part)) == (None, {"width": 3})


def test_a_type_can_be_read_in_its_own_way() -> None:
    assert read(Thing, WRITTEN | {"note": "  words "}).note == "words"


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"kind": "flat"}, "kind"),
        ({"kind": ["round"]}, "kind"),
        ({"parts": {}}, "parts"),
        ({"parts": [{"width": 1}, {"width": "1"}]}, "parts.1.width"),
        ({"parts": [{"width": 1.0}]}, "parts.0.width"),
        ({"parts": [{"width": True}]}, "parts.0.width"),
        ({"parts": [{"width": 1, "height": 1}]}, "parts.0.height"),
        ({"parts": [{"width": 1, "ratio": "1"}]}, "parts.0.ratio"),
        ({"parts": ["part"]}, "parts.0"),
        ({"counts": []}, "counts"),
        ({"counts": {"a": None}}, "counts.a"),
        ({"whole": 1}, "whole"),
        ({"note": 7}, "note"),
        ({"more": 1}, "more"),
    ],
)
def test_nothing_is_coerced_and_what_does_not_fit_is_named(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(Unfit) as refusal:
        read(Thing, WRITTEN | changed)

    assert [where for where, _ in refusal.value.errors] == [place]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Unfit) as refusal:
        read(Thing, {"kind": "flat", "parts": [], "counts": {}, "extra": 1})

    assert refusal.value.errors == [
        ("kind", "Give round or square."),
        ("whole", "This is required."),
        ("extra", "There is no such field."),
    ]


def test_some_models_take_what_they_do_not_know() -> None:
    assert read(Lenient, {"other": 1}).name == "nobody"


def test_headers_have_the_names_of_headers() -> None:
    assert read(Conditions, {"If-None-Match": '"a"'}).if_none_match == '"a"'
