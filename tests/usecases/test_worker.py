"""When a worker takes messages, and what it makes of those that can't be worked on now, or again and again."""

import json
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, repeat
from queue import Queue
from types import SimpleNamespace

import pytest

from sluice.adapters.child import ToolUnusable
from sluice.adapters.local.database import Database
from sluice.adapters.local.durable import DiskFull, DiskUnusable
from sluice.adapters.local.kept import Kept
from sluice.adapters.local.orders import LANE as ENCODER
from sluice.adapters.local.queue import MAX_RECEIVES
from sluice.adapters.local.queue_room import QueueRoom
from sluice.adapters.local.sqlite import MIGRATIONS
from sluice.entry.worker import ALL_LANES, Worker
from sluice.errors import Unavailable
from sluice.layout import media_key
from sluice.messages import EncodeLost, OwnerDeleted, SourceArrived

WITHIN_S = 10


def taken_up(story, lane, times=1):
    """A lease on the lane's message, as it is after its holder died so often but once."""
    for _ in range(times - 1):
        story.home.queue.lease(lane, 1)
        story.move(seconds=2)
    return story.home.queue.lease(lane, 15)


def dead_letters(story):
    database = Database(story.app.settings.data / "sluice.db", MIGRATIONS)
    return [letter.lane for letter in QueueRoom(database, lambda _: None, story.app.now).dead()]


@pytest.mark.parametrize("trouble", [DiskFull, DiskUnusable, ToolUnusable])
def test_a_message_is_not_blamed_for_the_machine(story, monkeypatch, trouble):
    monkeypatch.setattr("sluice.entry.worker.flow.handle", raising(trouble))
    story.home.queue.send(SourceArrived("01JD0000000000000000000001"))
    worker = Worker(story.home, ALL_LANES)
    lease = taken_up(story, "sources", MAX_RECEIVES)
    worker.work_on(lease)
    assert dead_letters(story) == []
    assert story.home.queue.lease("sources", 15) is None
    story.move(seconds=10)
    assert story.home.queue.lease("sources", 15).receives == MAX_RECEIVES


@pytest.mark.parametrize("tool", ["ffmpeg", "ffprobe"])
def test_a_tool_whose_library_is_broken_is_waited_for(story, tmp_path, tool):
    ordered(story)
    home = with_tools(story, **{tool: script(tmp_path / tool, "echo 'libavutil.so.57: file too short' >&2; exit 127")})
    Worker(home, ALL_LANES).work_on(taken_up(story, ENCODER))
    assert story.take("encodes") is None
    story.move(seconds=10)
    assert story.home.queue.lease(ENCODER, 15).receives == 1


def test_what_is_said_of_an_encode_names_the_request_that_asked_for_the_ticket(story, tmp_path, caplog):
    caplog.set_level("INFO", "sluice.adapters.local")
    video = ordered(story, request="r-1")
    home = with_tools(story, ffmpeg=script(tmp_path / "ffmpeg", "echo broken >&2; exit 1"))
    Worker(home, ALL_LANES).work_on(taken_up(story, ENCODER))
    begin = f"video={video.id} request=r-1 attempt=1"
    assert [message for message in caplog.messages if not message.startswith(begin)] == []
    assert caplog.messages[-1] == f"{begin} ffmpeg exit=1: broken"


def test_a_full_database_says_that_the_disk_is_full(tmp_path):
    database = Database(tmp_path / "sluice.db", MIGRATIONS)
    database.rows("PRAGMA max_page_count = 1")
    with pytest.raises(DiskFull):
        database.execute(
            "INSERT INTO messages (lane, body, sent_at, visible_at) VALUES ('x', ?, 0, 0)", ("x" * 90_000,)
        )


def test_what_came_out_broken_while_the_disk_was_full_is_blamed_on_the_disk(story, monkeypatch):
    assert end_of_a_silent_encode(story, monkeypatch, 0, 1 << 40).code == "no_space"


def test_what_came_out_broken_on_a_disk_with_room_is_damaged(story, monkeypatch):
    assert end_of_a_silent_encode(story, monkeypatch, 1 << 40).code == "damaged"


def test_what_came_out_broken_because_its_source_went_away_is_lost(story, tmp_path):
    video = ordered(story)
    story.home.sources.path(video.id).unlink()
    home = with_tools(story, ffmpeg=script(tmp_path / "ffmpeg", "echo 'No such file or directory' >&2; exit 1"))
    Worker(home, ALL_LANES).work_on(taken_up(story, ENCODER))
    assert story.take("encodes") == EncodeLost(video.id, 1)


def test_a_killed_worker_is_not_held_against_a_film_that_got_further(story):
    video = ordered(story)
    story.app.media.put(media_key(video.id, 1, "360/init.mp4"), b"x", "video/mp4")
    (story.home.work / video.id / "00000-360").mkdir(parents=True)
    Worker(story.home, ALL_LANES).work_on(taken_up(story, ENCODER))
    assert story.take("encodes") == EncodeLost(video.id, 1, planned=True)


