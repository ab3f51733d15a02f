"""ports.Queue and its workers' side: SQS's meaning, in a table."""

import json
from datetime import timedelta

import pytest
from botocore.stub import Stubber

from sluice.adapters.aws.sqs import SqsQueue
from sluice.adapters.local import database as database_module
from sluice.adapters.local import queue as lanes
from sluice.adapters.local.queue import SqliteQueue
from sluice.errors import Unavailable
from sluice.messages import LANES, EncodeSucceeded, OwnerDeleted, SourceArrived, dumps
from tests.making import ANN, NOW, an_id

MESSAGE = SourceArrived(an_id(1))
NEXT = EncodeSucceeded(an_id(1), 1)


class Clock:
    """Time that moves when told to."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def move(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rung():
    return []


@pytest.fixture
def queue(database, clock, rung):
    return SqliteQueue(database, rung.append, clock)


class SqliteWorker:
    """Takes messages as the worker of this machine does."""

    def __init__(self, queue, clock):
        self._queue, self._clock = queue, clock

    def take(self, lane):
        self._lease = self._queue.lease(lane, 10)
        return self._lease.body if self._lease else None

    def fail(self):
        self._clock.move(11)

    def acknowledge(self):
        self._queue.ack(self._lease)
        self._clock.move(11)


class SqsWorker:
    """Takes messages as Lambda's poller does, from queues with dead letters."""

    def __init__(self, sqs):
        self._sqs = sqs
        self.urls = {lane: sqs.create_queue(QueueName=lane)["QueueUrl"] for lane in LANES}
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": lanes.MAX_RECEIVES})
        sqs.set_queue_attributes(QueueUrl=self.urls["sources"], Attributes={"RedrivePolicy": policy})

    def take(self, lane):
        self._url = self.urls[lane]
        self._taken = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=0).get("Messages", ())
        return self._taken[0]["Body"] if self._taken else None

    def fail(self):
        receipt = self._taken[0]["ReceiptHandle"]
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def acknowledge(self):
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=self._taken[0]["ReceiptHandle"])


@pytest.fixture
def sqlite(queue, clock):
    return queue, SqliteWorker(queue, clock)


@pytest.fixture
def sqs(clients):
    worker = SqsWorker(clients("sqs"))
    return SqsQueue(clients, worker.urls), worker


@pytest.fixture(params=["sqlite", "sqs"])
def both(request):
    """A queue, and somebody who takes messages off it."""
    return request.getfixturevalue(request.param)


# --- every adapter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "lane"), [(MESSAGE, "sources"), (NEXT, "encodes"), (OwnerDeleted(ANN), "tasks")])
def test_a_sent_message_comes_out_of_its_lane_alone(both, message, lane):
    queue, worker = both
    queue.send(message)
    assert [worker.take(other) for other in LANES if other != lane] == [None] * (len(LANES) - 1)
    assert worker.take(lane) == dumps(message)


def test_what_is_being_worked_on_is_nobody_elses(both):
    queue, worker = both
    queue.send(MESSAGE)
    worker.take("sources")
    assert worker.take("sources") is None


def test_what_failed_comes_again(both):
    queue, worker = both
    queue.send(MESSAGE)
    worker.take("sources")
    worker.fail()
    assert worker.take("sources") == dumps(MESSAGE)


def test_what_was_acknowledged_never_comes_again(both):
    queue, worker = both
    queue.send(MESSAGE)
    worker.take("sources")
    worker.acknowledge()
    assert worker.take("sources") is None


def test_what_keeps_failing_is_set_aside(both):
    queue, worker = both
    queue.send(MESSAGE)
    for _ in range(lanes.MAX_RECEIVES):
        assert worker.take("sources") == dumps(MESSAGE)
        worker.fail()
    assert worker.take("sources") is None


# --- SQS --------------------------------------------------------------------------------------------------------------


def test_sqs_that_does_not_take_it_is_unavailable(clients):
    with Stubber(clients("sqs")) as stub:
        stub.add_client_error("send_message", "ServiceUnavailable", http_status_code=503)
        with pytest.raises(Unavailable):
            SqsQueue(clients, {"sources": "url"}).send(MESSAGE)


# --- SQLite -----------------------------------------------------------------------------------------------------------


def test_a_sent_message_is_leased_with_its_body(queue):
    queue.send(MESSAGE)
    lease = queue.lease("sources", 10)
    assert (lease.body, lease.receives) == (dumps(MESSAGE), 1)


def test_sending_rings_the_lanes_bell(queue, rung):
    queue.send(MESSAGE)
    assert rung == ["sources"]


def test_lanes_do_not_mix(queue):
    queue.send(MESSAGE)
    assert queue.lease("encodes", 10) is None


def test_a_lease_waits_for_no_disk(queue, monkeypatch):
    queue.send(MESSAGE)
    monkeypatch.setattr(database_module, "sync_bytes", lambda _: [].pop())
    assert queue.lease("sources", 10) is not None


def test_a_leased_message_is_hidden_from_others(queue):
    queue.send(MESSAGE)
    queue.lease("sources", 10)
    assert queue.lease("sources", 10) is None


def test_a_message_whose_lease_ended_is_delivered_again(queue, clock):
    queue.send(MESSAGE)
    queue.lease("sources", 10)
    clock.move(11)
    assert queue.lease("sources", 10).receives == 2


def test_a_renewed_lease_lasts(queue, clock):
    queue.send(MESSAGE)
    lease = queue.lease("sources", 10)
    clock.move(9)
    queue.renew([lease], 10)
    clock.move(9)
    assert queue.lease("sources", 10) is None


