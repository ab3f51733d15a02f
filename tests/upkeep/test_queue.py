"""The lanes as an operator sees them, and what may be done to dead letters."""

import json
import os
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from sluice.errors import Refused
from sluice.messages import EncodeSucceeded, SourceArrived
from sluice.settings import Cloud, Settings
from sluice.upkeep.place import Place
from tests.making import an_id
from tests.upkeep.conftest import Sluice, Told


@pytest.fixture
def kill(story: Told) -> Callable[..., None]:
    """Makes the next message of a lane a dead letter."""

    def kill(lane: str = "sources", error: str = "Unavailable: the disk is gone") -> None:
        for _ in range(5):
            lease = story.home.queue.lease(lane, 30)
            assert lease is not None
            story.home.queue.retry(lease, error)
            story.move(seconds=600)

    return kill


@pytest.fixture
def send(story: Told) -> Callable[[int], None]:
    return lambda number: story.home.queue.send(SourceArrived(an_id(number)))


def test_empty_lanes_are_shown_too(place: Place) -> None:
    assert [(lane.name, lane.waiting, lane.oldest_s) for lane in place.queue.lanes()] == [
        ("sources", 0, None),
        ("encodes", 0, None),
        ("tasks", 0, None),
    ]


def test_a_lane_tells_how_many_wait_and_how_long(place: Place, story: Told, send: Callable[[int], None]) -> None:
    story.move(seconds=-100)
    send(1)
    send(2)
    sources = place.queue.lanes()[0]
    assert (sources.waiting, sources.later, sources.leased, sources.dead) == (2, 0, 0, 0)
    assert sources.oldest_s is not None
    assert 100 <= sources.oldest_s < 130


def test_a_message_for_later_does_not_wait(place: Place, story: Told, send: Callable[[int], None]) -> None:
    send(1)
    lease = story.home.queue.lease("sources", 30)
    assert lease is not None
    story.home.queue.release(lease, delay_s=50)
    assert (place.queue.lanes()[0].waiting, place.queue.lanes()[0].later) == (0, 1)


def test_what_is_worked_on_names_its_process(place: Place, story: Told, send: Callable[[int], None]) -> None:
    send(1)
    story.home.queue.lease("sources", 300)
    (letter,) = place.queue.leased()
    assert (letter.lane, letter.kind, letter.video_id) == ("sources", "SourceArrived", an_id(1))
    assert letter.pid == os.getpid()
    assert place.queue.lanes()[0].leased == 1


def test_a_dead_letter_keeps_its_reason(sluice: Sluice, send: Callable[[int], None], kill: Callable[..., None]) -> None:
    send(1)
    kill()
    shown = sluice("queue").stdout
    assert f"dead 1: sources SourceArrived {an_id(1)}" in shown
    assert "tried 5 times: Unavailable: the disk is gone" in shown


@pytest.mark.parametrize("name", ["replay", "send-back"])
def test_a_replayed_dead_letter_is_delivered_again(
    sluice: Sluice, place: Place, story: Told, send: Callable[[int], None], kill: Callable[..., None], name: str
) -> None:
    send(1)
    kill()
    assert sluice("queue", name, "1").exit_code == 0
    lease = story.home.queue.lease("sources", 30)
    assert lease is not None
    assert (lease.receives, place.queue.dead()) == (1, [])


def test_all_dead_letters_are_dropped(
    sluice: Sluice, place: Place, send: Callable[[int], None], kill: Callable[..., None]
) -> None:
    send(1)
    kill()
    assert sluice("queue", "drop", "--all").stdout == "1\n"
    assert place.queue.dead() == []


def test_only_dead_letters_are_dropped(sluice: Sluice, place: Place, send: Callable[[int], None]) -> None:
    send(1)
    end = sluice("queue", "drop", "1")
    assert end.exit_code == 1
    assert "there is no dead letter 1" in end.stderr
    assert place.queue.lanes()[0].waiting == 1


def test_an_order_is_not_replayed_as_it_is_made_anew(place: Place, story: Told, kill: Callable[..., None]) -> None:
    story.home.queue.put("encoder", "{}", key="a/1")
    kill("encoder")
    with pytest.raises(Refused):
        place.queue.replay(1)


def test_a_body_that_nobody_can_read_is_shown_all_the_same(
    place: Place, story: Told, kill: Callable[..., None]
) -> None:
    story.home.queue.put("sources", "[not json")
    kill()
    assert [(letter.kind, letter.video_id) for letter in place.queue.dead()] == [("unreadable", None)]


def test_the_queue_as_json(sluice: Sluice, story: Told) -> None:
    story.home.queue.send(EncodeSucceeded(an_id(1), 1))
    shown = json.loads(sluice("queue", "--json").stdout)
    assert [(lane["name"], lane["waiting"]) for lane in shown["lanes"]] == [
        ("sources", 0),
        ("encodes", 1),
        ("tasks", 0),
    ]
    assert (shown["leased"], shown["dead"]) == ([], [])


@pytest.mark.parametrize("words", [(), ("1", "--all")])
def test_which_letters_must_be_said(sluice: Sluice, story: Told, words: tuple[str, ...]) -> None:
    assert sluice("queue", "drop", *words).exit_code == 2


@pytest.mark.parametrize("command", ["queue", "videos", "gc", "sweep", "keys rotate", "operators list"])
def test_a_folder_without_a_sluice_is_left_alone(sluice: Sluice, data: Path, command: str) -> None:
    end = sluice(*command.split())
    assert end.exit_code == 1
    assert "set SLUICE_DATA" in end.stderr
    assert not data.exists()


def test_a_sluice_on_aws_is_not_looked_for_here(story: Told, settings: Settings) -> None:
    cloud = Cloud(**dict.fromkeys([one.name for one in fields(Cloud)], "x"))
    with pytest.raises(Refused, match="on AWS"):
        Place(replace(settings, backend="aws", cloud=cloud))