def test_a_worker_that_is_killed_again_where_it_was_before_is_held_against_the_film(story):
    video = ordered(story)
    story.app.media.put(media_key(video.id, 1, "360/init.mp4"), b"x", "video/mp4")
    (story.home.work / video.id / "00000-360").mkdir(parents=True)
    assert Kept(story.home.work / video.id).has_grown()
    Worker(story.home, ALL_LANES).work_on(taken_up(story, ENCODER))
    assert story.take("encodes") == EncodeLost(video.id, 1)


def test_who_takes_an_order_over_works_beside_who_has_not_noticed_yet(story, monkeypatch):
    folders = []
    monkeypatch.setattr("sluice.entry.worker.run_order", lambda job, **_: folders.append(job.work))
    ordered(story)
    worker = Worker(story.home, ALL_LANES)
    late = taken_up(story, ENCODER)
    story.move(seconds=20)
    next_one = taken_up(story, ENCODER)
    worker.work_on(next_one)
    worker.work_on(late)
    assert len(set(folders)) == 2


def test_the_reason_why_a_film_is_encoded_whole_is_logged(story, monkeypatch, caplog):
    caplog.set_level("INFO", "sluice")
    end_of_a_silent_encode(story, monkeypatch, 1 << 40)
    assert "attempt=1 not chunked: mov,mp4,m4a,3gp,3g2,mj2 has no index" in caplog.text


def test_a_message_that_comes_while_a_worker_sleeps_is_taken_at_once(story, monkeypatch):
    asleep, taken = threading.Event(), threading.Event()
    monkeypatch.setattr("sluice.entry.worker.SLEEP_AT_MOST_S", 60)
    monkeypatch.setattr(story.home.queue, "idle_s", lambda _: asleep.set())
    monkeypatch.setattr("sluice.entry.worker.flow.handle", lambda *_: taken.set())
    with running(Worker(story.home, ["tasks"]), monkeypatch):
        assert asleep.wait(WITHIN_S)
        story.home.queue.send(OwnerDeleted("ann"))
        assert taken.wait(WITHIN_S)


def test_two_orders_are_worked_on_at_once_in_one_pool(story, monkeypatch):
    both, pools = threading.Barrier(2), Queue()

    def run(job, **_):
        both.wait(WITHIN_S)
        pools.put(job.pool)

    monkeypatch.setattr("sluice.entry.worker.run_order", run)
    ordered(story)
    ordered(story)
    with running(Worker(story.home, [ENCODER]), monkeypatch):
        assert pools.get(timeout=WITHIN_S) is pools.get(timeout=WITHIN_S)


def test_a_film_too_many_waits_until_another_has_ended(story, monkeypatch):
    begun, may_end, looked = Queue(), threading.Semaphore(0), []
    monkeypatch.setattr("sluice.entry.worker.SLEEP_AT_MOST_S", 60)
    monkeypatch.setattr("sluice.entry.worker.capacity.films_at_once", lambda *_: 2)
    # By what waits it would look again at once, and again.
    monkeypatch.setattr(story.home.queue, "idle_s", lambda lane: looked.append(lane) or 0.0)

    def run(job, **_):
        begun.put(job.order.video_id)
        may_end.acquire(timeout=WITHIN_S)

    monkeypatch.setattr("sluice.entry.worker.run_order", run)
    one, two, three = (ordered(story).id for _ in range(3))
    with running(Worker(story.home, [ENCODER]), monkeypatch):
        assert {begun.get(timeout=WITHIN_S) for _ in range(2)} == {one, two}
        waiting = story.home.queue.lease(ENCODER, 15)
        assert waiting.key == f"{three}/1"
        story.home.queue.release(waiting)
        may_end.release()
        assert begun.get(timeout=WITHIN_S) == three
        assert len(looked) < 10
        may_end.release(2)


def test_a_worker_outlives_a_database_that_does_not_answer(story, monkeypatch):
    monkeypatch.setattr("sluice.entry.worker.flow.handle", lambda *_: None)
    tried = Queue()

    def fail(lease, *_):
        tried.put(json.loads(lease.body)["owner"])
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(story.home.queue, "ack", fail)
    monkeypatch.setattr(story.home.queue, "retry", fail)
    with running(Worker(story.home, ["tasks"]), monkeypatch):
        for owner in ("ann", "ben"):
            story.home.queue.send(OwnerDeleted(owner))
            assert [tried.get(timeout=WITHIN_S) for _ in ("ack", "retry")] == [owner, owner]