def test_an_acknowledged_message_is_gone(queue, clock):
    queue.send(MESSAGE)
    assert queue.ack(queue.lease("sources", 10))
    clock.move(1000)
    assert queue.lease("sources", 10) is None


def test_a_lease_that_somebody_else_has_now_is_worth_nothing(queue, clock):
    queue.send(MESSAGE)
    late = queue.lease("sources", 10)
    clock.move(11)
    current = queue.lease("sources", 10)
    assert not queue.holds(late)
    assert not queue.ack(late)
    assert queue.ack(current)


def test_only_leases_that_are_still_ours_are_renewed(queue, clock):
    queue.send(MESSAGE)
    late = queue.lease("sources", 10)
    queue.send(NEXT)
    mine = queue.lease("encodes", 20)
    clock.move(11)
    current = queue.lease("sources", 10)
    queue.renew([late, mine], 30)
    clock.move(15)
    assert queue.lease("sources", 10).seq == current.seq
    assert queue.lease("encodes", 10) is None
    assert queue.holds(mine)


def test_an_acknowledgement_sends_what_follows(queue, rung):
    queue.send(MESSAGE)
    queue.ack(queue.lease("sources", 10), then=NEXT)
    assert queue.lease("encodes", 10).body == dumps(NEXT)
    assert rung == ["sources", "encodes"]


def test_a_lost_lease_sends_nothing(queue, clock):
    queue.send(MESSAGE)
    late = queue.lease("sources", 10)
    clock.move(11)
    queue.lease("sources", 10)
    queue.ack(late, then=NEXT)
    assert queue.lease("encodes", 10) is None


def test_a_message_that_is_put_back_comes_later_and_later(queue, clock):
    queue.send(MESSAGE)
    queue.retry(queue.lease("sources", 10), "busy")
    assert queue.idle_s("sources") == 1
    clock.move(1)
    queue.retry(queue.lease("sources", 10), "busy")
    assert queue.idle_s("sources") == 2


def test_a_message_that_keeps_failing_is_set_aside(queue, clock, monkeypatch):
    monkeypatch.setattr(lanes, "MAX_RECEIVES", 2)
    queue.send(MESSAGE)
    queue.retry(queue.lease("sources", 10), "busy")
    clock.move(100)
    queue.retry(queue.lease("sources", 10), "busy")
    clock.move(1000)
    assert queue.lease("sources", 10) is None
    assert queue.idle_s("sources") is None


def test_a_message_that_kills_every_worker_is_set_aside(queue, clock, monkeypatch):
    monkeypatch.setattr(lanes, "MAX_RECEIVES", 1)
    queue.send(MESSAGE)
    queue.lease("sources", 10)
    clock.move(11)
    assert queue.lease("sources", 10) is None


def test_a_released_message_counts_as_never_taken(queue):
    queue.send(MESSAGE)
    queue.release(queue.lease("sources", 10))
    assert queue.lease("sources", 10).receives == 1


def test_releasing_rings_the_lanes_bell(queue, rung):
    queue.send(MESSAGE)
    queue.release(queue.lease("sources", 10))
    assert rung == ["sources", "sources"]


def test_a_message_released_for_later_waits(queue, clock):
    queue.send(MESSAGE)
    queue.release(queue.lease("sources", 10), delay_s=30)
    assert queue.lease("sources", 10) is None
    clock.move(30)
    assert queue.lease("sources", 10) is not None


def test_the_oldest_message_comes_first(queue, clock):
    queue.put("encoder", "old")
    clock.move(1)
    queue.put("encoder", "new")
    assert queue.lease("encoder", 10).body == "old"


def test_a_key_stands_in_its_lane_once(queue):
    queue.put("encoder", "first", key="job")
    queue.put("encoder", "second", key="job")
    assert queue.lease("encoder", 10).body == "first"
    assert queue.lease("encoder", 10) is None


def test_a_dropped_key_is_taken_from_whoever_holds_it(queue):
    queue.put("encoder", "body", key="job")
    lease = queue.lease("encoder", 10)
    queue.drop("encoder", "job")
    assert not queue.holds(lease)
    assert not queue.has("encoder", "job")


def test_messages_do_not_stay_hidden_when_the_clock_is_set_back(queue, clock):
    queue.send(MESSAGE)
    queue.lease("sources", 10)
    clock.move(-86400)
    assert queue.lease("sources", 10) is not None


def test_a_clock_set_back_by_minutes_hides_messages_for_a_minute_at_most(queue, clock):
    queue.send(MESSAGE)
    clock.move(-600)
    assert queue.lease("sources", 10) is not None


def test_what_a_dead_process_had_leased_is_free_at_once(queue, monkeypatch):
    queue.send(MESSAGE)
    monkeypatch.setattr(lanes.os, "getpid", lambda: 2**22 + 1)
    queue.lease("sources", 10)
    queue.free_abandoned()
    assert queue.lease("sources", 10).receives == 2


def test_what_was_freed_is_free_whatever_becomes_of_the_clock(queue, clock, monkeypatch):
    queue.send(MESSAGE)
    monkeypatch.setattr(lanes.os, "getpid", lambda: 2**22 + 1)
    queue.lease("sources", 10)
    queue.free_abandoned()
    clock.move(-30)
    assert queue.lease("sources", 10).receives == 2


def test_what_a_living_process_has_leased_stays_leased(queue):
    queue.send(MESSAGE)
    queue.lease("sources", 10)
    queue.free_abandoned()
    assert queue.lease("sources", 10) is None
