"""What every bucket keeps to."""

from datetime import timedelta

import pytest

from sluice.errors import NotFound
from sluice.ports import Objects
from tests.contract.objects.conftest import utc_now


def test_what_was_put_is_read_back(objects: Objects) -> None:
    objects.put("a/b.txt", b"hello", "text/plain")
    assert objects.read("a/b.txt") == b"hello"


def test_putting_again_replaces(objects: Objects) -> None:
    objects.put("a", b"first", "text/plain")
    objects.put("a", b"second", "text/plain")
    assert objects.read("a") == b"second"


def test_the_head_tells_size_and_time(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    head = objects.head("a")
    assert head is not None
    assert (head.size, head.metadata) == (5, {})
    assert abs(head.modified_at - utc_now()) < timedelta(minutes=1)


def test_the_head_of_other_bytes_has_another_stamp(objects: Objects) -> None:
    stamps = []
    for body in (b"first", b"second"):
        objects.put("a", body, "text/plain")
        stamps += [head.stamp for head in (objects.head("a"), objects.head("a")) if head]
    assert (len(stamps), len(set(stamps))) == (4, 2)
    assert stamps[0] == stamps[1]


def test_there_is_no_head_of_nothing(objects: Objects) -> None:
    assert objects.head("nothing") is None


def test_nothing_can_not_be_read(objects: Objects) -> None:
    with pytest.raises(NotFound):
        objects.read("nothing")


def test_reading_stops_at_the_limit(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    with pytest.raises(NotFound):
        objects.read("a", max_bytes=4)


def test_an_object_as_large_as_the_limit_is_read(objects: Objects) -> None:
    objects.put("a", b"12345", "text/plain")
    assert objects.read("a", max_bytes=5) == b"12345"


def test_the_list_has_all_depths_and_only_this_prefix(objects: Objects) -> None:
    objects.put("v/1/x", b"1", "text/plain")
    objects.put("v/1/deep/er/y", b"22", "text/plain")
    objects.put("v/10/z", b"333", "text/plain")
    assert sorted(objects.list("v/1/")) == [("v/1/deep/er/y", 2), ("v/1/x", 1)]


def test_the_list_of_nothing_is_empty(objects: Objects) -> None:
    assert list(objects.list("nothing/")) == []


def test_a_deleted_object_is_gone_and_may_be_deleted_again(objects: Objects) -> None:
    objects.put("a", b"1", "text/plain")
    objects.delete("a")
    objects.delete("a")
    assert objects.head("a") is None


def test_deleting_a_prefix_leaves_its_neighbours(objects: Objects) -> None:
    objects.put("v/1/deep/x", b"1", "text/plain")
    objects.put("v/10/x", b"1", "text/plain")
    objects.delete_prefix("v/1/")
    objects.delete_prefix("v/1/")
    assert list(objects.list("v/")) == [("v/10/x", 1)]