def test_nobody_else_takes_what_is_still_worked_on(story, monkeypatch):
    queue, begun, may_end, renewals = story.home.queue, threading.Event(), threading.Event(), Queue()
    renew, troubles = queue.renew, iter([Unavailable("the database does not answer")])
    monkeypatch.setattr("sluice.entry.worker.RENEW_EVERY_S", 0.001)

    def renewing(leases, lease_s):
        for trouble in troubles:
            raise trouble
        renew(leases, lease_s)
        renewals.put(len(leases))

    def run(*_, **__):
        begun.set()
        may_end.wait(WITHIN_S)

    def renewed(leases):
        """Wait until so many leases are renewed by a call that begins from now on."""
        while not renewals.empty():
            renewals.get()
        renewals.get(timeout=WITHIN_S)
        while renewals.get(timeout=WITHIN_S) != leases:
            pass

    monkeypatch.setattr("sluice.entry.worker.run_order", run)
    monkeypatch.setattr(queue, "renew", renewing)
    ordered(story)
    with running(Worker(story.home, [ENCODER]), monkeypatch):
        assert begun.wait(WITHIN_S)
        for _ in range(4):
            story.move(seconds=10)
            renewed(1)
            assert queue.lease(ENCODER, 15) is None
        may_end.set()
        renewed(0)


def test_a_worker_ends_by_what_nobody_thought_of(story, monkeypatch):
    story.home.queue.send(OwnerDeleted("ann"))
    worker = Worker(story.home, ["tasks"])
    monkeypatch.setattr("sluice.entry.worker.signal.signal", lambda *_: None)
    monkeypatch.setattr(worker, "_sweep", lambda: None)
    monkeypatch.setattr(worker, "work_on", lambda _: [].pop())
    with pytest.raises(Unavailable, match="a part of this worker failed"):
        worker.run()


def test_what_is_under_way_hears_of_a_thread_that_can_not_be_started(story, monkeypatch):
    start = threading.Thread.start

    def begin(thread):
        if thread.name == f"{ENCODER}_1":
            raise RuntimeError("can't start new thread")
        start(thread)

    worker, heard = Worker(story.home, [ENCODER]), []
    monkeypatch.setattr("sluice.entry.worker.run_order", lambda *_, **__: heard.append(worker._stopping.wait(WITHIN_S)))
    monkeypatch.setattr("sluice.entry.worker.signal.signal", lambda *_: None)
    monkeypatch.setattr(threading.Thread, "start", begin)
    ordered(story)
    ordered(story)
    with pytest.raises(Unavailable, match="a part of this worker failed"):
        worker.run()
    assert heard[0]


def test_a_worker_that_is_told_to_stop_while_it_is_told_to_stop_does_not_wait_for_itself(story, monkeypatch):
    worker, told = Worker(story.home, ["tasks"]), []

    def told_again(_):
        told.append("once")
        worker.stop()

    monkeypatch.setattr(worker, "_stopping", SimpleNamespace(set=lambda: told_again(None)))
    worker.stop()
    assert told == ["once"]


def test_what_a_dead_process_had_taken_is_taken_by_the_next_one(story, monkeypatch):
    taken = threading.Event()
    monkeypatch.setattr("sluice.entry.worker.flow.handle", lambda *_: taken.set())
    story.home.queue.send(OwnerDeleted("ann"))
    with monkeypatch.context() as dead:
        dead.setattr("sluice.adapters.local.queue.os.getpid", a_process_that_was)
        taken_up(story, "tasks")
    with running(Worker(story.home, ["tasks"]), monkeypatch):
        assert taken.wait(WITHIN_S)


@contextmanager
def running(worker, monkeypatch):
    """A worker at work; only a main thread may ask for signals. It sweeps nothing."""
    monkeypatch.setattr("sluice.entry.worker.signal.signal", lambda *_: None)
    monkeypatch.setattr(worker, "_sweep", lambda: None)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def a_process_that_was():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_killed_look_at_the_end_of_a_film_is_taken_again(story, tmp_path):
    ordered(story)
    home = with_tools(story, ffprobe=script(tmp_path / "ffprobe", "kill -9 $$"))
    Worker(home, ALL_LANES).work_on(taken_up(story, ENCODER))
    assert story.take("encodes") is None
    story.move(seconds=2)
    assert story.home.queue.lease(ENCODER, 15).receives == 2


def ordered(story, **given):
    """A video whose source arrived; its order waits."""
    video = story.ticket(title="A film", **given)
    story.upload(video)
    story.handle(SourceArrived(video.id))
    return video


def end_of_a_silent_encode(story, monkeypatch, *free):
    """How it ends when ffmpeg writes nothing, says nothing of it, and the disk has so much room at each look."""
    ordered(story)
    home = with_tools(story, ffmpeg=script(story.app.settings.data / "ffmpeg", "exit 0"))
    left = chain(free, repeat(free[-1]))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 40, free=next(left), used=0))
    Worker(home, ALL_LANES).work_on(taken_up(story, ENCODER))
    return story.take("encodes")


def with_tools(story, **programs):
    app = story.home.app
    return replace(story.home, app=replace(app, settings=replace(app.settings, **programs)))


def script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def raising(trouble):
    def handle(*_):
        raise trouble("full, or worse")

    return handle


def test_an_order_whose_workers_keep_dying_is_a_lost_encode_and_no_dead_letter(story):
    video = ordered(story)
    Worker(story.home, ALL_LANES).work_on(taken_up(story, ENCODER, MAX_RECEIVES))
    assert dead_letters(story) == []
    assert story.take("encodes") == EncodeLost(video.id, 1)
