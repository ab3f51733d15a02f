"""Our frozen dataclasses do what the library's do."""

import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, fields, replace
from functools import cached_property

import pytest

from sluice import records


def film_of(dataclass):
    """The same class, made by either."""

    class Film:
        """A film."""

        name: str
        seconds: float = 0.0
        tags: tuple = ()
        claims: dict = field(default_factory=dict, compare=False)
        secret: str | None = field(default=None, repr=False)

        @cached_property
        def minutes(self):
            return self.seconds / 60

    return dataclass(frozen=True)(Film)


@pytest.fixture(params=[dataclasses.dataclass, records.dataclass], ids=["library", "ours"])
def film(request):
    return film_of(request.param)


def test_fields_are_given_by_place_and_by_name(film):
    one = film("a", 2.0, secret="x")
    assert (one.name, one.seconds, one.tags, one.claims, one.secret) == ("a", 2.0, (), {}, "x")


def test_each_instance_has_what_was_made_for_it(film):
    assert film("a").claims is not film("a").claims


@pytest.mark.parametrize("given", [{}, {"name": "a", "nobody": 1}])
def test_what_is_missing_or_unknown_is_refused(film, given):
    for _ in range(2):
        with pytest.raises(TypeError, match="__init__"):
            film(**given)


def test_equal_ones_are_one_in_a_set(film):
    assert film("a", claims={"x": 1}) == film("a")
    assert film("a") != film("b")
    assert len({film("a"), film("a", claims={"x": 1}), film("b")}) == 2
    assert film("a") != ("a", 0.0, (), None)


def test_nothing_is_changed(film):
    one = film("a")
    with pytest.raises(FrozenInstanceError, match="'name'"):
        one.name = "b"
    with pytest.raises(FrozenInstanceError, match="'name'"):
        del one.name
    assert one.name == "a"


def test_secrets_are_not_shown(film):
    assert repr(film("a", secret="x")).endswith("Film(name='a', seconds=0.0, tags=(), claims={})")


def test_the_tools_of_the_library_take_it(film):
    one = film("a", 90.0)
    assert replace(one, name="b") == film("b", 90.0)
    assert [field.name for field in fields(one)] == ["name", "seconds", "tags", "claims", "secret"]
    assert dataclasses.is_dataclass(one)
    assert dataclasses.asdict(one)["seconds"] == 90.0
    assert one.minutes == 1.5


@records.dataclass(frozen=True)
class Even:
    """A number that must be even."""

    number: int

    def __post_init__(self):
        if self.number % 2:
            raise ValueError("it is odd")

    def __repr__(self):
        return f"<{self.number}>"


def test_what_a_class_says_itself_stays():
    assert repr(Even(2)) == "<2>"
    for _ in range(2):
        with pytest.raises(ValueError, match="odd"):
            Even(3)


def test_it_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(Even(4))) == Even(4)


def test_none_is_made_that_could_be_changed():
    with pytest.raises(TypeError, match="frozen"):
        records.dataclass(frozen=False)
