"""Who may still have how much of a disk that is injected."""

import errno
import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sluice.adapters.local.database import Database
from sluice.adapters.local.durable import DiskFull
from sluice.adapters.local.orders import LocalEncoder
from sluice.adapters.local.owed import Owed
from sluice.adapters.local.queue import SqliteQueue
from sluice.adapters.local.room import Room, RoomWatch
from sluice.adapters.local.sqlite import MIGRATIONS
from sluice.ladder import Order, plan
from sluice.messages import SourceArrived
from tests import orders
from tests.making import NOW, an_id

MB = 1 << 20


@pytest.fixture
def disk_with(monkeypatch):
    """Says how much is free, of 1000 MB."""

    def free(megabytes, total=1000):
        usage = SimpleNamespace(total=total * MB, free=int(megabytes * MB), used=0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    return free


@pytest.fixture
def queue(tmp_path):
    return SqliteQueue(Database(tmp_path / "sluice.db", MIGRATIONS), lambda _: None, lambda: NOW)


@pytest.fixture
def owed(tmp_path, queue):
    return Owed(queue._database, tmp_path)


@pytest.fixture
def put(tmp_path):
    """Puts a file of so many megabytes below the data folder."""

    def put(path, megabytes):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(int(megabytes * MB)))

    return put


def test_an_upload_needs_its_bytes_and_twice_as_many_for_its_stream(tmp_path, disk_with):
    disk_with(130)
    Room(tmp_path, 100 * MB).require_for_upload(10 * MB)
    with pytest.raises(DiskFull) as refusal:
        Room(tmp_path, 100 * MB).require_for_upload(10 * MB + 1)
    assert refusal.value.code == "no_space"


def test_what_is_owed_to_running_work_is_not_given_away(tmp_path, disk_with):
    disk_with(130)
    with pytest.raises(DiskFull):
        Room(tmp_path, 100 * MB, lambda: 30 * MB).require_for_upload(1)


def test_work_goes_on_where_uploads_are_refused(tmp_path, disk_with):
    disk_with(51)
    room = Room(tmp_path, 100 * MB)
    room.require_for_work()
    with pytest.raises(DiskFull):
        room.require_for_upload(0)


def test_work_stops_before_the_database_finds_the_disk_full(tmp_path, disk_with):
    disk_with(49)
    with pytest.raises(DiskFull):
        Room(tmp_path, 100 * MB).require_for_work()


def test_a_disk_that_is_away_for_a_moment_was_not_full(tmp_path, disk_with, monkeypatch):
    watch = RoomWatch(Room(tmp_path, reserve_bytes=100 * MB))

    def away(_):
        raise OSError(errno.EIO, "away")

    monkeypatch.setattr(shutil, "disk_usage", away)
    watch.look()
    assert not watch.was_full
    disk_with(10)
    watch.look()
    assert watch.was_full


@pytest.mark.parametrize(("total", "least"), [(200, 32), (2_000, 100), (1_000_000, 1024)])
def test_the_reserve_goes_by_the_size_of_the_disk(tmp_path, disk_with, total, least):
    disk_with(least, total)
    Room(tmp_path).require_for_upload(0)
    disk_with(least - 1, total)
    with pytest.raises(DiskFull):
        Room(tmp_path).require_for_upload(0)


def test_nothing_is_owed_where_nothing_runs(owed):
    assert owed() == 0


def test_a_running_upload_is_owed_its_stream(owed, put):
    put("raw/.unfinished/abc", 3)
    assert owed() == 6 * MB


def test_an_uploaded_source_is_owed_its_stream_once_however_often_announced(owed, put, queue):
    put(f"raw/{an_id(1)}", 3)
    queue.send(SourceArrived(an_id(1)))
    queue.send(SourceArrived(an_id(1)))
    queue.put("sources", "poison")
    queue.put("sources", json.dumps({"video_id": "../../etc"}))
    assert owed() == 6 * MB


def test_an_order_is_owed_what_it_has_not_written_yet(owed, put, queue, tmp_path):
    order = an_order()
    LocalEncoder(queue, None).submit(order)
    for poison in ("{}", "poison", '{"facts": {}}'):
        queue.put("encoder", poison)
    put(f"raw/{order.video_id}", 2)
    put(f"media/{order.video_id}/1/240/00000.m4s", 2)
    put(f"work/{order.video_id}-1-1/240/00001.m4s", 1)
    (tmp_path / f"work/{order.video_id}-1-1/240/00000.m4s").hardlink_to(
        tmp_path / f"media/{order.video_id}/1/240/00000.m4s"
    )
    sound = 128_000 * 8 // 8
    assert owed() == 4 * MB + sound - 3 * MB


def test_an_order_is_owed_no_more_than_its_rungs_may_spend(owed, put, queue):
    order = an_order()
    LocalEncoder(queue, None).submit(order)
    put(f"raw/{order.video_id}", 60)
    rungs = sum(one.max_bitrate for one in order.facts.renditions)
    assert owed() == (rungs + 128_000) * 8 // 8


def an_order():
    source = replace(orders.SOURCE, duration_s=8.0, bitrate=None)
    return Order(an_id(1), 1, source, plan(source, tall=False))
