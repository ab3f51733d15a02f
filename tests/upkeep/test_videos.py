"""Everybody's videos, and which of them don't get on."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sluice.identity.users import User
from sluice.settings import Settings
from sluice.upkeep.stuck import reason
from sluice.video import Progress, Video
from sluice.wiring.local import local_home
from tests.making import NOW, a_video, done, failed, processing
from tests.upkeep.conftest import Sluice, Told


@pytest.mark.parametrize(
    ("video", "words"),
    [
        (processing(due_at=NOW - timedelta(minutes=4)), "overdue for the sweep"),
        (done(gone=True, due_at=NOW - timedelta(minutes=4)), "overdue for the sweep"),
        (processing(losses=2, due_at=NOW), "lost 2 times"),
        (a_video(nudges=3, due_at=NOW), "announced 3 times"),
        (processing(started_at=NOW - timedelta(hours=7), due_at=NOW), "running since 2026-11-21 05:00 UTC"),
    ],
)
def test_a_video_that_does_not_get_on_says_why(video: Video, words: str) -> None:
    assert words in str(reason(video, NOW))


@pytest.mark.parametrize(
    "video",
    [
        a_video(),
        processing(),
        done(),
        failed(),
        replace(done(), losses=3),
        processing(nudges=3),
        processing(losses=2, progress=Progress(40.0)),
    ],
)
def test_a_video_that_gets_on_is_not_called_stuck(video: Video) -> None:
    assert reason(video, NOW) is None


def test_why_a_message_was_given_up_is_why_its_video_is_stuck(sluice: Sluice, story: Told) -> None:
    story.move(minutes=-10)
    video = story.processing()
    for _ in range(5):
        lease = story.home.queue.lease("encoder", 30)
        assert lease is not None
        story.home.queue.retry(lease, "Unavailable: the disk is gone")
        story.move(seconds=60)
    shown = sluice("videos", "--stuck").stdout
    assert shown.startswith(video.id)
    assert "is dead letter" in shown
    assert shown.endswith("Unavailable: the disk is gone\n")


def test_all_videos_are_listed_newest_first(sluice: Sluice, story: Told) -> None:
    first, second = story.done(), story.failed()
    end = sluice("videos", "--json")
    listed = [json.loads(line) for line in end.stdout.splitlines()]
    assert [(entry["id"], entry["state"], entry["error"]) for entry in listed] == [
        (second.id, "failed", "damaged"),
        (first.id, "done", None),
    ]
    assert end.exit_code == 0


def owners(sluice: Sluice, **environ: str) -> tuple[str, object, object]:
    """Whose the only video is, for people and for programs."""
    line = sluice("videos", **environ).stdout
    plain = json.loads(sluice("videos", "--json", **environ).stdout)
    return line.split()[3], plain["owner"], plain["mail"]


@pytest.fixture
def video_of_ann(story: Told, settings: Settings) -> Video:
    identity = local_home(settings).identity
    assert identity is not None
    identity.users.add(User("ann", "ann@example.org", 1, b"sealed", {}, 0))
    return story.done()


@pytest.mark.usefixtures("video_of_ann")
def test_an_owner_whose_account_is_kept_here_is_named_by_address(sluice: Sluice) -> None:
    assert owners(sluice) == ("ann@example.org", "ann", "ann@example.org")


@pytest.mark.usefixtures("video_of_ann")
def test_an_owner_whose_account_is_kept_elsewhere_is_named_by_id(sluice: Sluice) -> None:
    elsewhere = {"SLUICE_ISSUER": "https://issuer.example.org", "SLUICE_CLIENT_ID": "it"}
    assert owners(sluice, **elsewhere) == ("ann", "ann", None)


def test_an_owner_who_has_left_is_named_by_id(sluice: Sluice, story: Told) -> None:
    story.done()
    assert owners(sluice) == ("ann", "ann", None)


@pytest.mark.usefixtures("video_of_ann")
def test_lost_accounts_keep_nobody_from_listing_videos(sluice: Sluice, data: Path) -> None:
    (data / "identity.db").unlink()
    assert owners(sluice) == ("ann", "ann", None)
    assert not (data / "identity.db").exists()


def test_a_state_is_picked_out(sluice: Sluice, story: Told) -> None:
    story.done()
    waiting = story.processing()
    assert [line.split()[0] for line in sluice("videos", "--state", "processing").stdout.splitlines()] == [waiting.id]


def test_the_states_are_counted(sluice: Sluice, story: Told) -> None:
    story.done()
    story.done()
    story.failed()
    assert sluice("videos").stderr == "in all: 2 done, 1 failed\n"


def test_nothing_stuck_is_exit_code_0(sluice: Sluice, story: Told) -> None:
    story.processing()
    end = sluice("videos", "--stuck")
    assert (end.exit_code, end.stdout) == (0, "")


def test_something_stuck_is_exit_code_1(sluice: Sluice, story: Told) -> None:
    story.move(minutes=-10)
    video = story.processing()
    end = sluice("videos", "--stuck")
    assert (end.exit_code, end.stdout.split()[0]) == (1, video.id)
    assert "is a worker for the lane `tasks` running?" in end.stdout
