"""ports.Replies: answers kept for the repetition of a creating call."""

from datetime import timedelta

import pytest

from sluice.adapters.aws.replies import DynamoReplies
from sluice.adapters.local.sqlite import SqliteReplies
from sluice.errors import Conflict
from sluice.ports import KEEP_REPLIES, Reply
from tests.making import ANN, BOB, NOW

LATER = NOW + KEEP_REPLIES
REPLY = Reply("print", 201, '{"id": 1}', "/api/videos/1")


@pytest.fixture
def sqlite(database):
    return SqliteReplies(database)


@pytest.fixture
def dynamo(table):
    return DynamoReplies(table)


@pytest.fixture(params=["sqlite", "dynamo"])
def replies(request):
    return request.getfixturevalue(request.param)


def test_a_new_key_is_the_callers_to_answer(replies):
    assert replies.claim(ANN, "k", now=NOW) is None


def test_a_kept_answer_is_given_again(replies):
    replies.claim(ANN, "k", now=NOW)
    replies.keep(ANN, "k", REPLY, until=LATER)
    assert replies.claim(ANN, "k", now=NOW) == REPLY


def test_keys_of_different_owners_do_not_meet(replies):
    replies.claim(ANN, "k", now=NOW)
    replies.keep(ANN, "k", REPLY, until=LATER)
    assert replies.claim(BOB, "k", now=NOW) is None


def test_a_key_that_is_being_answered_can_not_be_claimed(replies):
    replies.claim(ANN, "k", now=NOW)
    with pytest.raises(Conflict):
        replies.claim(ANN, "k", now=NOW)


def test_a_claim_whose_caller_died_ends_after_a_minute(replies):
    replies.claim(ANN, "k", now=NOW)
    assert replies.claim(ANN, "k", now=NOW + timedelta(seconds=61)) is None


def test_a_claim_from_before_the_clock_was_set_back_has_ended(replies):
    replies.claim(ANN, "k", now=NOW)
    assert replies.claim(ANN, "k", now=NOW - timedelta(hours=1)) is None


def test_a_released_key_can_be_claimed_at_once(replies):
    replies.claim(ANN, "k", now=NOW)
    replies.release(ANN, "k")
    assert replies.claim(ANN, "k", now=NOW) is None


def test_a_release_does_not_take_back_an_answer(replies):
    replies.claim(ANN, "k", now=NOW)
    replies.keep(ANN, "k", REPLY, until=LATER)
    replies.release(ANN, "k")
    assert replies.claim(ANN, "k", now=NOW) == REPLY


@pytest.mark.parametrize("lasts", [KEEP_REPLIES, timedelta(hours=1)])
def test_an_answer_is_forgotten_when_its_time_is_over(replies, lasts):
    replies.claim(ANN, "k", now=NOW)
    replies.keep(ANN, "k", REPLY, until=NOW + lasts)
    assert replies.claim(ANN, "k", now=NOW + lasts - timedelta(seconds=1)) == REPLY
    assert replies.claim(ANN, "k", now=NOW + lasts + timedelta(seconds=1)) is None
